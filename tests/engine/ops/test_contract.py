"""Sums of products over shared axes."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import ShapeError, ops
from tests.engine.ops.agreement import agrees, checked, real, same
from tests.engine.ops.refusal import check_refused

EQUATIONS: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    ("ij,jk->ik", ((2, 3), (3, 5))), ("ij,jk", ((2, 3), (3, 5))), ("ij,jk->ki", ((2, 3), (3, 5))), ("i,i->", ((3,), (3,))),
    ("i,j->ij", ((2,), (3,))), ("ij->ji", ((2, 3),)), ("ij->", ((2, 3),)), ("ij->j", ((2, 3),)), ("ii->i", ((3, 3),)), ("ii", ((3, 3),)),
    ("iji->j", ((3, 2, 3),)), ("iij,jk->ik", ((3, 3, 2), (2, 5))), ("nij,njk->nik", ((2, 3, 4), (2, 4, 5))), ("bhqd,bhkd->bhqk", ((2, 3, 4, 5), (2, 3, 6, 5))),
    ("ij,ij->ij", ((2, 3), (2, 3))), ("ij,kl->", ((2, 3), (4, 5))), ("ij,jk,kl->il", ((2, 3), (3, 4), (4, 5))), ("i,i,i->i", ((3,), (3,), (3,))),
    ("a,ab,abc->c", ((2,), (2, 3), (2, 3, 4))), ("nd,knd->kn", ((2, 3), (4, 2, 3))), ("...ij,...jk->...ik", ((2, 3, 4), (2, 4, 5))),
    ("...ij,jk->...ik", ((7, 2, 3, 4), (4, 5))), ("...ij,...jk->...ik", ((2, 1, 3, 4), (7, 4, 5))), ("i...,i...->...", ((3, 2), (3, 2))),
    ("...,...->...", ((2, 1), (3,))), ("i...->...i", ((2, 3, 4),)), ("...i,...i", ((2, 3), (2, 3))), (" i j , j -> i ", ((2, 3), (3,))), (",i->i", ((), (3,))),
    ("...i->i", ((2, 3),)), ("ij,jk->ik", ((0, 3), (3, 5))), ("ij,jk->ik", ((2, 0), (0, 5))), ("bnm,n,m->b", ((2, 3, 4), (3,), (4,))), ("zA,Ab->zb", ((2, 3), (3, 4))),
]  # fmt: skip


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum_is_pytorch_s(equation: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    arrays = [real(*shape, seed=i) for i, shape in enumerate(shapes)]
    agrees(lambda *xs: ops.einsum(equation, *xs), lambda *xs: torch.einsum(equation, *xs), *arrays)


@given(st.data())
def test_any_contraction_of_two(data: st.DataObject) -> None:
    lengths = dict(zip("abcde", (2, 3, 1, 4, 2), strict=True))
    letters = st.lists(st.sampled_from("abcde"), unique=True, max_size=4)
    one, two = data.draw(letters), data.draw(letters)
    result = data.draw(st.permutations(sorted(set(one + two)))) if one + two else []
    kept = result[: data.draw(st.integers(0, len(result)))]
    equation = f"{''.join(one)},{''.join(two)}->{''.join(kept)}"
    x, y = (real(*(lengths[i] for i in term), seed=k) for k, term in enumerate((one, two)))
    same(ops.einsum(equation, x, y), np.einsum(equation, x, y))


def test_a_contraction_has_second_derivatives() -> None:
    checked(lambda x, y: ops.einsum("nij,njk->ik", x, y), real(2, 3, 2), real(2, 2, 3), order=2)


@pytest.mark.parametrize(("equation", "shapes"), [
    ("ij,jk->ik", ((2, 3), (4, 5))), ("ij->i", ((2, 3, 4),)), ("ij->ik", ((2, 3),)), ("ij->ii", ((2, 3),)), ("ij,jk->ik", ((2, 3),)), ("ii->i", ((2, 3),)),
    ("i1->i", ((2, 3),)), ("i->i", ()), ("i-j->i", ((2, 3),)), ("ij...->ij", ((2,),)),
])  # fmt: skip
def test_equations_that_do_not_fit_are_refused(equation: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        ops.einsum(equation, *(real(*shape) for shape in shapes))
    assert caught.value.given
    assert caught.value.needed
    assert caught.value.fix


@pytest.mark.parametrize("axes", [0, 1, 2, ((2, 0), (1, 0)), ([-1], [-2])])
def test_tensordot_is_pytorch_s(axes: Any) -> None:
    shapes = {0: ((2, 3), (4,)), 1: ((2, 3), (3, 4)), 2: ((2, 3, 4), (3, 4, 5))}
    a, b = shapes.get(axes if isinstance(axes, int) else -1, ((2, 3, 4), (2, 4, 5)))
    agrees(lambda x, y: ops.tensordot(x, y, axes), lambda x, y: torch.tensordot(x, y, dims=axes), real(*a), real(*b))


@pytest.mark.parametrize(("name", "a", "b"), [
    ("dot", (3,), (3,)), ("dot", (0,), (0,)), ("outer", (2,), (3,)), ("kron", (2, 3), (4, 5)), ("kron", (3,), (2, 2)), ("kron", (1, 2, 3), (2, 2)),
])  # fmt: skip
def test_products_are_pytorch_s(name: str, a: tuple[int, ...], b: tuple[int, ...]) -> None:
    agrees(getattr(ops, name), getattr(torch, name), real(*a), real(*b, seed=1))


@pytest.mark.parametrize("call", [
    lambda: ops.dot(real(2), real(3)), lambda: ops.dot(real(2, 2), real(2, 2)), lambda: ops.outer(real(2), real(2, 2)), lambda: ops.outer(1.0, real(2)),
    lambda: ops.tensordot(real(2, 3), real(2, 3), 1), lambda: ops.tensordot(real(2, 3), real(2, 3), 3), lambda: ops.tensordot(real(2, 3), real(3), ((1, 0), (0,))),
])  # fmt: skip
def test_products_that_do_not_fit_are_refused(call: Any) -> None:
    check_refused(call)
