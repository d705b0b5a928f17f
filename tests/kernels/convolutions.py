"""Convolutions of every geometry, with sequences, images and volumes, and what NumPy makes of them in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from descend.engine import PRIMITIVES
from descend.engine.ops import Window
from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.geometry import Geometry

SLOWLY = settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
KINDS = {FLOAT: np.float32, DOUBLE: np.float64}
TOLERANCES = {FLOAT: 1e-5, DOUBLE: 1e-13}
LONGEST = {1: 40, 2: 20, 3: 7}
EDGE = 64  # numbers behind a result that must stay as they are


@st.composite
def geometries(draw: Callable, groups: Sequence[int] = (1, 1, 2, 3), out: Sequence[int] = (1, 3, 32, 37)) -> Geometry:
    """Any window over images of one, two or three axes, as long as it fits into the padded image."""
    axes = draw(st.sampled_from([1, 2, 2, 3]))
    sizes, few, padding = st.integers(1, LONGEST[axes]), st.integers(1, 3), st.integers(0, 3)
    one = [draw(st.tuples(sizes, st.integers(1, 4), few, st.tuples(padding, padding), few)) for _ in range(axes)]
    size, kernel, stride, pads, dilation = zip(*one, strict=True)
    channels, out_channels = draw(st.integers(1, 5)), draw(st.sampled_from(out))
    found = Geometry(channels, size, out_channels, kernel, stride, pads, dilation, draw(st.sampled_from(groups)))
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    assume(all(n + sum(pair) >= r for n, pair, r in zip(size, pads, reach, strict=True)))
    return found


def drawn(g: Geometry, n: int, kind: str = FLOAT) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, weights, cotangents."""
    rng = np.random.default_rng(0)
    shapes = (n, g.groups * g.channels, *g.size), (g.groups * g.out, g.channels, *g.kernel)
    x, w, y = (rng.standard_normal(shape).astype(KINDS[kind]) for shape in (*shapes, (n, g.groups * g.out, *g.places)))
    return x, w, y


def exact(name: str, g: Geometry, *arrays: np.ndarray, **attributes) -> np.ndarray:
    """What the primitive of this name says, "conv", "input" or "weight"."""
    symbol = f"conv{len(g.size)}d" + ("" if name == "conv" else f"_{name}")
    window = Window(g.stride, g.pads, g.dilation)
    return PRIMITIVES[symbol].evaluate(*map(np.float64, arrays), window=window, groups=g.groups, **attributes)


def computed(run, kernel, arrays: tuple, shape: tuple[int, ...], threads: int = 1) -> np.ndarray:
    """What the kernel writes, and nothing behind it, whatever its room holds before."""
    room = np.full(kernel.room * threads // 4 + 1, np.nan, np.float32)
    found = np.full(int(np.prod(shape)) + EDGE, np.nan, KINDS[kernel.kind])
    run(kernel.symbol, kernel.source(), len(arrays[0]), *arrays, found, room, threads=threads)
    assert np.isnan(found[-EDGE:]).all()
    return found[:-EDGE].reshape(shape)


def close(found: np.ndarray, wanted: np.ndarray, kind: str = FLOAT) -> None:
    """Equal to rounding, measured against the largest number."""
    scale = max(1, np.abs(wanted).max(initial=0))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCES[kind] * scale)


def here() -> int:
    """Bytes of a register of this processor."""
    return jit.target().vector_bytes
