"""Elementwise operations where it is delicate: ties, kinks, extremes, types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import special

from descend.engine import PRIMITIVES, Tensor, UsageError, check_gradients, grad, ops
from descend.engine.ops.elementwise import common_type
from tests.engine.ops.agreement import agrees, checked, real


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


def test_sigmoid_where_its_exponential_overflows() -> None:
    x = np.linspace(-104, -85, 50, dtype=np.float32)
    wanted = special.expit(x.astype(np.float64)).astype(np.float32)
    np.testing.assert_array_max_ulp(ops.sigmoid(Tensor(x)).numpy(), wanted, 4)


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


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int32, np.uint8])
def test_floor_division_is_numpy_s(dtype: Any) -> None:
    a, b = np.meshgrid(np.array([7, 0, 9, 1, 250], dtype), np.array([2, 3, 1, 7], dtype))
    signs = (1, -1) if np.dtype(dtype).kind != "u" else (1,)
    for x, y in [(a * np.array(i, dtype), b * np.array(j, dtype)) for i in signs for j in signs]:
        found = Tensor(x) // Tensor(y)
        assert found.dtype == dtype
        assert found.tolist() == (x // y).tolist()
    assert (Tensor([1.0]) // 0.1).item() == (7 // Tensor([0.75])).item() == 9
    assert slope(lambda x: x // 2 * x, [3.0, -1.0]) == [1.0, -1.0]


def test_one_limit_is_enough() -> None:
    x = Tensor([-2.0, 0.5, 3.0])
    assert ops.clip(x, 0).tolist() == x.clip(low=0).tolist() == x.clamp(min=0).tolist() == [0.0, 0.5, 3.0]
    assert ops.clip(x, high=1).tolist() == x.clip(None, 1).tolist() == x.clamp(max=1).tolist() == [-2.0, 0.5, 1.0]
    with pytest.raises(UsageError, match="a limit"):
        ops.clip(x)


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.int64, np.int8, np.bool_, np.complex128])
@pytest.mark.parametrize("n", [5, 5000])
def test_where_keeps_every_bit(dtype: Any, n: int) -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.choice([0.0, -0.0, 1.5, -3.0, np.inf, -np.inf, np.nan], n) for _ in range(2))
    a, b = (x.astype(dtype) if np.dtype(dtype).kind in "fc" else np.isfinite(x).astype(dtype) for x in (a, b))
    c = rng.random(n) < 0.5
    for other in (b, b[:1]):
        found = PRIMITIVES["where"].evaluate(c, a, other)
        assert found.dtype == dtype
        assert found.tobytes() == np.where(c, a, other).tobytes()


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


# Compositions, and what is delicate about the rest.

UNARY = {
    "reciprocal": (ops.reciprocal, torch.reciprocal),
    "softplus": (ops.softplus, F.softplus),
    "softplus, steeper": (lambda x: ops.softplus(x, 3.0), lambda x: F.softplus(x, 3.0, 1e9)),
    "log_sigmoid": (ops.log_sigmoid, F.logsigmoid),
    "gelu": (ops.gelu, F.gelu),
    "gelu with tanh": (lambda x: ops.gelu(x, "tanh"), lambda x: F.gelu(x, approximate="tanh")),
    "masked_fill": (lambda x: ops.masked_fill(x, x > 0, 2.5), lambda x: x.masked_fill(x > 0, 2.5)),
}


@pytest.mark.parametrize("name", UNARY)
def test_compositions_are_pytorch_s(name: str) -> None:
    ours, theirs = UNARY[name]
    agrees(ours, theirs, real(3, 5) * 3)
    checked(ours, real(3), order=2)


@pytest.mark.parametrize("x", [-800.0, -40.0, 40.0, 800.0])
@pytest.mark.parametrize("name", ["softplus", "log_sigmoid", "gelu"])
def test_compositions_do_not_overflow(name: str, x: float) -> None:
    ours, theirs = UNARY[name]
    agrees(ours, theirs, np.array([x]))


def test_gelu_keeps_the_digits_of_its_tail() -> None:
    assert ops.gelu(np.array(-10.0)).item() == pytest.approx(-10 * 7.619853024160527e-24, rel=1e-12)


def test_an_unknown_approximation_is_refused() -> None:
    with pytest.raises(UsageError, match="'tan'") as caught:
        ops.gelu([1.0], "tan")
    assert caught.value.fix == "did you mean 'tanh'?"


def test_interpolation_is_pytorch_s() -> None:
    agrees(ops.lerp, torch.lerp, real(3, 5), real(5, seed=1), real(3, 1, seed=2))
    assert ops.lerp([1, 2], [3, 6], 0.25).tolist() == [1.5, 3.0]


@pytest.mark.parametrize("name", ["greater", "greater_equal"])
def test_comparisons_the_other_way_round(name: str) -> None:
    assert getattr(ops, name)([1, 2, 3], 2).tolist() == getattr(np, name)([1, 2, 3], 2).tolist()


@pytest.mark.parametrize("name", ["remainder", "fmod"])
def test_remainders_of_either_sign(name: str) -> None:
    a, b = np.array([5.5, -5.5, 5.5, -5.5, 7.0]), np.array([2.0, 2.0, -2.0, -2.0, -3.5])
    agrees(getattr(ops, name), getattr(torch, name), a, b + 0.1)
    whole = np.array([7, -7, 7, -7])
    wanted = getattr(torch, name)(torch.tensor(whole), torch.tensor([3, 3, -3, -3]))
    assert getattr(ops, name)(whole, [3, 3, -3, -3]).tolist() == wanted.tolist()


def test_angles_in_all_quadrants() -> None:
    y, x = np.array([1.0, 1.0, -1.0, -1.0, 0.0]), np.array([2.0, -2.0, 2.0, -2.0, 1.0])
    agrees(ops.arctan2, torch.arctan2, y, x, order=2)


def test_halves_are_rounded_to_even() -> None:
    assert ops.round([0.5, 1.5, 2.5, -0.5]).tolist() == [0.0, 2.0, 2.0, 0.0]


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_whole_numbers_stay(name: str) -> None:
    assert getattr(ops, name)([1, -2]).dtype == np.int64
