"""Convolution and pooling against PyTorch's, over many windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import ShapeError, Tensor, check_gradients, grad, ops
from descend.engine.ops import Window

pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings = st.tuples(st.integers(0, 2), st.integers(0, 2))
SIZE = (7, 8)


def extent(kernel: tuple[int, int], dilation: tuple[int, int]) -> list[int]:
    return [(kernel[i] - 1) * dilation[i] + 1 for i in (0, 1)]


def real(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape)


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found.numpy(), wanted.detach().numpy(), atol=1e-10)


@given(pair, pair, paddings, pair, st.integers(0, 2), st.integers(1, 2), st.integers(1, 2))
def test_any_convolution(kernel: Any, stride: Any, padding: Any, dilation: Any, n: int, c: int, o: int) -> None:
    window = Window(stride, padding, dilation)
    x, w = Tensor(real(n, c, *SIZE), requires_grad=True), Tensor(real(o, c, *kernel), requires_grad=True)
    a, b = (torch.tensor(t.numpy().copy(), requires_grad=True) for t in (x, w))
    wanted = F.conv2d(a, b, None, stride, padding, dilation)
    found = ops.conv2d(x, w, window)
    close(found, wanted)
    g = real(*found.shape)
    found.backward(g)
    wanted.backward(torch.tensor(g))
    close(x.grad, a.grad)
    close(w.grad, b.grad)


@given(pair, pair, paddings, pair, st.integers(0, 2))
def test_any_pooling(kernel: Any, stride: Any, padding: Any, dilation: Any, n: int) -> None:
    window = Window(stride, padding, dilation)
    x = np.random.default_rng(1).permutation(n * 2 * 56).reshape(n, 2, *SIZE).astype(np.float64)
    a = torch.tensor(x, requires_grad=True)
    if any(2 * padding[i] > extent(kernel, dilation)[i] for i in (0, 1)):
        with pytest.raises(ShapeError, match="reach into the image"):
            ops.max_pool2d(x, kernel, window)
    elif all(2 * padding[i] <= kernel[i] for i in (0, 1)):  # PyTorch does not count the dilation
        wanted = F.max_pool2d(a, kernel, stride, padding, dilation)
        close(ops.max_pool2d(x, kernel, window), wanted)
        g = real(*wanted.shape)
        wanted.backward(torch.tensor(g))
        close(grad(lambda x: (ops.max_pool2d(x, kernel, window) * g).sum())(x), a.grad)
    if dilation == (1, 1) and all(2 * padding[i] <= kernel[i] for i in (0, 1)):
        close(ops.avg_pool2d(x, kernel, window), F.avg_pool2d(a, kernel, stride, padding))


def test_second_derivatives_of_a_convolution() -> None:
    window = Window((2, 1), (1, 0))
    f = lambda x, w: ops.tanh(ops.conv2d(x, w, window))
    check_gradients(f, real(1, 2, 4, 5), real(2, 2, 3, 2), order=2)


@pytest.mark.parametrize(
    ("x", "w", "window"),
    [
        ((2, 3, 5, 5), (4, 2, 3, 3), Window()), ((3, 5, 5), (4, 3, 3, 3), Window()),
        ((2, 3, 5, 5), (4, 3, 3), Window()),
        ((2, 3, 2, 5), (4, 3, 3, 3), Window()), ((2, 3, 5, 5), (4, 3, 3, 3), Window(dilation=(3, 1))),
        ((2, 3, 5, 5), (4, 3, 3, 3), Window(stride=(0, 1))), ((2, 3, 5, 5), (4, 3, 3, 3), Window(padding=(-1, 0))),
        ((2, 3, 5, 5), (4, 3, 0, 3), Window()), ((2, 3, 5, 5), (4, 3, 3, 3), Window(dilation=(0, 1))),
    ],
)  # fmt: skip
def test_a_convolution_that_does_not_fit_is_refused(x: tuple[int, ...], w: tuple[int, ...], window: Window) -> None:
    with pytest.raises(ShapeError) as caught:
        ops.conv2d(np.zeros(x), np.zeros(w), window)
    assert caught.value.given
    assert caught.value.needed
    assert caught.value.fix


def test_a_window_that_just_fits() -> None:
    assert ops.conv2d(np.zeros((1, 1, 3, 3)), np.zeros((1, 1, 3, 3))).shape == (1, 1, 1, 1)
    assert ops.conv2d(np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 3, 3)), Window(padding=(1, 1))).shape == (1, 1, 1, 1)


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
