"""Indexing by NumPy's rules."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from descend.engine import (
    Cell,
    DtypeError,
    Primitive,
    ShapeError,
    Tensor,
    TraceError,
    check_gradients,
    from_numpy,
    grad,
    interpreting,
    ops,
)
from descend.engine.ops.indexing import INDEX, split

X = np.arange(24.0).reshape(2, 3, 4)
MASK = X.sum(2) > 30

KEYS: list[Any] = [
    0, -1, np.int64(1), (1, 2, 3), slice(None), slice(1, None), slice(None, None, -1), slice(-1, 0, -2), (0, slice(0, 2)),
    None, (None, 0), (slice(None), None), ..., (..., 0), (0, ...), (..., None, 1), (slice(None), ..., slice(1, 3)),
    [0, 1, 0], (slice(None), [2, 0]), ([0, 1], [2, 0]), ([0, 1], slice(None), [3, 3]), (..., [0, 0]), ([[0], [1]], [0, 2]),
    np.array([1]), (0, [1, 1]), [], (slice(None), []), MASK, (MASK, 0), (slice(None), np.array([True, False, True])),
    (0, np.array([False, False, False])), X > 5, (..., np.array([True, False, False, True])), (None, MASK),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_reading(key: Any) -> None:
    found = from_numpy(X)[key]
    assert found.shape == X[key].shape
    assert found.tolist() == X[key].tolist()


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_the_gradient_of_reading(key: Any) -> None:
    check_gradients(lambda x: x[key] * 1.5, X)


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_assigning(key: Any) -> None:
    wanted, x = X.copy(), Tensor(X)
    wanted[key] = 7
    x[key] = 7
    assert x.tolist() == wanted.tolist()


@given(st.data())
def test_any_basic_index(data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True, max_dims=6))
    x = np.arange(np.prod(shape, dtype=int), dtype=np.float64).reshape(shape)
    assert Tensor(x)[key].tolist() == x[key].tolist()
    assert grad(lambda x: (x[key] ** 2).sum())(x).tolist() == _doubled_at(x, key)


@given(st.data())
def test_any_index_arrays(data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    key = data.draw(hnp.integer_array_indices(shape, dtype=np.dtype(np.int64)))
    x = np.arange(np.prod(shape, dtype=int), dtype=np.float64).reshape(shape)
    assert Tensor(x)[key].tolist() == x[key].tolist()
    assert grad(lambda x: x[key].sum())(x).tolist() == _counted_at(x, key)


def _doubled_at(x: np.ndarray, key: Any) -> Any:
    out = np.zeros_like(x)
    out[key] = 2 * x[key]
    return out.tolist()


def _counted_at(x: np.ndarray, key: Any) -> Any:
    out = np.zeros_like(x)
    np.add.at(out, key, 1)
    return out.tolist()


def test_tensors_as_keys() -> None:
    x = Tensor(X)
    assert x[Tensor([1, 0])].tolist() == X[[1, 0]].tolist()
    assert x[Tensor(1)].tolist() == X[1].tolist()
    assert x[x > 20].tolist() == [21.0, 22.0, 23.0]
    assert x[0, Tensor(np.array([2], np.uint8))].tolist() == X[0, [2]].tolist()
    assert x[:, : Tensor(2)].tolist() == X[:, :2].tolist()


def test_a_place_named_twice_gets_both_gradients() -> None:
    assert grad(lambda x: x[[1, 1, 0]].sum())(np.zeros(3)).tolist() == [1.0, 2.0, 0.0]


# Assignment.


@pytest.mark.parametrize(
    ("key", "new"),
    [(0, (3, 4)), (0, (4,)), (0, ()), (0, (1, 4)), (0, (1, 1, 3, 1)), ([0, 1], (2, 1, 4)), ((slice(None), [2, 0]), (2, 4)), (MASK, (4,))],
)  # fmt: skip
def test_assignment_broadcasts_and_pulls_gradients_back(key: Any, new: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).standard_normal(new)
    wanted = X.copy()
    wanted[key] = values
    assert ops.assign(Tensor(X), key, values).tolist() == wanted.tolist()
    check_gradients(lambda x, new: ops.assign(x, key, new) * 1.5, X, values, order=2)


@pytest.mark.parametrize(("key", "new"), [(0, (4, 3)), (0, (2, 3, 4)), (0, (3,)), ([0, 1], (3, 3, 4)), (MASK, (3,))])
def test_assignment_of_another_shape_is_refused(key: Any, new: tuple[int, ...]) -> None:
    x = Tensor(X)
    with pytest.raises(ShapeError, match="does not fit its places"):
        x[key] = np.zeros(new)
    assert x.tolist() == X.tolist()


def test_assign_makes_a_copy() -> None:
    x = Tensor(X)
    ops.assign(x, 0, 5.0)
    assert x.tolist() == X.tolist()


# What does not fit.


@pytest.mark.parametrize(
    "key", [2, -3, (0, 3), (..., 4), (0, 0, 0, 0), [2], (slice(None), [0, -4]), ([0, 1], [0, 1, 2]), (0, 0, 0, slice(None))], ids=repr
)  # fmt: skip
def test_an_index_out_of_range_is_refused(key: Any) -> None:
    with pytest.raises(ShapeError, match="this index does not fit") as caught:
        Tensor(X)[key]
    assert caught.value.given == "shape (2, 3, 4)"
    x = Tensor(X)
    with pytest.raises(ShapeError, match="this index does not fit"):
        x[key] = 0.0


@pytest.mark.parametrize(
    "key", [np.ones(3, bool), np.ones((2, 4), bool), (0, np.ones(2, bool)), (..., np.ones(3, bool)), True], ids=repr
)
def test_a_mask_of_another_shape_is_refused(key: Any) -> None:
    """NumPy's nonzero would turn a shorter mask into indices that fit."""
    with pytest.raises(ShapeError, match="a mask has the shape") as caught:
        Tensor(X)[key]
    assert caught.value.fix


@pytest.mark.parametrize(
    "key", [1.0, [0.5], "a", (0, 1.5), slice(0.5, None), slice(None, "a"), Tensor([1.0])], ids=repr
)
def test_an_index_is_an_integer(key: Any) -> None:
    with pytest.raises(DtypeError):
        Tensor(X)[key]


def test_a_key_is_split_into_its_form_and_its_tensors() -> None:
    template, indices = split((0, slice(1, None), [1, 2], None, ...), (4, 4, 4, 4))
    assert template == (0, (1, None, None), INDEX, None, ...)
    assert [i.tolist() for i in indices] == [[1, 2]]
    hash(template)
    template, indices = split(MASK, X.shape)
    assert template == (INDEX, INDEX)
    assert [i.tolist() for i in indices] == [list(n) for n in np.nonzero(MASK)]


# pick and one_hot.


def test_pick_takes_one_of_each_row() -> None:
    scores = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    labels = [2, 0, 1, 1, 0]
    assert ops.pick(scores.numpy(), labels).tolist() == scores.gather(1, torch.tensor(labels)[:, None])[:, 0].tolist()
    assert ops.pick(scores.numpy(), np.array(labels, np.uint8)).shape == (5,)


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0, 200]])
def test_labels_out_of_range_are_named(labels: list[int]) -> None:
    wrong = next(i for i, label in enumerate(labels) if not 0 <= label < 3)
    for use in (lambda: ops.pick(np.zeros((2, 3)), labels), lambda: ops.one_hot(labels, 3)):
        with pytest.raises(ShapeError, match="label is out of range") as caught:
            use()
        assert caught.value.given == f"label {labels[wrong]} at index {wrong}"
        assert caught.value.needed == "0 to 2 for 3 classes"


def test_a_wrong_label_in_a_table_is_named_by_its_place() -> None:
    with pytest.raises(ShapeError) as caught:
        ops.one_hot([[0, 1], [5, 1]], 3)
    assert caught.value.given == "label 5 at index (1, 0)"


@pytest.mark.parametrize(
    ("scores", "labels"), [((4, 3), (3,)), ((4, 3), (1,)), ((4, 3), (4, 1)), ((4, 3), ()), ((3,), (3,)), ((), ()), ((2, 1, 3), (2, 5))]
)  # fmt: skip
def test_labels_of_another_shape_are_refused(scores: tuple[int, ...], labels: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="one label is needed"):
        ops.pick(np.zeros(scores), np.zeros(labels, np.int64))


def test_one_hot_rows() -> None:
    assert ops.one_hot([2, 0], 3).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert ops.one_hot([[1]], 2, np.float64).dtype == np.float64
    assert ops.one_hot([[1]], 2).shape == (1, 1, 2)
    assert ops.one_hot(np.zeros(0, np.int64), 2).shape == (0, 2)


@pytest.mark.parametrize("labels", [[0.0, 1.0], [True], "ab"])
def test_labels_are_integers(labels: Any) -> None:
    with pytest.raises(DtypeError):
        ops.one_hot(labels, 3)


# What depends on values.


def test_masks_and_places() -> None:
    x = np.where(X % 3 == 0, X, 0.0)
    assert ops.nonzero(x).tolist() == torch.tensor(x).nonzero().tolist()
    assert ops.nonzero(np.zeros((0, 2))).shape == (0, 2)
    assert ops.masked_select(X, X[0] > 5).tolist() == torch.tensor(X).masked_select(torch.tensor(X[0] > 5)).tolist()
    check_gradients(lambda x: ops.masked_select(x, MASK[:, :, None]) * 1.5, X)
    with pytest.raises(ShapeError, match="broadcast"):
        ops.masked_select(X, MASK)


@pytest.mark.parametrize("call", [
    lambda x: x[x > 5], lambda x: x[MASK], lambda x: ops.nonzero(x), lambda x: ops.masked_select(x, x > 5), lambda x: ops.assign(x, x > 5, 0.0),
])  # fmt: skip
def test_what_depends_on_values_cannot_be_traced(call: Any) -> None:
    x = Tensor(X)
    with interpreting(Shapes()), pytest.raises(TraceError, match="cannot be traced") as caught:
        call(x)
    assert "where(mask, a, b)" in str(caught.value.fix)


class Known:
    """A value that is only a shape and a type."""

    def __init__(self, like: np.ndarray) -> None:
        self.shape, self.dtype = like.shape, like.dtype


class Shapes:
    """An interpreter that computes shapes and types only."""

    def bind(self, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Known:
        return Known(primitive.evaluate(*[np.zeros(x.shape, x.dtype) for x in inputs], **attributes))

    def write(self, cell: Cell, value: Any) -> None:
        """Cells keep their values."""

    def read(self, tensor: Tensor) -> None:
        """What is read is known by its shape from here on."""
        tensor.value = Known(tensor.value)
