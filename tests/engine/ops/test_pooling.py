"""Pooling against PyTorch's, over many windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import ShapeError, UsageError, grad, ops
from descend.engine.ops import Window
from tests.engine.ops.agreement import agrees, checked, distinct, real, same

MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVG = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
SIZES = {1: (9,), 2: (7, 8), 3: (4, 5, 4)}


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, tuple[int, ...], Window]:
    """A number of axes, a kernel, and a window with at most half of it in the padding."""
    d = draw(st.integers(1, 3))
    kernel = draw(st.tuples(*[st.integers(1, 3)] * d))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    return d, kernel, Window(draw(st.tuples(*[st.integers(1, 3)] * d)), padding, (1,) * d)


@given(windows(), st.booleans(), st.data())
def test_any_maximum(shape: Any, ceil: bool, data: st.DataObject) -> None:
    d, kernel, window = shape
    spacing = data.draw(st.tuples(*[st.integers(1, 2)] * d)) if d < 3 else (1, 1, 1)
    window = window._replace(dilation=spacing)
    agrees(
        lambda x: ops.max_pool(x, kernel, window, ceil_mode=ceil),
        lambda x: MAX[d](x, kernel, *window, ceil_mode=ceil), distinct(2, 2, *SIZES[d]),
    )  # fmt: skip


@given(windows(), st.booleans(), st.booleans())
def test_any_mean(shape: Any, ceil: bool, counted: bool) -> None:
    d, kernel, window = shape
    agrees(
        lambda x: ops.avg_pool(x, kernel, window, ceil_mode=ceil, count_include_pad=counted),
        lambda x: AVG[d](x, kernel, window.stride, window.padding, ceil, counted), real(2, 2, *SIZES[d]),
    )  # fmt: skip


@given(windows(), st.booleans(), st.integers(1, 2))
def test_where_the_maxima_are(shape: Any, ceil: bool, dilation: int) -> None:
    d, kernel, window = shape
    window = window._replace(dilation=(dilation if d < 3 else 1,) * d)
    x = distinct(2, 2, *SIZES[d])
    values, places = ops.max_pool_with_indices(x, kernel, window, ceil_mode=ceil)
    wanted, numbers = MAX[d](torch.tensor(x), kernel, *window, ceil_mode=ceil, return_indices=True)
    same(values, wanted)
    assert places.dtype == np.int64
    assert places.tolist() == numbers.tolist()
    flat = x.reshape(2, 2, -1)
    same(values, np.take_along_axis(flat, places.numpy().reshape(2, 2, -1), 2).reshape(values.shape))


def test_unpooling_puts_the_maxima_back() -> None:
    x, window = distinct(2, 3, 6, 4), Window((2, 2))

    def ours(x: Any) -> Any:
        values, places = ops.max_pool_with_indices(x, (2, 2), window)
        return ops.max_unpool(values, places, (6, 4))

    def theirs(x: Any) -> Any:
        return F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2)

    agrees(ours, theirs, x)


@pytest.mark.parametrize("p", [1, 2, 3, 4.5])
@pytest.mark.parametrize("ceil", [False, True])
def test_norms_of_windows(p: float, ceil: bool) -> None:
    """PyTorch takes x itself to the power: the same for positive x. Its last windows may hang over by zeros."""
    x = np.abs(real(2, 2, 6, 8)) + 0.1
    agrees(lambda x: ops.lp_pool(x, p, (2, 4), Window((2, 4)), ceil_mode=ceil), lambda x: F.lp_pool2d(x, p, (2, 4)), x)
    checked(lambda x: ops.lp_pool(x, p, (3,), Window((1,), (1,), (1,))), real(1, 2, 5) + 0.05)


def test_a_window_of_zeros_has_norm_and_gradient_zero() -> None:
    g = grad(lambda x: ops.lp_pool(x, 2, (2,), Window((2,), (0,), (1,))).sum())(np.array([[[0.0, 0.0, 3.0, 4.0]]]))
    np.testing.assert_allclose(g.numpy(), [[[0, 0, 0.6, 0.8]]])


@pytest.mark.parametrize("p", [0.5, 1, 3])
def test_zeros_in_a_window_have_gradient_zero(p: float) -> None:
    f = lambda x: ops.lp_pool(x, p, (2,), Window((2,), (0,), (1,))).sum()
    np.testing.assert_allclose(grad(f)(np.array([[[0.0, 0.0, 0.0, -4.0]]])).numpy(), [[[0, 0, 0, -1]]])


@pytest.mark.parametrize("p", [0, -1, float("nan")])
def test_a_norm_has_a_positive_power(p: float) -> None:
    with pytest.raises(UsageError, match="positive power"):
        ops.lp_pool(real(1, 1, 4), p, (2,), Window((2,), (0,), (1,)))


def test_a_window_with_too_much_padding_is_refused() -> None:
    with pytest.raises(ShapeError, match="reach into the image"):
        ops.max_pool(real(1, 1, 5), (2,), Window((1,), (2,), (1,)))
    with pytest.raises(ShapeError, match="reach into the image"):
        ops.max_pool(real(1, 1, 5), (2,), Window((1,), ((0, 2),), (1,)))
    assert ops.max_pool(real(1, 1, 5), (2,), Window((1,), (1,), (1,))).shape == (1, 1, 6)


@pytest.mark.parametrize("pool", [ops.max_pool2d, ops.avg_pool2d])
@pytest.mark.parametrize("shape", [(3, 5, 5), (5, 5), (1, 2, 3, 4, 5), (1, 1, 1, 5)])
def test_pooling_is_for_images(pool: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError):
        pool(np.zeros(shape), (2, 2), Window((2, 2)))


def test_of_equal_pixels_the_first_gets_the_gradient() -> None:
    window = Window((2, 2))
    assert grad(lambda x: ops.max_pool2d(x, (2, 2), window).sum())(np.ones((1, 1, 2, 2))).tolist() == [
        [[[1.0, 0.0], [0.0, 0.0]]]
    ]


def test_padding_never_wins_a_maximum() -> None:
    window = Window((2, 2), (1, 1))
    x = -np.ones((1, 1, 2, 2))
    assert ops.max_pool2d(x, (2, 2), window).tolist() == [[[[-1.0, -1.0], [-1.0, -1.0]]]]
    assert grad(lambda x: ops.max_pool2d(x, (2, 2), window).sum())(x).tolist() == np.ones((1, 1, 2, 2)).tolist()
    assert ops.max_pool2d(x.astype(np.int64), (2, 2), window).tolist() == [[[[-1, -1], [-1, -1]]]]
    assert ops.max_pool2d(np.zeros((1, 1, 2, 2), np.uint8), (2, 2), window).dtype == np.uint8


def test_padding_counts_in_a_mean() -> None:
    assert ops.avg_pool2d(np.ones((1, 1, 2, 2)), (2, 2), Window((2, 2), (1, 1))).tolist() == [
        [[[0.25, 0.25], [0.25, 0.25]]]
    ]
    assert ops.avg_pool2d(np.ones((1, 1, 2, 2), np.int64), (2, 2), Window()).dtype == np.float32


def test_a_nan_is_not_pooled_away() -> None:
    x = np.array([[[[np.nan, 1.0], [2.0, 3.0]]]])
    assert np.isnan(ops.max_pool2d(x, (2, 2), Window()).item())
    assert np.isnan(ops.max_pool2d(x[..., ::-1, ::-1], (2, 2), Window()).item())


def test_many_taps() -> None:
    """More taps than a byte can number."""
    x = np.random.default_rng(0).permutation(20 * 20).reshape(1, 1, 20, 20).astype(np.float64)
    found = grad(lambda x: ops.max_pool2d(x, (20, 20), Window()).sum())(x)
    assert found.numpy().argmax() == x.argmax()
    assert found.numpy().sum() == 1
