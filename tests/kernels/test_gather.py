"""Elements by labels and rows by indices, against NumPy's own indexing."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels.gather import Gather

KINDS = {"float": np.float32, "double": np.float64}


def fault() -> np.ndarray:
    return np.zeros(3, np.int64)


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize(("n", "k"), [(0, 3), (1, 1), (7, 3), (20, 40)])
def test_picking_and_putting_back(run, kind: str, n: int, k: int) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((n, k)).astype(KINDS[kind]), rng.integers(0, k, n)
    found, back, ok = np.full(n, np.nan, x.dtype), np.full((n, k), np.nan, x.dtype), fault()
    run("gather", Gather("pick", kind, "i64").source(), n, k, x, labels, found, ok, threads=2)
    run("gather", Gather("unpick", kind, "i64").source(), n, k, found, labels, back, ok, threads=2)
    assert np.array_equal(found, x[np.arange(n), labels])
    assert np.array_equal(back, np.where(np.arange(k) == labels[:, None], x, 0))
    assert not ok.any()


@pytest.mark.parametrize("index", [np.int64, np.int32])
@pytest.mark.parametrize(("rows", "columns"), [(5, 1), (3, 40), (1, 7)])
def test_taking_rows_and_adding_into_them(run, index: type, rows: int, columns: int) -> None:
    rng = np.random.default_rng(1)
    x, at = rng.standard_normal((rows, columns)).astype(np.float32), rng.integers(-rows, rows, 11).astype(index)
    found, back, ok = np.empty((11, columns), np.float32), np.empty((rows, columns), np.float32), fault()
    kind = {np.int64: "i64", np.int32: "i32"}[index]
    run("gather", Gather("take", "float", kind).source(), 11, columns, rows, x, at, found, ok, threads=2)
    run("gather", Gather("add", "float", kind).source(), 11, columns, rows, found, at, back, ok, threads=2)
    wanted = np.zeros_like(x)
    np.add.at(wanted, at, found)
    assert np.array_equal(found, x[at])
    assert np.array_equal(back, wanted)  # in the same order, so with the same rounding
    assert not ok.any()


@pytest.mark.parametrize(("what", "wrong"), [("pick", 3), ("pick", -1), ("take", 3), ("take", -4), ("add", 3)])
def test_an_index_outside_is_told_and_nothing_is_read_there(run, what: str, wrong: int) -> None:
    x, at, out, told = np.ones((3, 3), np.float32), np.array([0, wrong, 1]), np.zeros((3, 3), np.float32), fault()
    sizes = (3, 3) if what == "pick" else (3, 3, 3)
    run("gather", Gather(what, "float", "i64").source(), *sizes, x, at, out, told)
    assert told.tolist() == [1, 1, wrong]
