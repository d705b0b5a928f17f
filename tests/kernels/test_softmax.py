"""softmax and its logarithm, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels import softmax


@pytest.mark.parametrize("logarithm", [False, True])
@pytest.mark.parametrize("kind", ["float", "double"])
def test_rows_of_every_length(run, logarithm: bool, kind: str) -> None:
    dtype = np.float32 if kind == "float" else np.float64
    for shape in ((3, 1), (2, 7), (5, 40), (0, 3)):
        x = (np.random.default_rng(0).standard_normal(shape) * 30).astype(dtype)
        found = np.full(shape, np.nan, dtype)
        run("softmax", softmax.source(kind, logarithm), *shape, x, found, threads=2)
        wide = x.astype(np.float64)
        wanted = wide - np.logaddexp.reduce(wide, 1, keepdims=True) if shape[0] else wide
        wanted = wanted if logarithm else np.exp(wanted)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 if kind == "float" else 1e-13)


def test_large_scores_do_not_overflow(run) -> None:
    x, found = np.array([[1000.0, 1000.0, -1000.0]], np.float32), np.empty((1, 3), np.float32)
    run("softmax", softmax.source("float", False), 1, 3, x, found)
    assert found.tolist() == [[0.5, 0.5, 0.0]]
