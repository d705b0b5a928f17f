"""Random numbers are those of `engine.philox`."""

from __future__ import annotations

import numpy as np
import pytest

from descend.engine import PRIMITIVES, philox
from descend.kernels.random import Random

SEEDS = [(0, 0), (3, 11), (2**62 + 5, 2**32 - 2)]  # seed and counter of one word and of two
COUNTS = [0, 1, 3, 4, 7, 64, 1001]


def drawn(run, what: str, kind: str, dtype: type, n: int, seed: int, counter: int, threads: int = 3) -> np.ndarray:
    out = np.zeros(n + 1, dtype)
    given = np.array(seed, np.int64), np.array(counter, np.int64)
    run("random", Random(what, kind).source(), n, *given, out, threads=threads)
    assert out[n] == 0  # nothing is written behind the end
    return out[:n]


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize(("seed", "counter"), SEEDS)
def test_words_and_uniform_numbers_have_the_same_bits(run, n: int, seed: int, counter: int) -> None:
    assert np.array_equal(drawn(run, "bits", "i32", np.uint32, n, seed, counter), philox.bits(n, seed, counter))
    for kind, dtype in (("float", np.float32), ("double", np.float64)):
        wanted = PRIMITIVES["random_uniform"].evaluate(seed, counter, shape=(n,), dtype=dtype)
        assert np.array_equal(drawn(run, "uniform", kind, dtype, n, seed, counter), wanted)


@pytest.mark.parametrize("n", COUNTS)
def test_normal_numbers_agree_to_rounding(run, n: int) -> None:
    for kind, dtype, tolerance in (("float", np.float32, 3e-6), ("double", np.float64, 1e-14)):
        wanted = PRIMITIVES["random_normal"].evaluate(5, 9, shape=(n,), dtype=dtype)
        np.testing.assert_allclose(drawn(run, "normal", kind, dtype, n, 5, 9), wanted, rtol=0, atol=tolerance)


def test_any_number_of_threads_draws_the_same(run) -> None:
    found = [drawn(run, "normal", "float", np.float32, 1001, 1, 2, threads) for threads in (1, 2, 5)]
    assert all(np.array_equal(found[0], other) for other in found)
