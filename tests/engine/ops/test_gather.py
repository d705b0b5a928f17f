"""Taking and adding along an axis; ordering."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import DtypeError, Tensor, ops
from tests.engine.ops.agreement import agrees, checked, distinct, real, same
from tests.engine.ops.refusal import check_refused

X = distinct(2, 3, 5)
PLACES = np.random.default_rng(1).integers(0, 2, (2, 3, 4))


@given(st.data())
def test_gather_and_scatter_add_are_adjoint(data: st.DataObject) -> None:
    """<gather(x), g> = <x, scatter_add(0, g)>"""
    axis = data.draw(st.integers(-3, 2))
    shape = data.draw(st.tuples(*[st.integers(1, 4)] * 3))
    inside = [data.draw(st.integers(0, n)) for n in shape]
    inside[axis] = data.draw(st.integers(0, 6))
    places = np.random.default_rng(data.draw(st.integers(0, 99))).integers(-shape[axis], shape[axis], inside)
    x, g = real(*shape), real(*inside, seed=1)
    taken = ops.gather(x, axis, places).numpy()
    added = ops.scatter_add(np.zeros(shape), axis, places, g).numpy()
    np.testing.assert_allclose((taken * g).sum(), (x * added).sum(), atol=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_gather_is_pytorch_s(axis: int) -> None:
    places = PLACES[..., :3]
    agrees(lambda x: ops.gather(x, axis, places), lambda x: x.gather(axis, torch.tensor(places)), X)


def test_scatter_add_is_pytorch_s() -> None:
    agrees(
        lambda x, s: ops.scatter_add(x, 1, PLACES, s), lambda x, s: x.scatter_add(1, torch.tensor(PLACES), s),
        X, real(2, 3, 4),
    )  # fmt: skip
    checked(lambda x, s: ops.scatter_add(x, 1, PLACES, s), X, real(1, 4))  # a source that broadcasts


def test_a_source_that_is_longer_than_the_indices_is_cut_as_pytorch_s() -> None:
    x, indices, source = real(3, 4), np.array([[0, 2], [1, 1]]), real(5, 2, seed=1)
    wanted = torch.from_numpy(x).scatter_add(0, torch.from_numpy(indices), torch.from_numpy(source))
    same(ops.scatter_add(x, 0, indices, source), wanted)
    checked(lambda x, source: ops.scatter_add(x, 0, indices, source), x, source)


def test_a_place_that_is_named_twice_receives_both() -> None:
    assert ops.scatter_add(np.zeros(3), 0, [1, 1, 2], [1.0, 2.0, 4.0]).tolist() == [0.0, 3.0, 4.0]


@pytest.mark.parametrize("shape", [(2, 3, 2), (1, 3, 4), (2, 1, 1), (1, 1, 7)])
def test_take_along_axis_broadcasts_as_numpy_s(shape: tuple[int, ...]) -> None:
    places = np.random.default_rng(0).integers(0, 5, shape)
    same(ops.take_along_axis(X, places, 2), np.take_along_axis(X, places, 2))
    checked(lambda x: ops.take_along_axis(x, places, 2), X)
    one = X[:, :1]
    same(
        ops.take_along_axis(one, places, 2),
        np.take_along_axis(np.broadcast_to(one, X.shape), places, 2)[:, : max(shape[1], 1)],
    )


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_index_select_is_pytorch_s(axis: int) -> None:
    agrees(lambda x: ops.index_select(x, axis, [1, 0, 1]), lambda x: x.index_select(axis, torch.tensor([1, 0, 1])), X)


def test_an_embedding_sums_the_gradients_of_repeated_words() -> None:
    words = np.array([[3, 3, 0], [1, 3, 0]])
    agrees(lambda w: w[words], lambda w: torch.nn.functional.embedding(torch.tensor(words), w), real(5, 4))


# Ordering.


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("descending", [False, True])
def test_sorting_is_pytorch_s(axis: int, descending: bool) -> None:
    agrees(lambda x: ops.sort(x, axis, descending)[0], lambda x: x.sort(dim=axis, descending=descending)[0], X)
    wanted = torch.tensor(X).sort(dim=axis, descending=descending)[1]
    assert ops.sort(X, axis, descending)[1].tolist() == wanted.tolist()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float32, bool])
def test_equal_elements_keep_their_order(descending: bool, dtype: Any) -> None:
    x = np.array([1, 0, 1, 1, 0, 1]).astype(dtype)
    wanted = torch.tensor(x).argsort(descending=descending, stable=True).tolist()
    assert ops.argsort(x, descending=descending).tolist() == wanted


def test_nan_is_the_largest() -> None:
    x = np.array([np.nan, 1.0, np.inf])
    assert ops.argsort(x).tolist() == [1, 2, 0]
    assert ops.argsort(x, descending=True).tolist() == [0, 2, 1]


@pytest.mark.parametrize("k", [0, 1, 3])
@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize("axis", [1, -2])
def test_the_largest_are_pytorch_s(k: int, largest: bool, axis: int) -> None:
    agrees(lambda x: ops.topk(x, k, axis, largest)[0], lambda x: x.topk(k, axis, largest)[0], X)
    assert ops.topk(X, k, axis, largest)[1].tolist() == torch.tensor(X).topk(k, axis, largest)[1].tolist()


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(-1, 6)), st.booleans())
def test_searchsorted_counts_what_is_below(edges: list[int], x: list[int], right: bool) -> None:
    edges.sort()
    wanted = [sum(e < v or (right and e == v) for e in edges) for v in x]
    assert ops.searchsorted(np.array(edges, float), np.array(x, float), right).tolist() == wanted


# What does not fit.


@pytest.mark.parametrize("call", [
    lambda: ops.gather(X, 0, [0]), lambda: ops.gather(X, 3, PLACES), lambda: ops.gather(X, 2, PLACES + 4),
    lambda: ops.gather(X, 2, PLACES - 6), lambda: ops.gather(X, 2, np.zeros((2, 4, 1), int)),
    lambda: ops.scatter_add(X, 0, PLACES + 2, real(2, 3, 4)), lambda: ops.scatter_add(X, 2, PLACES + 4, 1.0),
    lambda: ops.take_along_axis(X, [0], 1), lambda: ops.topk(X, 6), lambda: ops.topk(X, -1),
    lambda: ops.searchsorted(X, 0.0), lambda: ops.argsort(X, 3), lambda: ops.sort(Tensor(1.0)),
])  # fmt: skip
def test_what_does_not_fit_is_refused(call: Any) -> None:
    check_refused(call)


def test_indices_are_integers() -> None:
    with pytest.raises(DtypeError, match="indices are integers"):
        ops.gather(X, 0, PLACES * 1.0)
