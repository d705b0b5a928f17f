"""Elementary functions to 4 units in the last place over the whole range, and NumPy's limits."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels.code import FLOAT, Function
from descend.kernels.mathematics import FUNCTIONS

EXACT = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh, "sqrt": np.sqrt,
    "sin": np.sin, "cos": np.cos, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "round": np.round,
    "abs": np.abs, "sign": np.sign, "exp2": np.exp2, "log2": np.log2, "log10": np.log10,
}  # fmt: skip
LIMITS = [0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1e-40, 3e38, -3e38, 88.7, 88.73, 89, -88, -103.5, -104, 0.5]


def arguments() -> np.ndarray:
    rng = np.random.default_rng(0)
    wide, near = rng.uniform(-110, 90, 20_000), rng.standard_normal(20_000) * 0.5
    scales = np.exp(rng.uniform(-100, 88, 20_000)) * rng.choice([-1, 1], 20_000)
    return np.concatenate([LIMITS, [-1, 1], wide, near, scales]).astype(np.float32)


@pytest.mark.parametrize("name", list(EXACT))
def test_four_units_in_the_last_place(name: str, run) -> None:
    code, x = Function("f"), arguments()
    with code.loop(0, code.number(0), parallel=True) as i:
        code.store(FUNCTIONS[name](code, code.load(FLOAT, code.pointer(1), i)), code.pointer(2), i)
    found = np.empty_like(x)
    run("f", code.text(), len(x), x, found)
    with np.errstate(all="ignore"):
        exact = EXACT[name](x.astype(np.float64))
        wanted = exact.astype(np.float32)
    finite = np.isfinite(wanted)
    assert np.array_equal(found[~finite], wanted[~finite], equal_nan=True)
    units = np.abs(found[finite] - exact[finite]) / np.spacing(np.abs(wanted[finite]))
    assert units.max() <= 4
    assert np.array_equal(np.signbit(found[: len(LIMITS)][wanted[: len(LIMITS)] == 0]), np.signbit(
        wanted[: len(LIMITS)][wanted[: len(LIMITS)] == 0]))  # fmt: skip
