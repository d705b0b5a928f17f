"""Convolutions of every geometry, beside NumPy's in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descend.engine import PRIMITIVES
from descend.engine.ops import Window
from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.conv import Conv, ConvWeight, Geometry

PAIR = st.tuples(st.integers(1, 3), st.integers(1, 3))
GEOMETRY = st.builds(
    Geometry, channels=st.integers(1, 5), size=st.tuples(st.integers(3, 20), st.integers(3, 20)),
    out=st.sampled_from([1, 3, 32, 37]), kernel=PAIR, stride=PAIR,
    pads=st.tuples(st.tuples(st.integers(0, 2), st.integers(0, 2)), st.tuples(st.integers(0, 2), st.integers(0, 2))),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
)  # fmt: skip
SLOWLY = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def evaluated(name: str, *arrays: np.ndarray, **attributes) -> np.ndarray:
    return PRIMITIVES[name].evaluate(*[x.astype(np.float64) for x in arrays], **attributes)


def window(g: Geometry) -> dict:
    return {"window": Window(g.stride, g.pads, g.dilation), "groups": 1}


def drawn(g: Geometry, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = (n, g.channels, *g.size), (g.out, g.channels, *g.kernel), (n, g.out, *g.places)
    x, w, y = (rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    return x, w, y


def close(found: np.ndarray, exact: np.ndarray, tolerance: float = 1e-5) -> None:
    np.testing.assert_allclose(found, exact, rtol=0, atol=tolerance * max(1, np.abs(exact).max(initial=0)))


@SLOWLY
@given(g=GEOMETRY, n=st.integers(0, 3), threads=st.integers(1, 3))
def test_the_convolution(run, g: Geometry, n: int, threads: int) -> None:
    if min(g.places) < 1:
        return
    x, w, y = drawn(g, n)
    found, kernel = np.full(y.shape, np.nan, np.float32), Conv(FLOAT, g, False, jit.target().vector_bytes)
    room = np.zeros(kernel.room * threads, np.uint8)
    run("conv", kernel.source(), n, x, w, found, room, threads=threads)
    close(found, evaluated("conv2d", x, w, **window(g)))


@SLOWLY
@given(g=GEOMETRY, n=st.integers(0, 3), threads=st.integers(1, 3))
def test_the_gradient_of_the_weights(run, g: Geometry, n: int, threads: int) -> None:
    if min(g.places) < 1:
        return
    x, w, y = drawn(g, n)
    found, kernel = np.full(w.shape, np.nan, np.float32), ConvWeight(FLOAT, g, jit.target().vector_bytes)
    room = np.zeros(kernel.room * threads, np.uint8)
    run("conv_weight", kernel.source(), n, x, y, found, room, threads=threads)
    close(found, evaluated("conv2d_weight", x, y, kernel=g.kernel, **window(g)))


@SLOWLY
@given(g=GEOMETRY, n=st.integers(1, 3), threads=st.integers(1, 3))
def test_turned_weights_give_the_gradient_of_the_input(run, g: Geometry, n: int, threads: int) -> None:
    if min(g.places) < 1 or g.back is None:
        return
    x, w, y = drawn(g, n)
    found, kernel = np.full(x.shape, np.nan, np.float32), Conv(FLOAT, g.back, True, jit.target().vector_bytes)
    run("conv", kernel.source(), n, y, w, found, np.zeros(kernel.room * threads, np.uint8), threads=threads)
    close(found, evaluated("conv2d_input", w, y, size=g.size, **window(g)))


def test_more_padding_than_the_window_reaches_has_no_way_back() -> None:
    assert Geometry(1, (5, 5), 1, (3, 3), (1, 1), ((3, 0), (0, 0)), (1, 1)).back is None


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width(run, vector_bytes: int, kind: str) -> None:
    g = Geometry(3, (13, 17), 33, (3, 3), (2, 1), ((1, 0), (0, 2)), (1, 1))
    x, w, y = (array.astype(np.float32 if kind == FLOAT else np.float64) for array in drawn(g, 2))
    for kernel, arrays, exact in (
        (Conv(kind, g, False, vector_bytes), (x, w, np.empty_like(y)), evaluated("conv2d", x, w, **window(g))),
        (ConvWeight(kind, g, vector_bytes), (x, y, np.empty_like(w)),
         evaluated("conv2d_weight", x, y, kernel=g.kernel, **window(g))),
    ):  # fmt: skip
        run("k", kernel.source("k"), 2, *arrays, np.zeros(kernel.room, np.uint8))
        close(arrays[-1], exact, 1e-5 if kind == FLOAT else 1e-13)
