from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import ShapeError, UsageError, check_gradients
from descend.nn import AvgPool2d, MaxPool2d
from tests.nn.peer import agree
from tests.nn.refusal import Mistake, check

BOTH = pytest.mark.parametrize("name", ["MaxPool2d", "AvgPool2d"])
OURS = {"MaxPool2d": MaxPool2d, "AvgPool2d": AvgPool2d}
kernels = st.tuples(st.integers(1, 4), st.integers(1, 4))


@BOTH
@settings(max_examples=80)
@given(data=st.data(), kernel=kernels, stride=st.none() | kernels, seed=st.integers(0, 2**32))
def test_agrees_with_pytorch(name, data, kernel, stride, seed):
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    h, w = (data.draw(st.integers(k, 11)) for k in kernel)
    shape = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)), h, w
    theirs = getattr(torch.nn, name)(kernel, stride, padding)
    x = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    agree(OURS[name](kernel, stride, padding), theirs, x, seed=seed)


@BOTH
def test_the_gradient_of_equal_values_goes_where_pytorch_sends_it(name):
    x = np.random.default_rng(0).integers(0, 2, (2, 3, 7, 5)).astype(np.float32)
    agree(OURS[name](3, 2, 1), getattr(torch.nn, name)(3, 2, 1), x)


def test_padding_never_wins_a_maximum():
    x = -1 - np.random.default_rng(0).random((1, 1, 4, 4)).astype(np.float32)
    assert MaxPool2d(2, padding=1)(x).numpy().max() < -1


@BOTH
def test_gradients_of_first_and_second_order(name):
    x = np.random.default_rng(0).permutation(2 * 2 * 5 * 7).reshape(2, 2, 5, 7) * 0.1
    check_gradients(OURS[name]((3, 2), stride=(2, 1), padding=(1, 0)), x, order=2)


def test_shows_its_window():
    assert repr(MaxPool2d(2)) == "MaxPool2d(kernel 2, stride 2)"
    assert repr(AvgPool2d((3, 2), 1, (1, 0))) == "AvgPool2d(kernel (3, 2), stride 1, padding (1, 0))"


@BOTH
@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 784)])
def test_only_images_are_pooled(name, shape):
    layer, x = OURS[name](2), np.zeros(shape, np.float32)
    check(
        Mistake(lambda: layer(x), ShapeError, f"{name}(kernel 2, stride 2)", str(shape), "(n, c, h, w)", "flattening")
    )


@BOTH
def test_wrong_windows(name):
    pool, image = OURS[name], np.zeros((1, 1, 7, 9), np.float32)
    check(Mistake(lambda: pool(8)(image), ShapeError, name, "image (7, 9)", "a window that fits", "smaller kernel"))
    check(Mistake(lambda: pool(2.0), UsageError, f"{name} needs", "kernel_size=2.0", "numbers from 1 up"))
    check(Mistake(lambda: pool(2, 0), UsageError, f"{name} needs", "stride=0", "numbers from 1 up"))
    check(Mistake(lambda: pool(3, padding=2), UsageError, name, "padding 2", "half the kernel"))
