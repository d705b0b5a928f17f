from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import Generator, ShapeError, UsageError, check_gradients, manual_seed
from descend.nn import Conv2d
from tests.nn.peer import agree, as_function
from tests.nn.refusal import Mistake, check

pairs = st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3)))
paddings = st.one_of(st.integers(0, 2), st.tuples(st.integers(0, 2), st.integers(0, 2)))


@st.composite
def images(draw, kernel, padding):
    """(n, c, h, w) that a window fits into."""
    k, p = (np.broadcast_to(size, 2) for size in (kernel, padding))
    h, w = (draw(st.integers(max(1, k[i] - 2 * p[i]), 11)) for i in (0, 1))
    return draw(st.integers(1, 3)), draw(st.integers(1, 3)), h, w


@settings(max_examples=80)
@given(st.data(), pairs, pairs, paddings, st.integers(1, 4), st.booleans(), st.integers(0, 2**32))
def test_agrees_with_pytorch(data, kernel, stride, padding, n_out, bias, seed):
    manual_seed(seed)
    shape = data.draw(images(kernel, padding))
    ours = Conv2d(shape[1], n_out, kernel, stride, padding, bias=bias)
    theirs = torch.nn.Conv2d(shape[1], n_out, kernel, stride, padding, bias=bias)
    agree(ours, theirs, np.random.default_rng(seed).standard_normal(shape).astype(np.float32), seed=seed)


def test_agrees_with_pytorch_at_the_size_of_lenet():
    x = np.random.default_rng(0).standard_normal((3, 16, 14, 14)).astype(np.float32)
    agree(Conv2d(16, 32, 5, padding=2), torch.nn.Conv2d(16, 32, 5, padding=2), x)


def test_gradients_of_first_and_second_order():
    f, values = as_function(Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(0, 1)))
    check_gradients(f, np.random.default_rng(0).standard_normal((2, 2, 5, 4)), *values, order=2)


def test_a_shifted_image_gives_a_shifted_output():
    layer = Conv2d(1, 2, 3)
    x = np.random.default_rng(0).standard_normal((1, 1, 9, 11)).astype(np.float32)
    y, shifted = layer(x).numpy(), layer(np.roll(x, (1, 2), (2, 3))).numpy()
    assert np.abs(shifted[:, :, 1:, 2:] - y[:, :, :-1, :-2]).max() < 1e-6


def test_weights_follow_the_generator():
    a, b, c = (Conv2d(2, 3, 3, generator=Generator(seed)) for seed in (1, 1, 2))
    assert np.array_equal(a.weight.numpy(), b.weight.numpy())
    assert np.array_equal(a.bias.numpy(), b.bias.numpy())
    assert not np.array_equal(a.weight.numpy(), c.weight.numpy())


def test_weights_and_biases_begin_within_one_over_the_root_of_the_inputs():
    layer = Conv2d(7, 300, (3, 5))
    for cell in (layer.weight, layer.bias):
        assert 0.9 < np.abs(cell.numpy()).max() * (7 * 3 * 5) ** 0.5 <= 1


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (Conv2d(1, 16, 5), "Conv2d(1 -> 16, kernel 5)"),
        (Conv2d(1, 16, 5, padding=2), "Conv2d(1 -> 16, kernel 5, padding 2)"),
        (Conv2d(1, 2, (3, 5), (2, 1), bias=False), "Conv2d(1 -> 2, kernel (3, 5), stride (2, 1), no bias)"),
    ],
)
def test_shows_its_sizes(layer, shown):
    assert repr(layer) == shown


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(
            lambda: Conv2d(0, 3, 3), UsageError, "Conv2d needs a whole number for in_channels", "in_channels=0", "1"
        ),
        Mistake(lambda: Conv2d(1, 2.0, 3), UsageError, "out_channels", "out_channels=2.0", "1", "//"),
        Mistake(lambda: Conv2d(1, 2, 0), UsageError, "kernel_size", "kernel_size=0", "numbers from 1 up"),
        Mistake(lambda: Conv2d(1, 2, (3, 3, 3)), UsageError, "kernel_size", "(3, 3, 3)", "like 3 or (3, 5)"),
        Mistake(lambda: Conv2d(1, 2, 3, stride=0), UsageError, "stride", "stride=0", "numbers from 1 up"),
        Mistake(lambda: Conv2d(1, 2, 3, padding=-1), UsageError, "padding", "padding=-1", "numbers from 0 up"),
        Mistake(lambda: Conv2d(1, 2, 3, padding="full"), UsageError, "padding", "'full'", "numbers", 'padding="same"'),
    ],
    ids=lambda mistake: mistake.given,
)
def test_wrong_settings(mistake):
    check(mistake)


@pytest.mark.parametrize(
    ("shape", "needed", "fix"),
    [
        ((5, 28, 28), "x (n, 1, h, w)", "x[:, None]"),
        ((5, 3, 28, 28), "x (n, 1, h, w)", "number of channels"),
        ((5, 784), "x (n, 1, h, w)", "x.reshape(-1, 1, 28, 28)"),
        ((5, 1, 8, 28), "a window that fits", "smaller kernel"),
    ],
    ids=["no channel axis", "colour", "flat", "too small"],
)
def test_wrong_images(shape, needed, fix):
    layer = Conv2d(1, 2, 9)
    given = str(shape) if needed.startswith("x") else "image (8, 28), window (9, 9)"
    x = np.zeros(shape, np.float32)
    check(Mistake(lambda: layer(x), ShapeError, "Conv2d(1 -> 2, kernel 9)", given, needed, fix))
