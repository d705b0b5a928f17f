"""Tensors made from nothing but a shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import DtypeError, ShapeError, UsageError, ops


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), [2, 3], np.array([2, 1]), (np.int64(2),)])
def test_full_zeros_and_ones(shape: Any) -> None:
    for x, number in ((ops.full(shape, 2.5), 2.5), (ops.zeros(shape), 0), (ops.ones(shape), 1)):
        assert x.shape == tuple(shape)
        assert x.dtype == np.float32
        assert (x.numpy() == number).all()


def test_the_type_can_be_chosen() -> None:
    assert ops.zeros((2,), np.int64).dtype == np.int64
    assert ops.arange(3, dtype=np.float64).dtype == np.float64
    with pytest.raises(DtypeError):
        ops.zeros((2,), complex)


def test_arange_counts() -> None:
    assert ops.arange(3).tolist() == [0, 1, 2]
    assert ops.arange(0).shape == (0,)
    assert ops.arange(3).dtype == np.int64


@pytest.mark.parametrize(
    "numbers", [(3,), (2, 7), (0, 10, 3), (5, 0, -2), (3, 3), (0, 1, 0.25), (2.5,), (1, 2.0), (0.0, 0.7, 0.1)], ids=str
)
def test_arange_is_pytorch_s(numbers: Any) -> None:
    wanted = torch.arange(*numbers).numpy()
    assert ops.arange(*numbers).dtype == wanted.dtype
    np.testing.assert_allclose(ops.arange(*numbers).numpy(), wanted, rtol=1e-6)
    assert ops.arange(*numbers, dtype="float64").dtype == np.float64


def test_a_step_of_nothing_goes_nowhere() -> None:
    with pytest.raises(UsageError, match="steps") as caught:
        ops.arange(0, 3, 0)
    assert caught.value.given == "step=0"


@pytest.mark.parametrize("shape", [3, -1, (2, -1), (1.5,), "ab", None])
def test_a_shape_is_a_sequence_of_lengths(shape: Any) -> None:
    with pytest.raises(ShapeError, match="sequence of lengths") as caught:
        ops.ones(shape)
    assert caught.value.given == repr(shape)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_like_another(dtype: Any) -> None:
    x = np.full((2, 3), 7).astype(dtype)
    for found, wanted in ((ops.zeros_like(x), np.zeros_like(x)), (ops.ones_like(x), np.ones_like(x))):
        assert found.dtype == dtype
        assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_equal_distances(n: int) -> None:
    np.testing.assert_allclose(ops.linspace(-1, 3, n).numpy(), np.linspace(-1, 3, n))
    assert ops.linspace(0, 1, n).dtype == np.float32
    with pytest.raises(ShapeError):
        ops.linspace(0, 1, -1)
