from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import ShapeError, UsageError, check_gradients, manual_seed
from tests.nn.peer import agree, as_function, in_double
from tests.nn.refusal import Mistake, check


def images(library, channels: int, classes: int):
    """A small network of everything, in our layers or in PyTorch's: 9 x 7 images to scores."""
    return library.Sequential(
        library.Conv2d(channels, 4, 3, padding=1, bias=False), library.BatchNorm2d(4), library.ReLU(),
        library.MaxPool2d(2),
        library.Conv2d(4, 3, 2, stride=(2, 1)), library.Sigmoid(), library.AvgPool2d(2, stride=1, padding=1),
        library.Flatten(), library.Linear(3 * 3 * 3, 5, bias=False), library.BatchNorm1d(5), library.Tanh(),
        library.Dropout(0.0), library.Sequential(library.Linear(5, classes, bias=False), library.Softmax(-1)),
    )  # fmt: skip


@settings(max_examples=25)
@given(st.integers(4, 7), st.integers(1, 3), st.integers(1, 5), st.booleans(), st.integers(0, 2**32))
def test_a_network_of_everything_agrees_with_pytorch(n, channels, classes, training, seed):
    manual_seed(seed)
    x = np.random.default_rng(seed).standard_normal((n, channels, 9, 7))
    ours, theirs = images(nn, channels, classes).train(training), images(torch.nn, channels, classes).train(training)
    # Dividing by the spread of a few numbers that are nearly equal costs digits.
    agree(ours, theirs, x.astype(np.float32), 1e-3 if training else 1e-5, seed)
    agree(in_double(ours), theirs.double(), x, 1e-11, seed)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(1, 7), st.integers(0, 2**32))
def test_layers_of_drawn_sizes_agree_with_pytorch(sizes, n, seed):
    manual_seed(seed)

    def layers(library):
        return library.Sequential(
            *[part for pair in pairwise(sizes) for part in (library.Linear(*pair), library.Tanh())]
        )

    x = np.random.default_rng(seed).standard_normal((n, sizes[0])).astype(np.float32)
    agree(layers(nn), layers(torch.nn), x, seed=seed)


@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_a_network_of_everything(training):
    f, values = as_function(in_double(images(nn, 1, 3)).train(training))
    check_gradients(f, np.random.default_rng(0).standard_normal((4, 1, 9, 7)), *values)


@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_second_order_of_a_smooth_network(training):
    model = nn.Sequential(
        nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(8, 3), nn.Sigmoid(),
        nn.Linear(3, 2), nn.Softmax(),
    )  # fmt: skip
    f, values = as_function(in_double(model).train(training))
    check_gradients(f, np.random.default_rng(0).standard_normal((3, 1, 5, 6)), *values, order=2)


def test_is_a_list_of_its_layers():
    layers = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)
    model = nn.Sequential(*layers).train()
    assert list(model) == list(layers)
    assert len(model) == 3
    assert model[0] is layers[0]
    assert model[-1] is layers[2]
    assert len(nn.Sequential()) == 0


def test_nothing_in_sequence_is_the_identity():
    x = np.ones((2, 3), np.float32)
    assert nn.Sequential()(x) is x


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(lambda: nn.Sequential([nn.ReLU()]), UsageError, "layer 0", "a list", "modules", "Sequential(*layers)"),
        Mistake(
            lambda: nn.Sequential(nn.ReLU(), nn.Tanh), UsageError, "layer 1", "the class Tanh", "modules", "Tanh()"
        ),
        Mistake(lambda: nn.Sequential(np.tanh), UsageError, "layer 0", "a ufunc", "modules", "forward() calls it"),
        Mistake(lambda: nn.Sequential(nn.ReLU(), None), UsageError, "layer 1", "a NoneType", "modules", "forward()"),
    ],
    ids=["a list", "a class", "a function", "nothing"],
)
def test_layers_that_are_no_modules(mistake):
    check(mistake)


def test_an_error_names_the_innermost_layer_that_it_came_from():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(4, 1)))
    x = np.zeros((5, 2), np.float32)
    check(Mistake(lambda: model(x), ShapeError, "Linear(4 -> 1): the input", "x (5, 3)", "x (..., 4)"))
    with pytest.raises(ShapeError) as caught:
        model(x)
    assert str(caught.value).count("Linear") == 1
    assert "Sequential" not in str(caught.value)
