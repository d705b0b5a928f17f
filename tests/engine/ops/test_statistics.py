"""Spread, size and order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import ShapeError, Tensor, UsageError, grad, ops
from tests.engine.ops.agreement import agrees, checked, distinct, real, same

X = distinct(2, 3, 5)
axes = pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2)])
both = pytest.mark.parametrize("keepdims", [False, True])


@axes
@both
@pytest.mark.parametrize("p", [0, 0.5, 1, 2, 3, -1, np.inf, -np.inf])
def test_norms_are_pytorch_s(p: float, axis: Any, keepdims: bool) -> None:
    agrees(
        lambda x: ops.norm(x, p, axis, keepdims), lambda x: torch.linalg.vector_norm(x, p, axis, keepdim=keepdims), X,
    )  # fmt: skip


@pytest.mark.parametrize("p", [0.5, 1, 2, 3])
def test_a_norm_of_zero_has_gradient_zero(p: float) -> None:
    assert grad(lambda x: ops.norm(x, p))(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
    assert ops.norm(np.zeros(3), p).item() == 0
    assert grad(lambda x: ops.norm(x, p))(np.array([0.0, 2.0])).tolist() == pytest.approx([0.0, 1.0])


def test_a_norm_has_second_derivatives() -> None:
    checked(lambda x: ops.norm(x, 2, 0), X, order=2)


@axes
@both
def test_the_standard_deviation_is_pytorch_s(axis: Any, keepdims: bool) -> None:
    agrees(
        lambda x: ops.std(x, axis, keepdims, 1), lambda x: torch.std(x, axis, correction=1, keepdim=keepdims), X,
    )  # fmt: skip


@axes
@both
@pytest.mark.parametrize("name", ["all", "any", "count_nonzero"])
def test_truth_over_axes_is_numpy_s(name: str, axis: Any, keepdims: bool) -> None:
    x = np.random.default_rng(0).integers(0, 2, (2, 3, 5)) * 2.5
    found = getattr(ops, name)(x, axis, keepdims)
    wanted = getattr(np, name)(x, axis, keepdims=keepdims)
    assert found.tolist() == wanted.tolist()
    assert found.dtype == (np.int64 if name == "count_nonzero" else bool)


@axes
@both
def test_the_median_is_the_lower_middle_one(axis: Any, keepdims: bool) -> None:
    wanted = np.quantile(X, 0.5, axis, method="inverted_cdf", keepdims=keepdims)
    same(ops.median(X, axis, keepdims), wanted)
    checked(lambda x: ops.median(x, axis, keepdims), X)


def test_the_median_along_an_axis_is_pytorch_s() -> None:
    agrees(lambda x: ops.median(x, 2), lambda x: x.median(2)[0], X)
    agrees(ops.median, torch.median, distinct(6))


@axes
@both
@pytest.mark.parametrize("q", [0, 0.2, 0.5, 0.9, 1, (0.25, 0.75)])
def test_quantiles_are_numpy_s(q: Any, axis: Any, keepdims: bool) -> None:
    same(ops.quantile(X, q, axis, keepdims), np.quantile(X, q, axis, keepdims=keepdims))
    checked(lambda x: ops.quantile(x, q, axis, keepdims), X)


@pytest.mark.parametrize("q", [-0.1, 1.1, float("nan"), 50])
def test_a_quantile_is_a_fraction(q: float) -> None:
    with pytest.raises(UsageError, match="a fraction"):
        ops.quantile(X, q)


def test_nothing_has_no_middle() -> None:
    for f in (ops.median, lambda x, axis: ops.quantile(x, 0.5, axis)):
        with pytest.raises(ShapeError, match="no middle") as caught:
            f(np.zeros((0, 3)), 0)
        assert caught.value.given == "shape (0, 3), axis=0"
        assert f(real(3, 0), 0).shape == (0,)


@pytest.mark.parametrize("p", [0.5, 1, 2, 3, -1, np.inf, -np.inf])
def test_a_norm_does_not_hide_nan(p: float) -> None:
    x = np.array([[1.0, np.nan], [3.0, 4.0]])
    assert np.isnan(ops.norm(x, p, 1).numpy()).tolist() == [True, False]


@pytest.mark.parametrize("f", [ops.median, lambda x, axis: ops.quantile(x, 0.3, axis)])
def test_the_middle_of_what_has_nan_is_nan(f: Callable[..., Tensor]) -> None:
    x = np.array([[1.0, np.nan, 2.0, 0.0, 5.0], [3.0, 4.0, 5.0, 1.0, 2.0]])
    assert np.isnan(f(x, 1).numpy()).tolist() == [True, False]
    assert ops.median(np.array([3, 1, 2])).dtype == np.int64
