"""The types of results: one table, PyTorch's."""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import pytest
import torch

from descend.engine import DtypeError, Tensor, as_tensor, from_numpy, ops
from descend.engine.dtypes import DEFAULT, SUPPORTED, of_number, result_type, supported

KINDS = [dtype.name for dtype in SUPPORTED if dtype != np.uint32]  # PyTorch promotes no uint32
NUMBERS = [True, 3, 2.5]

# An operand: a tensor with axes, a 0-d tensor, or a Python number.
OPERANDS: list[Any] = [*product(KINDS, [(2,), ()]), *NUMBERS]


def ours(operand: Any) -> Any:
    return Tensor(np.ones(operand[1], operand[0])) if isinstance(operand, tuple) else operand


def theirs(operand: Any) -> Any:
    return torch.ones(operand[1], dtype=getattr(torch, operand[0])) if isinstance(operand, tuple) else operand


def name(operand: Any) -> str:
    return f"{operand[0]}{operand[1]}" if isinstance(operand, tuple) else repr(operand)


def ranked(operand: Any) -> tuple[np.dtype[Any], int]:
    if isinstance(operand, tuple):
        return np.dtype(operand[0]), 2 if operand[1] else 1
    return of_number(operand), 0


PAIRS = list(product(OPERANDS, repeat=2))


def test_every_pair_has_pytorch_s_type() -> None:
    for a, b in PAIRS:
        wanted = torch.result_type(theirs(a), theirs(b)) if isinstance(a, tuple) or isinstance(b, tuple) else None
        if wanted is not None:
            assert result_type([ranked(a), ranked(b)]).name == str(wanted).removeprefix("torch."), (name(a), name(b))


def test_every_operation_on_a_pair_has_pytorch_s_type() -> None:
    for a, b in PAIRS:
        if isinstance(a, tuple) or isinstance(b, tuple):
            assert ops.mul(ours(a), ours(b)).dtype.name == str((theirs(a) * theirs(b)).dtype).removeprefix("torch.")


def test_every_triple_of_tensors_has_pytorch_s_type() -> None:
    tensors = [operand for operand in OPERANDS if isinstance(operand, tuple)]
    for triple in product(tensors, repeat=3):
        if any(kind != "bool" for kind, _ in triple):  # PyTorch has no ternary operation on bools
            wanted = torch.addcmul(*[theirs(x) for x in triple]).dtype
            assert result_type([ranked(x) for x in triple]).name == str(wanted).removeprefix("torch."), triple


def test_the_order_of_the_operands_does_not_matter() -> None:
    for triple in combinations_with_replacement(OPERANDS, 3):
        found = {result_type([ranked(x) for x in order]) for order in (triple, triple[::-1], triple[1:] + triple[:1])}
        assert len(found) == 1, [name(x) for x in triple]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_number_never_widens_within_its_category(kind: str, number: Any) -> None:
    x = Tensor(np.ones(2, kind))
    rank = {"b": 0, "i": 1, "u": 1, "f": 2}
    if rank[x.dtype.kind] >= rank[of_number(number).kind]:
        assert (x + number).dtype == x.dtype
        assert (number + x).dtype == x.dtype


def test_a_float64_0d_tensor_leaves_float32_weights_float32() -> None:
    assert (Tensor([1.0, 2.0]) * Tensor(np.array(0.1))).dtype == np.float32


def test_numpy_s_float64_is_a_python_float() -> None:
    """np.float64 inherits from float: what `array.mean()` returns is a number like any other."""
    x = Tensor([1.0, 2.0])
    assert (x * np.float64(0.5)).dtype == np.float32
    assert (np.float64(0.5) * x).dtype == np.float32
    assert (Tensor([1, 2]) * np.float64(0.5)).dtype == np.float32
    assert as_tensor(np.float64(0.5)).dtype == np.float64


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "bool"])
def test_division_is_floating(kind: str) -> None:
    whole = np.dtype(kind).kind != "f"
    assert (Tensor(np.ones(2, kind)) / Tensor(np.ones(2, kind))).dtype == (np.float32 if whole else np.dtype(kind))


def test_comparisons_are_boolean() -> None:
    assert all(y.dtype == bool for x in [Tensor([1.0])] for y in (x < 2, x <= 2, x > 2, x >= 2, x == 2, x != 2))


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ([1.0, 2.0], "float32"), ([1, 2], "int64"), ([True], "bool"), (2.5, "float32"), (2, "int64"), ([], "float32"),
        (np.ones(2), "float64"), (np.float64(1), "float64"), (np.ones(2, np.float16), "float16"),
        (np.ones(2, np.uint8), "uint8"), (np.float32(1), "float32"), ((1.0, 2), "float32"),
    ],
)  # fmt: skip
def test_lists_become_float32_and_arrays_keep_their_type(data: Any, dtype: str) -> None:
    assert Tensor(data).dtype.name == dtype
    assert as_tensor(data).dtype.name == dtype


def test_uint32_mixes_with_nothing() -> None:
    bits = from_numpy(np.ones(2, np.uint32))
    assert (bits + bits).dtype == np.uint32
    with pytest.raises(DtypeError, match="no common type") as caught:
        bits + Tensor([1, 2])
    assert caught.value.given == "int64, uint32"
    assert caught.value.fix


@pytest.mark.parametrize("dtype", [*SUPPORTED, int, float, bool, "float32", np.float64])
def test_a_supported_type_is_a_numpy_type(dtype: Any) -> None:
    assert supported(dtype) == np.dtype(dtype)


@pytest.mark.parametrize(
    "dtype", [complex, "complex64", object, "U3", "flaot32", None, ">f4", np.uint64, "datetime64[s]"]
)
def test_another_type_is_refused_with_those_that_are_not(dtype: Any) -> None:
    with pytest.raises(DtypeError, match="a tensor cannot hold") as caught:
        supported(dtype)
    assert "float32" in str(caught.value.needed)
    assert caught.value.given
    assert caught.value.fix


@pytest.mark.parametrize("number", [300, -1])
def test_a_number_that_its_tensor_s_type_cannot_hold_is_refused(number: int) -> None:
    with pytest.raises(DtypeError, match="does not fit") as caught:
        from_numpy(np.ones(2, np.uint8)) + number
    assert caught.value.needed == "0 to 255"
    assert caught.value.fix


def test_numbers_of_each_kind() -> None:
    assert [of_number(x) for x in (True, 1, 1.0)] == [np.bool_, np.int64, DEFAULT]
