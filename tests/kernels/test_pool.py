"""Pooling of every geometry, beside NumPy's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descend.engine import PRIMITIVES
from descend.engine.ops import Window
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.pool import Pool

PAIR = st.tuples(st.integers(1, 3), st.integers(1, 3))
PADS = st.tuples(st.integers(0, 2), st.integers(0, 1))
SLOWLY = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def computed(run, pool: Pool, arrays: tuple[np.ndarray, ...], result: np.ndarray, threads: int = 1) -> np.ndarray:
    room = np.full(pool.room * threads // 4 + 1, np.nan, np.float32)
    found = np.full_like(result, -99)
    planes = result.shape[0] * result.shape[1]
    run("pool", pool.source(), planes, *arrays, found, room, threads=threads)
    return found


def computed_both(run, pool: Pool, x: np.ndarray, places: np.ndarray, threads: int) -> tuple[np.ndarray, np.ndarray]:
    room = np.full(pool.room * threads // 4 + 1, np.nan, np.float32)
    largest, won = np.full(places.shape, -99, x.dtype), np.full_like(places, -99)
    run("pool", pool.source(), x.shape[0] * x.shape[1], x, largest, won, room, threads=threads)
    return largest, won


def settings_of(pool: Pool) -> dict:
    return {"kernel": pool.kernel, "window": Window(pool.stride, pool.pads, pool.dilation)}


def evaluated(name: str, *arrays: np.ndarray, **attributes) -> np.ndarray:
    return np.asarray(PRIMITIVES[name].evaluate(*arrays, **attributes))


@SLOWLY
@given(
    size=st.tuples(st.integers(3, 9), st.integers(3, 40)), kernel=PAIR, stride=PAIR, dilation=PAIR,
    pads=st.tuples(PADS, PADS), kind=st.sampled_from([FLOAT, DOUBLE]), threads=st.integers(1, 3),
)  # fmt: skip
def test_every_window(run, size, kernel, stride, dilation, pads, kind, threads) -> None:
    compare(run, size, kernel, stride, dilation, pads, kind, threads)


@SLOWLY
@given(
    size=st.tuples(st.integers(3, 9), st.integers(2, 70)), high=st.integers(1, 3),
    pads=st.just(((0, 0), (0, 0))) | st.tuples(PADS, PADS), kind=st.sampled_from([FLOAT, DOUBLE]),
    threads=st.integers(1, 3),
)  # fmt: skip
def test_windows_two_wide_that_lie_side_by_side(run, size, high, pads, kind, threads) -> None:
    compare(run, size, (high, 2), (high, 2), (1, 1), pads, kind, threads)


def compare(run, size, kernel, stride, dilation, pads, kind, threads) -> None:
    pool = {what: Pool(what, kind, size, kernel, stride, dilation, pads)
            for what in ("max", "places", "take", "put", "sum", "spread")}  # fmt: skip
    at = settings_of(pool["max"])
    if min(pool["max"].places) < 1:
        return
    rng, dtype = np.random.default_rng(0), np.float32 if kind == FLOAT else np.float64
    x = rng.integers(-4, 5, (2, 3, *size)).astype(dtype)  # with ties: the first one wins; and every sum is exact
    places = evaluated("pool_places", x, **at)
    g = rng.integers(-9, 9, places.shape).astype(dtype)
    for what, arrays, wanted in (
        ("max", (x,), evaluated("max_pool", x, **at)),
        ("places", (x,), places),
        ("take", (x, places), evaluated("pool_take", x, places, **at)),
        ("sum", (x,), evaluated("pool_sum", x, **at)),
        ("put", (g, places), evaluated("pool_put", g, places, size=size, **at)),
        ("spread", (g,), evaluated("pool_spread", g, size=size, **at)),
    ):
        assert np.array_equal(computed(run, pool[what], arrays, wanted, threads), wanted), what
    largest, won = computed_both(run, replace(pool["max"], what="both"), x, places, threads)
    assert np.array_equal(largest, evaluated("max_pool", x, **at))
    assert np.array_equal(won, places)


@pytest.mark.parametrize("pads", [((0, 0), (0, 0)), ((1, 0), (1, 1))])
def test_the_ways_back_are_adjoint(run, pads) -> None:
    """<take(x, p), g> = <x, put(g, p)> and <sum(x), g> = <x, spread(g)>."""
    pool = {what: Pool(what, DOUBLE, (9, 7), (3, 2), (2, 1), (1, 2), pads)
            for what in ("places", "take", "put", "sum", "spread")}  # fmt: skip
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal((2, 3, 9, 7)), rng.standard_normal((2, 3, *pool["sum"].places))
    places = computed(run, pool["places"], (x,), np.zeros(g.shape, np.int16))
    for there, back, others in (("take", "put", (places,)), ("sum", "spread", ())):
        forth = np.vdot(computed(run, pool[there], (x, *others), g), g)
        np.testing.assert_allclose(forth, np.vdot(x, computed(run, pool[back], (g, *others), x)), rtol=1e-12)


def test_a_maximum_of_what_is_not_a_number_is_none(run) -> None:
    x = np.array([1, np.nan, 2, 3], np.float32).reshape(1, 1, 1, 4)
    found = computed(run, Pool("max", FLOAT, (1, 4), (1, 2), (1, 2), (1, 1)), (x,), np.zeros((1, 1, 1, 2), np.float32))
    assert np.isnan(found[0, 0, 0, 0])
    assert found[0, 0, 0, 1] == 3
