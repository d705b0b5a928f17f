from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import ShapeError, UsageError, check_gradients, manual_seed
from descend.models import mlp
from tests.nn.peer import agree, as_function, in_double
from tests.nn.refusal import Mistake, check


def theirs(sizes, activation):
    layers = [torch.nn.Flatten()]
    for n_in, n_out in pairwise(sizes):
        layers += [torch.nn.Linear(n_in, n_out), activation()]
    return torch.nn.Sequential(*layers[:-1])


@settings(max_examples=30)
@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(1, 7), st.sampled_from(["ReLU", "Tanh"]),
    st.integers(0, 2**32),
)  # fmt: skip
def test_agrees_with_pytorch(sizes, n, activation, seed):
    manual_seed(seed)
    x = np.random.default_rng(seed).standard_normal((n, sizes[0])).astype(np.float32)
    ours = mlp(sizes, getattr(nn, activation))
    agree(ours, theirs(sizes, getattr(torch.nn, activation)), x, seed=seed)
    assert len(ours) == 2 * len(sizes) - 2


def test_images_are_flattened():
    x = np.random.default_rng(0).standard_normal((5, 1, 7, 3)).astype(np.float32)
    agree(mlp([21, 4, 2]), theirs([21, 4, 2], torch.nn.ReLU), x)


def test_gradients_of_first_and_second_order():
    f, values = as_function(in_double(mlp([3, 4, 2], nn.Tanh)))
    check_gradients(f, np.random.default_rng(0).standard_normal((5, 3)), *values, order=2)


def test_every_layer_has_weights_and_an_activation_of_its_own():
    model = mlp([3, 3, 3, 3])
    weights = [layer.weight.numpy() for layer in model if isinstance(layer, nn.Linear)]
    assert not np.array_equal(weights[0], weights[1])
    assert len({id(layer) for layer in model if isinstance(layer, nn.ReLU)}) == 2


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(lambda: mlp([5]), UsageError, "input and its output", "[5]", "two sizes", "mlp([784, 30, 10])"),
        Mistake(lambda: mlp([]), UsageError, "input and its output", "[]", "two sizes", "mlp([784, 30, 10])"),
        Mistake(lambda: mlp(784), UsageError, "input and its output", "784", "two sizes", "mlp([784, 30, 10])"),
        Mistake(lambda: mlp([5, 0]), UsageError, "Linear needs", "out_features=0", "1, 2"),
        Mistake(lambda: mlp([5, "3"]), UsageError, "Linear needs", "out_features='3'", "1, 2"),
        Mistake(lambda: mlp([5, 3], nn.Tanh()), UsageError, "activation", "Tanh()", "makes them", "nn.Tanh"),
        Mistake(lambda: mlp([5, 3], "tanh"), UsageError, "activation", "'tanh'", "makes them", "nn.Tanh"),
        Mistake(
            lambda: mlp([784, 10])(np.zeros((3, 1, 32, 32), np.float32)), ShapeError, "Linear(784 -> 10)",
            "x (3, 1024)", "x (..., 784)", "build the layer",
        ),
        Mistake(lambda: mlp([784, 10])(np.zeros(784)), ShapeError, "Flatten()", "(784,)", "(n, ...)", "x[None]"),
    ],
    ids=["one size", "none", "a number", "zero", "text", "an instance", "a name", "larger images", "no batch"],
)  # fmt: skip
def test_mistakes(mistake):
    check(mistake)
