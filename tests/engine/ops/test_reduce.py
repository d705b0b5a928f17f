"""Reductions and the softmax pair where they are delicate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import ShapeError, Tensor, check_gradients, grad, ops
from descend.engine.ops.reduce import normalized

X = np.random.default_rng(0).standard_normal((2, 3, 5))
REDUCTIONS = [ops.sum, ops.mean, ops.var, ops.max, ops.min]


# Axes.


@pytest.mark.parametrize(
    ("axis", "wanted"),
    [(None, (0, 1, 2)), (1, (1,)), (-1, (2,)), ((2, 0), (0, 2)), ([0, -1], (0, 2)), ((), ()), (np.int64(1), (1,))],
)
def test_axes_are_brought_into_order(axis: Any, wanted: tuple[int, ...]) -> None:
    assert normalized(axis, 3) == wanted


@pytest.mark.parametrize("axis", [3, -4, (0, 3), (0, 0), (0, -3), "rows", 1.0, (0, None)])
def test_axes_that_are_not_there_are_refused(axis: Any) -> None:
    with pytest.raises(ShapeError, match="axis") as caught:
        normalized(axis, 3)
    assert caught.value.fix


def test_a_number_has_no_axes() -> None:
    for f in (lambda x: ops.sum(x, 0), ops.softmax, ops.argmax):
        with pytest.raises(ShapeError, match="no axis") as caught:
            f(Tensor(1.0))
        assert caught.value.needed == "a tensor with axes"
    assert ops.sum(Tensor(2.0)).item() == 2.0
    assert ops.max(Tensor(2.0)).item() == 2.0


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), ()])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("f", REDUCTIONS)
def test_every_reduction_along_every_axis(f: Callable[..., Tensor], axis: Any, keepdims: bool) -> None:
    if f is ops.var:
        wanted = X.var(axis, keepdims=keepdims)
    else:
        wanted = getattr(np, f.__name__)(X, axis=axis, keepdims=keepdims)
    found = f(X, axis, keepdims)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-12)
    check_gradients(lambda x: f(x, axis, keepdims) * 1.5, X)


# Types and empty inputs.


def test_sums_of_small_integers_do_not_overflow() -> None:
    for dtype in (bool, np.uint8, np.int8, np.int32, np.uint32):
        x = ops.sum(np.ones(300, dtype))
        assert (x.item(), x.dtype) == (300, np.int64)


@pytest.mark.parametrize("f", [ops.mean, ops.var, ops.softmax, ops.log_softmax, ops.logsumexp])
def test_means_of_integers_are_float32(f: Callable[..., Tensor]) -> None:
    assert f([1, 2, 4]).dtype == np.float32
    assert f(np.array([1.0, 2.0])).dtype == np.float64


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int64, np.float32])
def test_extremes_of_every_type(dtype: Any) -> None:
    x = np.array([[1, 0], [0, 1], [0, 0]]).astype(dtype)
    if np.dtype(dtype).kind in "iu":
        x[0, 0], x[2, 1] = np.iinfo(dtype).max, np.iinfo(dtype).min
    for f, wanted in ((ops.max, x.max(0)), (ops.min, x.min(0))):
        assert f(x, 0).tolist() == wanted.tolist()
        assert f(x, 0).dtype == dtype


@pytest.mark.parametrize("f", [ops.sum, ops.mean])
def test_reductions_of_nothing(f: Callable[..., Tensor]) -> None:
    found, wanted = f(np.zeros((0, 3)), 0), getattr(torch, f.__name__)(torch.zeros(0, 3), 0)
    np.testing.assert_array_equal(found.numpy(), wanted.numpy())


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("shape", [(3, 0), (0, 3), (0,)])
def test_softmax_of_nothing_is_pytorch_s(name: str, shape: tuple[int, ...]) -> None:
    same = getattr(torch, name)(torch.zeros(shape), -1).numpy()
    found = getattr(ops, name)(np.zeros(shape, np.float32))
    assert found.shape == same.shape
    assert found.tolist() == same.tolist()


@pytest.mark.parametrize("f", [ops.max, ops.min])
def test_the_extreme_of_nothing_is_refused(f: Callable[..., Tensor]) -> None:
    with pytest.raises(ShapeError, match=f"the {f.__name__} of nothing") as caught:
        f(np.zeros((0, 3)), 0)
    assert caught.value.given == "shape (0, 3), axis=0"
    assert f(np.zeros((0, 3)), 1).shape == (0,)


# Ties.


@pytest.mark.parametrize("name", ["max", "min"])
def test_equal_extremes_share_the_gradient(name: str) -> None:
    x = np.array([[3.0, 1.0, 3.0, 1.0], [5.0, 5.0, 5.0, 5.0]])
    point = torch.tensor(x, requires_grad=True)
    getattr(torch, f"a{name}")(point, 1).sum().backward()
    assert point.grad is not None
    assert grad(lambda x: getattr(ops, name)(x, 1).sum())(x).tolist() == point.grad.tolist()


def test_argmax_is_the_first_largest() -> None:
    assert ops.argmax([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]).tolist() == [1, 0]
    assert ops.argmax([[1.0, 3.0], [2.0, 2.0]], 0).tolist() == [1, 0]
    assert ops.argmax([1.0]).dtype == np.int64
    with pytest.raises(ShapeError, match="no axis None"):
        ops.argmax([1.0], None)  # type: ignore[arg-type]


# Softmax.


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_along_every_axis(name: str, axis: int) -> None:
    wanted = getattr(torch, name)(torch.tensor(X), axis).numpy()
    np.testing.assert_allclose(getattr(ops, name)(X, axis).numpy(), wanted, atol=1e-12)
    check_gradients(lambda x: getattr(ops, name)(x, axis), X, order=2)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("shift", [1e4, -1e4])
def test_large_numbers_do_not_overflow(name: str, shift: float) -> None:
    x = np.array([1.0, 2.0, 3.0]) + shift
    np.testing.assert_allclose(
        getattr(ops, name)(x).numpy(), getattr(torch, name)(torch.tensor(x), -1).numpy(), rtol=1e-9
    )


@pytest.mark.parametrize("x", [[-np.inf, 0.0], [-np.inf, -np.inf], [np.inf, 0.0], [np.inf, -np.inf], [np.nan, 0.0]])
def test_logsumexp_of_infinities(x: list[float]) -> None:
    np.testing.assert_array_equal(ops.logsumexp(np.array(x)).numpy(), torch.logsumexp(torch.tensor(x), -1).numpy())


def test_logsumexp_keeps_axes() -> None:
    assert ops.logsumexp(X, 1, keepdims=True).shape == (2, 1, 5)
    assert ops.logsumexp(X, 1).shape == (2, 5)


def test_an_impossible_class_has_probability_zero() -> None:
    assert ops.softmax(np.array([-np.inf, 0.0])).tolist() == [0.0, 1.0]
    assert ops.log_softmax(np.array([-np.inf, 0.0])).tolist() == [-np.inf, 0.0]
    assert grad(lambda x: ops.log_softmax(ops.where([False, True], x, -np.inf))[1])(np.zeros(2)).tolist() == [0.0, 0.0]


def test_variance_along_an_axis_with_a_correction() -> None:
    np.testing.assert_allclose(ops.var(X, 1, correction=1).numpy(), X.var(1, ddof=1))
    assert np.isnan(ops.var(X[:, :1], 1, correction=1).numpy()).all()
