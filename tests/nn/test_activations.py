from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import ShapeError, check_gradients
from descend.nn import Flatten, ReLU, Sigmoid, Softmax, Tanh
from tests.nn.peer import agree, close
from tests.nn.refusal import Mistake, check

NAMES = pytest.mark.parametrize("name", ["ReLU", "Tanh", "Sigmoid"])
OURS = {"ReLU": ReLU, "Tanh": Tanh, "Sigmoid": Sigmoid}
shapes = st.lists(st.integers(0, 5), max_size=4).map(tuple)


@NAMES
@settings(max_examples=40)
@given(shape=shapes, scale=st.sampled_from([0.0, 1.0, 30.0]), seed=st.integers(0, 2**32))
def test_agrees_with_pytorch(name, shape, scale, seed):
    x = np.asarray(scale * np.random.default_rng(seed).standard_normal(shape), np.float32)
    agree(OURS[name](), getattr(torch.nn, name)(), x, seed=seed)


@NAMES
def test_extreme_inputs_give_limits_and_finite_gradients(name):
    x = np.array([-np.inf, -3e38, -1e3, -0.0, 0.0, 1e3, 3e38, np.inf], np.float32)
    with torch.no_grad():
        expected = getattr(torch.nn, name)()(torch.from_numpy(x))
    assert np.allclose(OURS[name]()(x).numpy(), expected.numpy(), atol=1e-7, equal_nan=True)
    agree(OURS[name](), getattr(torch.nn, name)(), x[1:-1] / 1e30)


@settings(max_examples=40)
@given(st.data(), st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple), st.integers(0, 2**32))
def test_softmax_agrees_with_pytorch_along_every_axis(data, shape, seed):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = 5 * np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    agree(Softmax(axis), torch.nn.Softmax(axis), x, seed=seed)


def test_softmax_is_a_distribution_for_extreme_logits_too():
    x = np.array([[1e4, -1e4, 0.0], [-3e38, 3e38, 3e38], [88.8, 88.8, 88.8]], np.float32)
    y = Softmax()(x).numpy()
    close("softmax", y, [[1, 0, 0], [0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]])


@pytest.mark.parametrize("layer", [Tanh(), Sigmoid(), Softmax(), Softmax(0), Flatten()])
def test_gradients_of_first_and_second_order(layer):
    check_gradients(layer, np.random.default_rng(0).standard_normal((5, 3, 2)), order=2)


def test_gradients_of_relu_away_from_its_kink():
    x = np.random.default_rng(0).choice([-1, 1], (5, 3)) * np.random.default_rng(1).uniform(0.1, 2, (5, 3))
    check_gradients(ReLU(), x, order=2)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=5).map(tuple))
def test_flatten_keeps_the_rows_and_their_order(shape):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    y = Flatten()(x).numpy()
    assert y.shape == (shape[0], np.prod(shape[1:]))
    assert np.array_equal(y.reshape(-1), x.reshape(-1))


def test_flatten_agrees_with_pytorch():
    agree(Flatten(), torch.nn.Flatten(), np.random.default_rng(0).standard_normal((3, 2, 5)).astype(np.float32))


@pytest.mark.parametrize("shape", [(), (784,)])
def test_flatten_needs_a_batch(shape):
    x = np.zeros(shape, np.float32)
    check(Mistake(lambda: Flatten()(x), ShapeError, "Flatten(): a batch", str(shape), "(n, ...)", "x[None]"))


def test_softmax_along_an_axis_that_is_not_there():
    x = np.zeros((2, 3), np.float32)
    check(Mistake(lambda: Softmax(2)(x), ShapeError, "Softmax(axis=2): there is no axis 2", "2 axes", "-2 to 1"))


def test_shown():
    assert [repr(layer) for layer in (ReLU(), Flatten(), Softmax(1))] == ["ReLU()", "Flatten()", "Softmax(axis=1)"]
