from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import Generator, ShapeError, Tensor, UsageError, check_gradients, manual_seed
from descend.nn import Linear
from tests.nn.peer import agree, as_function
from tests.nn.refusal import Mistake, check

sizes = st.integers(1, 13)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 5), max_size=3), sizes, sizes, st.booleans(), st.integers(0, 2**32))
def test_agrees_with_pytorch(leading, n_in, n_out, bias, seed):
    manual_seed(seed)
    x = np.random.default_rng(seed).standard_normal((*leading, n_in)).astype(np.float32)
    agree(Linear(n_in, n_out, bias), torch.nn.Linear(n_in, n_out, bias), x, seed=seed)


@pytest.mark.parametrize("bias", [True, False])
def test_an_empty_batch_gives_no_rows_and_gradients_of_zero(bias):
    agree(Linear(3, 2, bias), torch.nn.Linear(3, 2, bias), np.zeros((0, 3), np.float32))


@pytest.mark.parametrize("bias", [True, False])
def test_gradients_of_first_and_second_order(bias):
    f, values = as_function(Linear(5, 3, bias))
    check_gradients(f, np.random.default_rng(0).standard_normal((7, 5)), *values, order=2)


def test_arrays_and_lists_are_inputs_too():
    layer = Linear(2, 3)
    expected = layer(Tensor([[1.0, 2.0]])).numpy()
    for x in ([[1.0, 2.0]], [[1, 2]], np.array([[1, 2]], np.float32), np.array([[1, 2]], np.uint8)):
        y = layer(x)
        assert y.dtype == np.float32
        assert np.array_equal(y.numpy(), expected)


def test_in_float64_it_computes_in_float64():
    layer = Linear(11, 3).double()
    x = np.random.default_rng(0).standard_normal((5, 11))
    y = layer(Tensor(x))
    assert np.abs(y.numpy() - (x @ layer.weight.numpy().T + layer.bias.numpy())).max() < 1e-14
    y.backward(np.ones((5, 3)))
    assert layer.weight.grad.dtype == np.float64


def test_integers_take_the_type_of_the_weights():
    assert Linear(3, 2)(np.ones((4, 3), np.uint8)).dtype == np.float32


def test_weights_follow_the_generator():
    a, b, c = (Linear(5, 3, generator=Generator(seed)) for seed in (1, 1, 2))
    assert np.array_equal(a.weight.numpy(), b.weight.numpy())
    assert np.array_equal(a.bias.numpy(), b.bias.numpy())
    assert not np.array_equal(a.weight.numpy(), c.weight.numpy())
    assert not np.array_equal(Linear(5, 3).weight.numpy(), Linear(5, 3).weight.numpy())


@pytest.mark.parametrize("n_in", [1, 9, 400])
def test_weights_and_biases_begin_within_one_over_the_root_of_the_inputs(n_in):
    layer = Linear(n_in, 500)
    for cell in (layer.weight, layer.bias):
        largest = np.abs(cell.numpy()).max()
        assert 0.9 * n_in**-0.5 < largest <= n_in**-0.5


def test_shows_its_sizes():
    assert repr(Linear(784, 30)) == "Linear(784 -> 30)"
    assert repr(Linear(784, 30, bias=False)) == "Linear(784 -> 30, no bias)"


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(
            lambda: Linear(0, 3), UsageError, "Linear needs a whole number for in_features", "in_features=0", "1, 2"
        ),
        Mistake(lambda: Linear(3, -1), UsageError, "out_features", "out_features=-1", "1, 2"),
        Mistake(lambda: Linear(784 / 2, 3), UsageError, "in_features", "392.0", "1, 2", "//"),
        Mistake(lambda: Linear("3", 3), UsageError, "in_features", "'3'", "1, 2"),
        Mistake(lambda: Linear(True, 3), UsageError, "in_features", "True", "1, 2"),
    ],
    ids=["no inputs", "negative", "a division", "text", "a truth value"],
)
def test_wrong_sizes(mistake):
    check(mistake)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(2, 5), (5,), (3, 28, 28), ()])
def test_wrong_number_of_features(shape, bias):
    layer = Linear(4, 3, bias)
    x = np.zeros(shape, np.float32)
    check(Mistake(lambda: layer(x), ShapeError, "Linear(4 -> 3", str(shape), "(..., 4)", "flatten images first"))


def test_sizes_may_be_numpy_integers():
    assert Linear(np.int64(3), np.prod((2, 2))).weight.shape == (4, 3)
