"""Elementary functions to 4 units in the last place over the whole range, and NumPy's limits."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from scipy import special

from descend.kernels import bounds, jit
from descend.kernels.code import DOUBLE, FLOAT, Function
from descend.kernels.mathematics import FUNCTIONS

UNITS = {
    "exp": 1.1, "expm1": 2.6, "log": 1.1, "log1p": 2.6, "tanh": 2.6, "erf": 2.6, "erfc": 3.9, "sigmoid": 2.6,
    **dict.fromkeys(("sqrt", "floor", "ceil", "trunc", "round", "abs", "sign"), 0.51),
    **dict.fromkeys(("exp2", "log2", "log10", "sinh", "cosh", "pow"), 0.51),
    **dict.fromkeys(("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "fmod", "remainder"), 0.51),
}  # fmt: skip
"""How far from the exact value each may lie, in units of float32's last place: as measured, rounded up."""
EXACT: dict[str, Callable] = {"pow": np.power, "abs": np.abs, "erf": special.erf, "erfc": special.erfc}
EXACT["sigmoid"] = special.expit
TWO = {"pow", "arctan2", "fmod", "remainder"}
LIBRARY = {"fmod", "remainder"}
LIMITS = [0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1e-40, 3e38, -3e38, 88.7, 88.73, 89, -88, -103.5, -104, 0.5]
LIMITS += [-1, 1, 2, 3, -3, -0.5, 10.05, 10.1, 1e30, 16777216, 16777217.0]
LIMITS += [0.009758265, 0.47, 0.4700001]  # 1 - erf(x) loses most where the result is just below 1


def arguments() -> np.ndarray:
    rng = np.random.default_rng(0)
    wide, near = rng.uniform(-110, 90, 20_000), rng.standard_normal(20_000) * 0.5
    scales = np.exp(rng.uniform(-100, 88, 20_000)) * rng.choice([-1, 1], 20_000)
    every = np.arange(0, 1 << 32, 30_011, np.uint64).astype(np.uint32).view(np.float32)  # 280 of each power of two
    found = [LIMITS, wide, near, rng.uniform(-1, 1, 20_000), scales, every[np.isfinite(every)]]
    return np.concatenate(found).astype(np.float32)


def source(name: str, kind: str = FLOAT) -> str:
    """The function over arrays: of one argument or two."""
    code = Function("f")
    arrays, target = [code.pointer(place) for place in ((1, 2) if name in TWO else (1,))], code.pointer(3)
    with code.loop(0, code.number(0), parallel=True) as i:
        code.store(FUNCTIONS[name](code, *[code.load(kind, array, i) for array in arrays]), target, i)
    return code.text()


def inputs(name: str) -> list[np.ndarray]:
    x = arguments()
    if name not in TWO:
        return [x]
    a, b = (part.reshape(-1) for part in np.meshgrid(np.float32(LIMITS), np.float32(LIMITS)))
    rng = np.random.default_rng(1)
    small = rng.uniform(-5, 5, 40_000), rng.integers(-9, 9, 40_000)
    parts = (a, x, *small), (b, rng.permutation(x), *small[::-1])
    return [np.concatenate(part).astype(np.float32) for part in parts]


def exact(name: str, given: list[np.ndarray]) -> np.ndarray:
    return EXACT.get(name, getattr(np, name, None))(*[x.astype(np.float64) for x in given])


@pytest.mark.parametrize("name", list(UNITS))
def test_four_units_in_the_last_place(name: str, run) -> None:
    given = inputs(name)
    found = np.empty_like(given[0])
    run("f", source(name), found.size, given[0], given[-1], found)
    with np.errstate(all="ignore"):
        right = exact(name, given)
        wanted = right.astype(np.float32)
    finite = np.isfinite(wanted)
    assert np.array_equal(found[~finite], wanted[~finite], equal_nan=True)
    units = np.abs(found[finite] - right[finite]) / np.spacing(np.abs(wanted[finite]))
    assert units.max() <= UNITS[name] <= 4
    signed = ~np.isnan(wanted[: len(LIMITS) ** 2])
    signs = (np.signbit(x[: len(LIMITS) ** 2])[signed] for x in (found, wanted))
    assert np.array_equal(*signs)


@pytest.mark.parametrize("name", list(UNITS))
def test_float64(name: str, run) -> None:
    given = [x.astype(np.float64) for x in inputs(name)]
    found = np.empty_like(given[0])
    run("f", source(name, DOUBLE), found.size, given[0], given[-1], found)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found, exact(name, given), rtol=1e-13 if name == "erfc" else 1e-15, atol=1e-300)


def test_the_largest_angles(run) -> None:
    """Angles of every exponent, among them those next to a multiple of π/2, against a reduction in whole numbers."""
    rng = np.random.default_rng(0)
    x = np.ldexp(rng.uniform(1, 2, 20_000), rng.integers(24, 128, 20_000)).astype(np.float32)
    x = np.concatenate([x, -x, [np.float32(16367173 * 2.0**72)]], dtype=np.float32)  # the last is close to a half turn
    found = np.empty_like(x)
    run("f", source("sin"), x.size, x, x, found)
    digits = 1 << 300
    turn = 2 * 3141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067
    turn = turn * digits // 10**99
    angles = np.array([int(number) * digits % turn / digits for number in x])
    np.testing.assert_allclose(found, np.sin(angles), rtol=1e-7, atol=1e-15)


@pytest.mark.skipif(bounds.wanted(), reason="what checks every access goes one by one")
@pytest.mark.skipif(jit.target().vector_bytes == 16, reason="fma is a function of the C library here")
@pytest.mark.parametrize("name", sorted(UNITS.keys() - LIBRARY))
def test_a_loop_over_it_is_vectorised(name: str) -> None:
    assembly = jit.assembly(source(name))
    assert {32: "ymm", 64: "zmm"}[jit.target().vector_bytes] in assembly
    assert not re.search(r"\bcallq?\b", assembly)
