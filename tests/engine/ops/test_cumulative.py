"""Running sums, products and maxima."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import ShapeError, grad, ops
from tests.engine.ops.agreement import agrees, checked, distinct, real

X = distinct(2, 7, 3)
PAIRS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "cumsum": (ops.cumsum, torch.cumsum),
    "cumprod": (ops.cumprod, torch.cumprod),
    "cummax": (ops.cummax, lambda x, axis: torch.cummax(x, axis)[0]),
    "logcumsumexp": (ops.logcumsumexp, torch.logcumsumexp),
}
every = pytest.mark.parametrize("name", PAIRS)


@every
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_running_results_are_pytorch_s(name: str, axis: int) -> None:
    ours, theirs = PAIRS[name]
    agrees(lambda x: ours(x, axis), lambda x: theirs(x, axis), X)


@every
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 8, 9])
def test_every_length(name: str, n: int) -> None:
    ours, theirs = PAIRS[name]
    agrees(lambda x: ours(x, 0), lambda x: theirs(x, 0), distinct(n, 2))


@every
def test_an_axis_that_is_not_there(name: str) -> None:
    with pytest.raises(ShapeError, match="no axis 3"):
        PAIRS[name][0](X, 3)


def test_large_exponents_do_not_overflow() -> None:
    x = np.array([1000.0, 1000.0, -1000.0])
    np.testing.assert_allclose(ops.logcumsumexp(x).numpy(), [1000, 1000 + np.log(2), 1000 + np.log(2)])


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int32])
@pytest.mark.parametrize("f", [ops.cumsum, ops.cumprod, ops.sum, ops.prod])
def test_small_integers_do_not_overflow(f: Callable[..., Any], dtype: Any) -> None:
    x = np.full(40, 2).astype(dtype)
    assert f(x, 0).dtype == np.int64
    assert f(x, 0).numpy().max() == getattr(np, f.__name__)(x.astype(np.int64)).max()


# The product.


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_products_over_every_axis(axis: Any, keepdims: bool) -> None:
    x = real(2, 3, 5) + 1
    np.testing.assert_allclose(ops.prod(x, axis, keepdims).numpy(), x.prod(axis, keepdims=keepdims))
    checked(lambda x: ops.prod(x, axis, keepdims), x)


@pytest.mark.parametrize("zeros", [[], [1], [0, 3], [0, 1, 2, 3, 4]])
def test_products_with_zeros_are_pytorch_s(zeros: list[int]) -> None:
    x = real(5)
    x[zeros] = 0
    agrees(ops.prod, torch.prod, x, order=2)
    agrees(lambda x: ops.cumprod(x, 0), lambda x: x.cumprod(0), x)
    checked(lambda x: ops.cumprod(x, 0), x, order=2)


def test_the_product_of_nothing_is_1() -> None:
    assert ops.prod(np.zeros((0, 3)), 0).tolist() == [1.0, 1.0, 1.0]
    assert ops.prod(np.zeros((0, 3)), 1).shape == (0,)
    assert grad(lambda x: ops.prod(x))(np.array([3.0])).tolist() == [1.0]
    assert grad(lambda x: ops.prod(x))(np.zeros((0, 3))).shape == (0, 3)
