"""Elementwise operations where it is delicate: ties, kinks, extremes, types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import Tensor, check_gradients, grad, ops
from descend.engine.ops.elementwise import common_type


def close(found: Tensor, wanted: Any, rtol: float = 1e-6) -> None:
    np.testing.assert_allclose(found.numpy(), np.asarray(wanted), rtol=rtol)


def slope(f: Callable[[Tensor], Tensor], x: Any) -> list[float]:
    return grad(lambda x: f(x).sum())(np.asarray(x, np.float64)).tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_accurate_in_both_tails(dtype: Any) -> None:
    x = np.array([-80, -30, -17, -10, -1, 0, 1, 10, 17, 30, 80], dtype)
    close(ops.sigmoid(x), torch.sigmoid(torch.tensor(x)), 4 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("x", [-1e4, 1e4, -np.inf, np.inf])
def test_sigmoid_of_extremes(x: float) -> None:
    assert ops.sigmoid(Tensor(x)).item() == (x > 0)


@pytest.mark.parametrize("name", ["log1p", "expm1"])
def test_small_arguments_keep_their_digits(name: str) -> None:
    close(getattr(ops, name)(np.array(1e-12)), 1e-12, 1e-11)


# Powers.


@pytest.mark.parametrize(("exponent", "wanted"), [(0, 0.0), (1, 1.0), (2, 0.0), (3, 0.0), (0.5, np.inf)])
def test_the_slope_of_a_power_at_zero(exponent: float, wanted: float) -> None:
    assert slope(lambda x: x**exponent, [0.0]) == [wanted]
    point = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    (point**exponent).sum().backward()
    assert point.grad is not None
    assert point.grad.tolist() == [wanted]


@pytest.mark.parametrize(("exponent", "wanted"), [(0, 0.0), (1, 0.0), (2, 2.0), (3, 0.0)])
def test_the_curvature_of_a_power_at_zero(exponent: float, wanted: float) -> None:
    assert grad(grad(lambda x: x**exponent))(np.array(0.0)).item() == wanted
    assert np.isfinite(grad(grad(grad(lambda x: x**exponent)))(np.array(0.0)).item())


def test_whole_powers_of_negative_numbers() -> None:
    close(Tensor([-2.0, -3.0]) ** 3, [-8.0, -27.0])
    assert slope(lambda x: x**3, [-2.0, -3.0]) == [12.0, 27.0]
    check_gradients(lambda x: x**3, [-2.0, 1.5], order=2)


def test_the_slope_in_the_exponent() -> None:
    assert slope(lambda b: 2.0**b, [3.0]) == pytest.approx([8 * np.log(2)])
    assert slope(lambda b: ops.pow(np.zeros(1), b), [2.0]) == [0.0]


def test_a_table_of_powers() -> None:
    """x^0, x^1, x^2, ... by broadcasting, at 0 too."""
    powers = lambda x: (x[:, None] ** Tensor(np.arange(4.0)) * Tensor([[1.0, 10.0, 100.0, 1000.0]])).sum()
    assert grad(powers)(np.array([0.0, 1.0])).tolist() == [10.0, 3210.0]


# Ties and kinks.


def test_of_equal_numbers_the_first_gets_the_gradient() -> None:
    for pair in (ops.maximum, ops.minimum):
        of_a, of_b = grad(lambda a, b, pair=pair: pair(a, b).sum(), (0, 1))(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
        assert (of_a + of_b).tolist() == [1.0, 1.0]
        assert of_a.tolist() == [1.0, 1.0]


def test_kinks() -> None:
    assert slope(ops.relu, [-1.0, 0.0, 1.0]) == [0.0, 0.0, 1.0]
    assert slope(ops.abs, [-1.0, 0.0, 1.0]) == [-1.0, 0.0, 1.0]
    assert slope(ops.sign, [-1.0, 0.0, 1.0]) == [0.0, 0.0, 0.0]


def test_clip() -> None:
    close(ops.clip(Tensor([-2.0, 0.5, 3.0]), -1, 1), [-1.0, 0.5, 1.0])
    assert slope(lambda x: ops.clip(x, -1, 1), [-2.0, -1.0, 0.5, 1.0, 3.0]) == [0.0, 1.0, 1.0, 1.0, 0.0]
    assert ops.clip(Tensor([5, -5]), 0, 3).tolist() == [3, 0]


def test_nan_stays_nan() -> None:
    for f in (ops.relu, lambda x: ops.clip(x, 0, 1), lambda x: ops.maximum(x, 0.0)):
        assert np.isnan(f(Tensor([np.nan])).item())


# where.


def test_where_takes_numbers_tensors_and_any_condition() -> None:
    x = Tensor([1.0, -2.0, 3.0])
    assert ops.where(x > 0, x, 0).tolist() == [1.0, 0.0, 3.0]
    assert ops.where([1, 0, 2], x, -1).tolist() == [1.0, -1.0, 3.0]
    assert ops.where(x > 0, 1, 0).dtype == np.int64
    assert ops.where(x > 0, x, Tensor(np.array(1.0))).dtype == np.float32
    assert ops.where(True, x, 0).tolist() == x.tolist()


def test_what_where_does_not_choose_gets_no_gradient() -> None:
    assert slope(lambda x: ops.where(x > 0, x * 2, x * 3), [1.0, -1.0]) == [2.0, 3.0]


# Types.


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "log1p", "expm1"])
def test_functions_of_integers_are_float32(name: str) -> None:
    assert getattr(ops, name)([1, 2]).dtype == np.float32
    assert getattr(ops, name)(Tensor(np.array([1.0, 2.0]))).dtype == np.float64
    assert getattr(ops, name)(np.ones(2, np.float16)).dtype == np.float16
    close(getattr(ops, name)([1, 2]), getattr(torch, name)(torch.tensor([1, 2])), 1e-5)


@pytest.mark.parametrize("name", ["neg", "square", "relu", "abs", "sign", "copy"])
def test_functions_that_keep_integers(name: str) -> None:
    assert getattr(ops, name)([1, -2]).dtype == np.int64


def test_casting_and_back() -> None:
    x = Tensor([1.5, -2.5], requires_grad=True)
    y = x.to(np.float64)
    assert y.dtype == np.float64
    (y * Tensor(np.array([2.0, 3.0]))).sum().backward()
    assert x.grad is not None
    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, [2.0, 3.0])
    assert x.to(np.float32) is x
    assert x.to("float32") is x
    assert x.to(np.int64).tolist() == [1, -2]


def test_the_type_that_tensors_have_together() -> None:
    assert common_type(Tensor([1.0]), Tensor(np.array(1.0)), Tensor([1])) == np.float32
    assert common_type(Tensor([1.0]), Tensor(np.array([1.0]))) == np.float64


def test_results_are_new_arrays() -> None:
    x = Tensor([1.0, 2.0])
    assert not np.shares_memory(ops.copy(x).value, x.value)
