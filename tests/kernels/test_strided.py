"""Copying by steps, into memory that holds something else before."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels.strided import Strided


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_transposition(run, threads: int) -> None:
    x, out = np.arange(12, dtype=np.float32), np.full(12, np.nan, np.float32)
    run("strided", Strided(2, "i32", False).source(), 4, 3, 1, 4, 3, 1, 0, 0, 12, x, out, threads=threads)
    assert np.array_equal(out.reshape(4, 3), x.reshape(3, 4).T)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("apart", [False, True])
def test_a_part_is_written_and_the_rest_filled(run, apart: bool, threads: int) -> None:
    x, out = np.arange(1.0, 7.0), np.full((3, 5), np.nan)
    fill = int(np.float64(-2.5).view(np.int64))
    numbers = (3, 2, 2, 1, 5, 1, 0, 2, 15)  # out[:, 2:4] = x.reshape(3, 2)
    run("strided", Strided(2, "i64", True, clear=True, apart=apart).source(), *numbers, x, out, fill, threads=threads)
    wanted = np.full((3, 5), -2.5)
    wanted[:, 2:4] = x.reshape(3, 2)
    assert np.array_equal(out, wanted)


def test_a_single_element(run) -> None:
    x, out = np.array([1, 2, 3], np.int16), np.array([9, 9], np.int16)
    run("strided", Strided(0, "i16", False, clear=True).source(), 2, 1, 2, x, out, -7, threads=3)
    assert out.tolist() == [-7, 3]
