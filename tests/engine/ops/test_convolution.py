"""Convolution and its transpose against PyTorch's, over many windows."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import ShapeError, check_gradients, ops
from descend.engine.ops import Window
from tests.engine.ops.agreement import agrees, checked, real
from tests.engine.ops.refusal import check_refused

CONV = {1: ops.conv1d, 2: ops.conv2d, 3: ops.conv3d}
TORCH = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: ops.conv_transpose1d, 2: ops.conv_transpose2d, 3: ops.conv_transpose3d}
TORCH_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
SIZES = {1: (9,), 2: (7, 8), 3: (4, 5, 4)}


@st.composite
def windows(draw: st.DrawFn, most: int = 2) -> tuple[int, tuple[int, ...], Window]:
    """A number of axes, a kernel and a window."""
    d = draw(st.integers(1, 3))
    each = lambda low, high: draw(st.tuples(*[st.integers(low, high)] * d))
    return d, each(1, 3 if d < 3 else 2), Window(each(1, most), each(0, 2), each(1, 3 if d < 3 else 2))


@given(windows(3), st.integers(1, 2), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2))
def test_any_convolution(shape: Any, n: int, groups: int, c: int, o: int) -> None:
    d, kernel, window = shape
    agrees(
        lambda x, w: CONV[d](x, w, window, groups=groups), lambda x, w: TORCH[d](x, w, None, *window, groups),
        real(n, groups * c, *SIZES[d]), real(groups * o, c, *kernel, seed=1),
    )  # fmt: skip


@given(windows(3), st.integers(1, 3), st.integers(1, 2), st.data())
def test_any_transposed_convolution(shape: Any, groups: int, o: int, data: st.DataObject) -> None:
    d, kernel, window = shape
    window = window._replace(padding=tuple(min(p, 1) for p in window.padding))  # more would cut everything away
    extra = data.draw(st.tuples(*(st.integers(0, s - 1) for s in window.stride)))
    agrees(
        lambda x, w: TRANSPOSED[d](x, w, window, output_padding=extra, groups=groups),
        lambda x, w: TORCH_TRANSPOSED[d](x, w, None, window.stride, window.padding, extra, groups, window.dilation),
        real(1, groups, *SIZES[d]), real(groups, o, *kernel, seed=1),
    )  # fmt: skip


@given(windows(), st.data())
def test_the_transpose_is_the_adjoint(shape: Any, data: st.DataObject) -> None:
    """<conv(x, w), g> = <x, conv_transpose(g, w)>, for images of whatever size the output padding makes up."""
    d, kernel, window = shape
    x, w = real(2, 3, *SIZES[d]), real(2, 3, *kernel, seed=1)
    y = CONV[d](x, w, window)
    g = real(*y.shape, seed=2)
    smallest = TRANSPOSED[d](g, w, window).shape
    extra = tuple(n - m for n, m in zip(x.shape[2:], smallest[2:]))
    back = TRANSPOSED[d](g, w, window, output_padding=extra)
    np.testing.assert_allclose((y.numpy() * g).sum(), (x * back.numpy()).sum(), atol=1e-9)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("kernel", [(3, 3), (2, 4), (1, 5)])
@pytest.mark.parametrize("dilation", [1, (2, 1)])
def test_padding_that_keeps_the_size(kernel: Any, dilation: Any) -> None:
    agrees(
        lambda x, w: ops.conv2d(x, w, ops.sliding(kernel, padding="same", dilation=dilation)),
        lambda x, w: F.conv2d(x, w, padding="same", dilation=dilation), real(1, 2, 7, 8), real(2, 2, *kernel),
    )  # fmt: skip


def test_padding_may_differ_before_and_behind() -> None:
    x, w = real(1, 2, 5, 5), real(2, 2, 3, 3)
    window = Window((1, 2), ((1, 0), (0, 2)))
    agrees(lambda x, w: ops.conv2d(x, w, window), lambda x, w: F.conv2d(F.pad(x, (0, 2, 1, 0)), w, stride=(1, 2)), x, w)


def test_depthwise_convolution_with_several_outputs_a_channel() -> None:
    x, w = real(2, 3, 5, 5), real(6, 1, 3, 3)
    agrees(lambda x, w: ops.conv2d(x, w, groups=3), lambda x, w: F.conv2d(x, w, groups=3), x, w, order=2)


def test_an_empty_batch() -> None:
    agrees(ops.conv2d, F.conv2d, real(0, 2, 5, 5), real(3, 2, 3, 3))
    checked(ops.conv_transpose2d, real(0, 2, 5, 5), real(2, 3, 3, 3))


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


@pytest.mark.parametrize("call", [
    lambda: ops.conv2d(real(1, 4, 5, 5), real(4, 4, 3, 3), groups=2), lambda: ops.conv2d(real(1, 4, 5, 5), real(3, 2, 3, 3), groups=2),
    lambda: ops.conv1d(real(1, 4, 5, 5), real(3, 4, 3)), lambda: ops.conv2d(real(1, 4, 5, 5), real(3, 4, 3, 3), Window((1,), (0,), (1,))),
    lambda: ops.conv_transpose2d(real(1, 4, 5, 5), real(3, 4, 3, 3)), lambda: ops.conv_transpose1d(real(1, 4, 5, 5), real(4, 4, 3)),
    lambda: ops.conv_transpose2d(real(1, 4, 5, 5), real(4, 2, 3, 3), output_padding=1), lambda: ops.conv_transpose2d(real(1, 4, 5, 5), real(4, 2, 3, 3), Window(padding=(4, 4))),
    lambda: ops.conv_transpose2d(real(1, 4, 5, 5), real(4, 2, 3, 3), groups=3), lambda: ops.conv_transpose2d(real(1, 4, 5, 5), real(4, 2, 3, 3), output_padding=(0, 0, 0)),
])  # fmt: skip
def test_what_does_not_fit_is_refused(call: Any) -> None:
    check_refused(call)
