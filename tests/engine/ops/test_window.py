"""The geometry of windows, and columns of windows."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import UsageError, ops
from descend.engine.ops import Window, sliding
from tests.engine.ops.agreement import agrees, checked, real
from tests.engine.ops.refusal import check_refused

pair = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(pair, pair, st.tuples(st.integers(0, 2), st.integers(0, 2)), pair)
def test_columns_are_pytorch_s(kernel: Any, stride: Any, padding: Any, dilation: Any) -> None:
    window = Window(stride, padding, dilation)
    x = real(2, 3, 7, 8)
    agrees(lambda x: ops.unfold(x, kernel, window), lambda x: F.unfold(x, kernel, dilation, padding, stride), x)
    columns = real(*ops.unfold(x, kernel, window).shape)
    agrees(
        lambda y: ops.fold(y, (7, 8), kernel, window), lambda y: F.fold(y, (7, 8), kernel, dilation, padding, stride),
        columns,
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(2, 3, 7), (1, 2, 3, 4, 3)])
def test_columns_of_sequences_and_volumes(shape: tuple[int, ...]) -> None:
    """<unfold(x), g> = <x, fold(g)>, and a convolution is a product with columns."""
    kernel = (2,) * (len(shape) - 2)
    x, w = real(*shape), real(4, shape[1], *kernel)
    y = ops.unfold(x, kernel)
    g = real(*y.shape, seed=1)
    np.testing.assert_allclose((y.numpy() * g).sum(), (x * ops.fold(g, shape[2:], kernel).numpy()).sum(), atol=1e-10)
    convolve = {1: ops.conv1d, 3: ops.conv3d}[len(kernel)]
    product = ops.matmul(w.reshape(4, -1), y)
    np.testing.assert_allclose(product.numpy(), convolve(x, w).numpy().reshape(product.shape), atol=1e-10)
    checked(lambda x: ops.unfold(x, kernel), x)


def test_one_number_counts_for_every_axis() -> None:
    assert sliding((3, 5)) == Window()
    assert sliding((3,), 2, 1, 3) == Window((2,), (1,), (3,))
    assert sliding((3, 3), (2, 1), (1, (0, 1))) == Window((2, 1), (1, (0, 1)))
    assert sliding((3, 3), padding="valid") == Window()
    assert sliding((3, 4), padding="same") == Window((1, 1), (1, (1, 2)))
    assert Window((1, 1), (1, (0, 2))).pads == ((1, 1), (0, 2))


@pytest.mark.parametrize("call", [
    lambda: sliding((3, 3), (1, 2, 3)), lambda: ops.unfold(real(1, 2, 5, 5), (6, 1)), lambda: ops.unfold(real(1, 2, 5), (2, 2)),
    lambda: ops.fold(real(1, 5, 4), (3, 3), (2, 2)), lambda: ops.fold(real(1, 4, 5), (3, 3), (2, 2)),
    lambda: ops.fold(real(4, 4), (3, 3), (2, 2)),
])  # fmt: skip
def test_what_does_not_fit_is_refused(call: Any) -> None:
    check_refused(call)


def test_keeping_the_size_goes_with_a_stride_of_1() -> None:
    with pytest.raises(UsageError, match="stride of 1"):
        sliding((3,), 2, "same")
