"""Memory of results: used again where nobody looks at it, and never else."""

from __future__ import annotations

import numpy as np
import pytest

from descend.compiler.executors.results import MOST, Pool, Spots, vector
from descend.compiler.graph import Value

KIND = np.dtype(np.float32)
PARTS = [(0, Value((2, 3), KIND)), (6, Value((4,), KIND))]


@pytest.fixture
def pool() -> Pool:
    return Pool(Value((12,), KIND), PARTS, Spots())


def test_what_nobody_holds_is_used_again(pool: Pool) -> None:
    first = pool.take().address
    assert pool.take().address == first
    assert len(pool.all) == 1


HOLDERS = {
    "a view": lambda lent: lent.views[1],
    "a view of a view": lambda lent: lent.views[0][1:],
    "the array": lambda lent: lent.array,
    "a reshaped array": lambda lent: lent.array.reshape(3, 4),
    "a buffer": lambda lent: memoryview(lent.views[0]),
}


@pytest.mark.parametrize("holder", list(HOLDERS))
def test_what_somebody_holds_is_not(pool: Pool, holder: str) -> None:
    first = pool.take().address
    held = HOLDERS[holder](pool.lent)
    assert pool.take().address != first
    del held
    assert pool.take().address == first


def test_arrays_that_are_kept_by_others_are_forgotten(pool: Pool) -> None:
    held = [pool.take().views[0] for _ in range(2 * MOST)]
    assert len({view.ctypes.data for view in held}) == 2 * MOST
    assert len(pool.all) == MOST
    assert set(pool.spots) == {id(view) for lent in pool.all for view in lent.views}


def test_an_address_is_that_of_the_view(pool: Pool) -> None:
    views = pool.take().views
    assert [pool.spots[id(view)].address for view in views] == [view.ctypes.data for view in views]


def test_views_that_lie_side_by_side_are_a_vector(pool: Pool) -> None:
    lent = pool.take()
    lent.array[:] = np.arange(12)
    found, address = vector(lent.views, pool.spots)
    assert np.shares_memory(found, lent.array)
    assert (address, list(found)) == (lent.address, list(range(10)))
    tail, address = vector(lent.views[1:], pool.spots)
    assert (address, list(tail)) == (lent.views[1].ctypes.data, [6, 7, 8, 9])


def test_other_parts_are_put_together(pool: Pool) -> None:
    lent = pool.take()
    lent.array[:] = np.arange(12)
    one, two = lent.views
    other = np.ones((1, 2), np.float32)
    for parts in ([two, one], [one, other], [one, two, other], [other, two], [one, one], [one, two + 0]):
        found, address = vector(parts, pool.spots)
        assert address == found.ctypes.data
        assert np.array_equal(found, np.concatenate([part.reshape(-1) for part in parts]))


def test_gaps_between_views_are_not_part_of_a_vector() -> None:
    pool = Pool(Value((12,), KIND), [(0, PARTS[0][1]), (7, PARTS[1][1])], Spots())
    lent = pool.take()
    lent.array[:] = np.arange(12)
    assert list(vector(lent.views, pool.spots)[0]) == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]
