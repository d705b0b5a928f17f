"""Arrays joined along an axis, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels.join import Join


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("rows", [0, 1, 4])
@pytest.mark.parametrize("dtype", [np.int8, np.float32, np.float64])
def test_rows_of_parts_make_rows(run, dtype: type, rows: int, threads: int) -> None:
    rng = np.random.default_rng(0)
    parts = [rng.integers(0, 100, (rows, n)).astype(dtype) for n in (3, 1, 17, 0)]
    found = np.full((rows, 21), -1, dtype)
    kernel = Join(len(parts), f"i{8 * found.itemsize}")
    run("join", kernel.source(), rows, 3, 1, 17, 0, *parts, found, threads=threads)
    assert np.array_equal(found, np.concatenate(parts, 1))
