"""Fused loops over any number of axes, with broadcast operands and reductions, against NumPy."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descend.kernels import bounds, jit
from descend.kernels.code import FLOAT
from descend.kernels.loop import Constant, Input, Loop, Result, Step
from tests.kernels.conftest import SIGNATURE

PATTERNS = [(True, True, True), (True, False, True), (False, True, False), (False, False, False), (True, True, False)]


def shape_of(has: tuple[bool, ...], lengths: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n if own else 1 for n, own in zip(lengths, has, strict=True))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.tuples(*[st.integers(0, 9)] * 3), a=st.sampled_from(PATTERNS), b=st.sampled_from(PATTERNS),
    out=st.sampled_from(PATTERNS), reduce=st.sampled_from(["sum", "max", "min"]),
)  # fmt: skip
def test_any_broadcasting_and_any_reduction(run, lengths, a, b, out, reduce) -> None:
    if reduce != "sum" and 0 in lengths:
        return  # the maximum of nothing is not defined
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal(shape_of(has, lengths)).astype(np.float32) for has in (a, b))
    loop = Loop(
        3,
        (Input(FLOAT, a), Input(FLOAT, b)),
        (Step("{0} * {1}", (0, 1)), Step("{0} + {1}", (2, Constant(1.5, FLOAT)))),
        (Result(2, FLOAT, (True,) * 3), Result(3, FLOAT, out, "" if all(out) else reduce)),
    )
    whole, reduced = np.full(lengths, np.nan, np.float32), np.full(shape_of(out, lengths), np.nan, np.float32)
    run("loop", loop.source(), *lengths, x, y, whole, reduced)
    product = np.broadcast_to(x * y, lengths)
    assert np.array_equal(whole, product)
    axes = tuple(i for i, own in enumerate(out) if not own)
    wanted = getattr(np, reduce)(product.astype(np.float64) + 1.5, axes, keepdims=True)
    np.testing.assert_allclose(reduced, wanted, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("has", [(True, True), (True, False), (False, True)])
def test_any_number_of_threads_gives_the_same_bits(run, has: tuple[bool, bool]) -> None:
    x = np.random.default_rng(0).standard_normal((37, 29)).astype(np.float32)
    loop = Loop(2, (Input(FLOAT, (True, True)),), (), (Result(0, FLOAT, has, "" if all(has) else "sum"),))
    found = []
    for threads in (1, 2, 5, 40):
        out = np.full(shape_of(has, x.shape), np.nan, np.float32)
        run("loop", loop.source(), *x.shape, x, out, threads=threads)
        found.append(out)
    assert all(np.array_equal(found[0], other) for other in found)


@pytest.mark.parametrize("first", list(product((True, False), repeat=3)))
@pytest.mark.parametrize("second", [(True, True, True), (False, True, True), (True, False, True), (False, True, False)])
def test_threads_share_an_axis_that_every_result_has(run, first: tuple[bool, ...], second: tuple[bool, ...]) -> None:
    x = np.random.default_rng(0).standard_normal((3, 11, 5)).astype(np.float32)
    results = tuple(Result(0, FLOAT, has, "" if all(has) else "sum") for has in (first, second))
    loop = Loop(3, (Input(FLOAT, (True,) * 3),), (), results)
    found = []
    for threads in (1, 2, 3, 7):
        outs = [np.full(shape_of(has, x.shape), np.nan, np.float32) for has in (first, second)]
        run("loop", loop.source(), *x.shape, x, *outs, threads=threads)
        found.append(outs)
    for has, out in zip((first, second), found[0], strict=True):
        axes = tuple(i for i, own in enumerate(has) if not own)
        np.testing.assert_allclose(out, x.sum(axes, keepdims=True), rtol=1e-4, atol=1e-5)
    assert all(np.array_equal(a, b) for outs in found for a, b in zip(outs, found[0], strict=True))


@pytest.mark.skipif(bounds.wanted(), reason="kernels that check are looked at in compiler/executors/test_sharing")
@pytest.mark.parametrize("has", [h for n in (1, 2, 3) for h in product((True, False), repeat=n)])
@pytest.mark.parametrize("threads", [2, 5])
def test_each_element_is_written_by_one_thread(has: tuple[bool, ...], threads: int) -> None:
    """Adding 0 to what is there is writing too: what another thread has put there meanwhile would be lost."""
    x = np.ones((3, 11, 5)[: len(has)], np.float32)
    loop = Loop(len(has), (Input(FLOAT, (True,) * len(has)),), (), (Result(0, FLOAT, has, "" if all(has) else "sum"),))
    kernel = SIGNATURE(jit.address("loop", loop.source()))
    writers = np.zeros(shape_of(has, x.shape), int)
    for thread in range(threads):
        out = np.full(writers.shape, -0.0, np.float32)
        table = np.array([*x.shape, x.ctypes.data, out.ctypes.data], np.int64)
        kernel(table.ctypes.data, thread, threads)
        writers += ~np.signbit(out)
    assert (writers == 1).all()


@pytest.mark.skipif(bounds.wanted(), reason="what checks every access goes one by one")
def test_a_long_loop_is_vectorised() -> None:
    loop = Loop(1, (Input(FLOAT, (True,)),), (Step("tanh({0})", (0,)),), (Result(1, FLOAT, (True,)),))
    assert {16: "xmm", 32: "ymm", 64: "zmm"}[jit.target().vector_bytes] in jit.assembly(loop.source())
