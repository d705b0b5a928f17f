"""The same elements in another arrangement."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from descend.engine import ShapeError, Tensor, check_gradients, ops

X = np.random.default_rng(0).standard_normal((2, 3, 5))


def same(found: Tensor, wanted: Any) -> None:
    assert found.shape == tuple(wanted.shape)
    assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize(("old", "shape", "wanted"), [
    ((2, 3), (-1,), (6,)), ((2, 3), (3, -1), (3, 2)), ((0, 3), (-1, 3), (0, 3)), ((0, 3), (2, -1), (2, 0)), ((), (1, -1), (1, 1)),
    ((6,), (1, 6, 1), (1, 6, 1)),
])  # fmt: skip
def test_reshape_works_out_a_length(old: tuple[int, ...], shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assert ops.reshape(np.zeros(old), shape).shape == wanted


@pytest.mark.parametrize(("old", "shape"), [
    ((2, 3), (4,)), ((2, 3), (-1, 4)), ((2, 3), (-1, -1)), ((0, 3), (0, -1)), ((2, 3), (-2, -3)), ((2, 3), (-2, 3)), ((2, 3), (-1, -2, 3)),
    ((), (2,)), ((0,), (1,)),
])  # fmt: skip
def test_a_reshape_that_does_not_fit_is_refused(old: tuple[int, ...], shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError):
        ops.reshape(np.zeros(old), shape)


@pytest.mark.parametrize("shape", [(2.0, 3), "ab", (6 / 2, 2), (None,)])
def test_lengths_are_whole_numbers(shape: Any) -> None:
    for movement in (ops.reshape, ops.expand):
        with pytest.raises(ShapeError, match="whole numbers"):
            movement(np.zeros((2, 3)), shape)


@given(st.permutations(range(4)), st.booleans())
def test_permute(order: list[int], negative: bool) -> None:
    x = np.arange(24).reshape(1, 2, 3, 4)
    axes = [a - 4 for a in order] if negative else order
    same(ops.permute(x, axes), x.transpose(order))


@pytest.mark.parametrize("axes", [(0, 1), (0, 1, 1), (0, 1, 3), (0, 1, -4), (), (0, 1, 2, 3)])
def test_permute_needs_every_axis_once(axes: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="every axis once"):
        ops.permute(X, axes)


def test_transpose() -> None:
    same(ops.transpose(X, 0, -1), X.swapaxes(0, -1))
    for a, b in ((0, 3), (-4, 0)):
        with pytest.raises(ShapeError, match="no axis") as caught:
            ops.transpose(X, a, b)
        assert caught.value.needed == "-3 to 2"


@given(hnp.mutually_broadcastable_shapes(num_shapes=1, max_dims=3, max_side=3))
def test_expand_and_sum_to_are_adjoint(shapes: hnp.BroadcastableShapes) -> None:
    """<expand(x), g> = <x, sum_to(g)>"""
    (small,), big = shapes.input_shapes, shapes.result_shape
    rng = np.random.default_rng(1)
    x, g = rng.standard_normal(small), rng.standard_normal(big)
    spread, gathered = ops.expand(Tensor(x), big), ops.sum_to(Tensor(g), small)
    same(spread, np.broadcast_to(x, big))
    assert gathered.shape == small
    np.testing.assert_allclose((spread.numpy() * g).sum(), (x * gathered.numpy()).sum(), atol=1e-12)


@pytest.mark.parametrize(("old", "shape"), [((2,), (3,)), ((2, 1), (2,)), ((2,), (2, 1)), ((3,), (-1, 3))])
def test_expand_repeats_axes_of_length_1_only(old: tuple[int, ...], shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="expand repeats"):
        ops.expand(np.zeros(old), shape)


@pytest.mark.parametrize(("old", "shape"), [((3, 1), (-1, 4)), ((3, 1), (2, -1, 4)), ((3,), (-1,)), ((0, 1), (-1, 2))])
def test_expand_keeps_the_lengths_that_are_minus_1(old: tuple[int, ...], shape: tuple[int, ...]) -> None:
    same(ops.expand(np.ones(old), shape), torch.ones(old).expand(shape))


@pytest.mark.parametrize("shape", [(-1, 3, 1), (-2, 1), (3, -2)])
def test_a_new_axis_has_a_length(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError):
        ops.expand(np.ones((3, 1)), shape)


def test_pad() -> None:
    same(ops.pad(X, ((1, 0), (0, 2), (0, 0)), 7.5), np.pad(X, ((1, 0), (0, 2), (0, 0)), constant_values=7.5))
    same(ops.pad(Tensor(2.0), ()), np.array(2.0))
    check_gradients(lambda x: ops.pad(x, ((0, 0), (1, 2), (3, 0)), 1.0), X)


@pytest.mark.parametrize("widths", [((1, 1),), ((0, 0), (0, 0), (0, -1)), (1, 1), 3, ((0, 0),) * 4, ((1, 2, 3),) * 3])
def test_pad_needs_a_pair_an_axis(widths: Any) -> None:
    with pytest.raises(ShapeError, match="one pair") as caught:
        ops.pad(X, widths)
    assert caught.value.needed == "3 pairs, first axis first"


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concat(axis: int) -> None:
    same(ops.concat([X, X * 2], axis), np.concatenate([X, X * 2], axis))
    same(ops.concat(Tensor(X), axis % 2), np.concatenate(list(X), axis % 2))
    check_gradients(lambda x, y: ops.concat([x, y, x], axis), X, X * 2)


def test_concat_brings_tensors_to_one_type() -> None:
    assert ops.concat([[1, 2], [1.5]]).dtype == np.float32
    assert ops.concat([np.ones(2), np.ones(1, np.float32)]).dtype == np.float64


@pytest.mark.parametrize(("shapes", "axis"), [
    (((2, 3), (2, 4)), 0), (((2, 3), (3,)), 0), (((2, 3),), 2), (((2, 3),), -3), (((),), 0), ((), 0), (((2,), (2, 1)), 0),
])  # fmt: skip
def test_what_cannot_be_joined_is_refused(shapes: tuple[tuple[int, ...], ...], axis: int) -> None:
    with pytest.raises(ShapeError):
        ops.concat([np.zeros(shape) for shape in shapes], axis)


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1, -4])
def test_stack(axis: int) -> None:
    same(ops.stack([X, X * 2], axis), np.stack([X, X * 2], axis))


@pytest.mark.parametrize(
    ("shapes", "axis"), [(((2,), (3,)), 0), ((), 0), (((2,), (2,)), 2), (((2,), (2,)), -3), (((),), 1)]
)
def test_what_cannot_be_stacked_is_refused(shapes: tuple[tuple[int, ...], ...], axis: int) -> None:
    with pytest.raises(ShapeError):
        ops.stack([np.zeros(shape) for shape in shapes], axis)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_flip(axis: int) -> None:
    same(ops.flip(X, axis), torch.tensor(X).flip(axis))


@pytest.mark.parametrize("axes", [(0, 2), [-1, 1], (), (0,)])
def test_flip_along_several_axes(axes: Any) -> None:
    same(ops.flip(X, axes), np.flip(X, tuple(axes)))


def test_flip_names_each_axis_once() -> None:
    with pytest.raises(ShapeError, match="named twice"):
        ops.flip(X, (0, -3))


@pytest.mark.parametrize("axis", [3, -4])
def test_flip_needs_an_axis(axis: int) -> None:
    with pytest.raises(ShapeError, match=f"no axis {axis}"):
        ops.flip(X, axis)


def test_ravel_and_section_undo_each_other() -> None:
    parts = [Tensor(X), Tensor(np.array(3.0)), Tensor(np.zeros((0, 2))), Tensor(X[0])]
    vector = ops.ravel(parts)
    assert vector.shape == (30 + 1 + 0 + 15,)
    start = 0
    for part in parts:
        same(ops.section(vector, start, part.shape), part.numpy())
        start += part.size
    with pytest.raises(ShapeError, match="nothing to ravel"):
        ops.ravel([])


def test_sum_to_takes_leading_axes_of_length_1_back() -> None:
    same(ops.sum_to(Tensor(X), (1, 1, 2, 3, 5)), X[None, None])
    np.testing.assert_allclose(ops.sum_to(Tensor(X), (3, 1)).numpy(), X.sum((0, 2))[:, None])
    assert ops.sum_to(Tensor(X), (2, 3, 5)).value is not None
