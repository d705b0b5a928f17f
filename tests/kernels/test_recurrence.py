"""Recurrences of every size against NumPy in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descend.engine import PRIMITIVES
from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.recurrence import AT_ONCE, BACK, BOTH, GATES, STATES, Recurrence
from descend.kernels.recurrence_cells import CELLS

DTYPES = {FLOAT: np.float32, DOUBLE: np.float64}
TOLERANCE = {FLOAT: 2e-6, DOUBLE: 1e-13}
CASES = [
    *((cell, way) for cell in ("lstm", "gru") for way in (STATES, GATES, BOTH, BACK)),
    *((cell, way) for cell in ("tanh", "relu") for way in (STATES, BACK)),
]
every_case = pytest.mark.parametrize(("cell", "way"), CASES)

Sizes = tuple[int, int, int]


def drawn(cell: str, sizes: Sizes, seed: int = 0) -> dict[str, np.ndarray]:
    """Every array that a kernel may read: states and gates of a forward pass, weights that keep them moderate."""
    rng, (t, n, h), gates = np.random.default_rng(seed), sizes, len(CELLS[cell].gates)
    found = {"x": rng.standard_normal((t, n, gates * h)), "w": rng.standard_normal((gates * h, h)) / max(h, 1) ** 0.5}
    found |= {name: rng.standard_normal((n, h)) for name in ("h0", "c0")} | {"b": rng.standard_normal(gates * h)}
    found["s"] = value(cell, STATES, found)
    if CELLS[cell].kept:
        found["gates"] = value(cell, GATES, found)
    return found | {"g": rng.standard_normal(found["s"].shape)}


def value(cell: str, way: str, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """What the primitive means, in float64."""
    name = "rnn" if cell in ("tanh", "relu") else cell
    primitive = PRIMITIVES[{STATES: name, GATES: f"{name}_gates", BACK: f"{name}_adjoint"}[way]]
    inputs = kernel(cell, way).arrays[:-1]  # the last is the result
    attributes = {"function": cell} if name == "rnn" else {}
    return primitive.evaluate(*[arrays[x].astype(np.float64) for x in inputs], **attributes)


def kernel(cell: str, way: str, kind: str = FLOAT, vector_bytes: int = 0) -> Recurrence:
    return Recurrence(cell, way, kind, vector_bytes or jit.target().vector_bytes)


def computed(run, made: Recurrence, arrays: dict[str, np.ndarray], threads: int = 1) -> list[np.ndarray]:
    """What the kernel writes."""
    (t, n, _), h = arrays["x"].shape, arrays["w"].shape[1]
    gates = len(CELLS[made.cell].gates)
    empty = {
        "s": arrays["s"].shape, "gates": arrays["gates"].shape if "gates" in arrays else (),
        "back": (*(2,) * bool(CELLS[made.cell].own), t + 1, n, gates * h),
    }  # fmt: skip
    written = {STATES: ["s"], GATES: ["gates"], BOTH: ["s", "gates"], BACK: ["back"]}[made.way]
    dtype = DTYPES[made.kind]
    results = {name: np.full(empty[name], np.nan, dtype) for name in written}
    given = [results[name] if name in results else arrays[name].astype(dtype) for name in made.arrays]
    room = np.zeros(made.room(h) * threads, np.uint8)
    run("recurrence", made.source(), t, n, h, made.room(h), *given, room, threads=threads)
    return list(results.values())


def check(found: np.ndarray, wanted: np.ndarray, kind: str) -> None:
    scale = max(1, np.abs(wanted).max(initial=0))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE[kind] * scale)


def check_case(run, cell: str, way: str, made: Recurrence, sizes: Sizes, threads: int = 1) -> None:
    arrays = drawn(cell, sizes)
    found = computed(run, made, arrays, threads)
    for part, each in zip(found, (STATES, GATES) if way == BOTH else (way,), strict=True):
        check(part, value(cell, each, arrays), made.kind)


@every_case
@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(1, 40)), threads=st.integers(1, 3))
def test_every_size(run, cell: str, way: str, kind: str, sizes: Sizes, threads: int) -> None:
    check_case(run, cell, way, kernel(cell, way, kind), sizes, threads)


@every_case
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width_and_more_rows_than_go_at_once(run, cell: str, way: str, vector_bytes: int) -> None:
    check_case(run, cell, way, kernel(cell, way, FLOAT, vector_bytes), (3, AT_ONCE + 29, 35))


@every_case
def test_any_number_of_threads_gives_the_same_bits(run, cell: str, way: str) -> None:
    arrays = drawn(cell, (4, 53, 37))
    alone = computed(run, kernel(cell, way), arrays)
    for threads in (2, 3, 16):
        several = computed(run, kernel(cell, way), arrays, threads)
        assert all(np.array_equal(a, b) for a, b in zip(alone, several, strict=True))
