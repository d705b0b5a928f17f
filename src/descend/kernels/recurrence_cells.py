"""What one unit of a recurrent layer computes at one step, forwards and back, as formulas for `kernels.recurrence`.

Forwards they read

    x_i, ...    what the input says to each gate
    a_i, ...    what the states say to it: the products with the weights
    h, c        the states before

and make new_h, new_c and the gates that the way back needs. Back they read

    g_h, g_c    the cotangents of the states after the step that come from outside
    a_h, k      those from the later step: through the weights, and directly (0 at the last step)
    h, c, new_h, new_c, and the gates that were kept

and make the cotangents of_i, ... of what was said to each gate, and `carry`, which the earlier step finds as k. In
`own` the cotangents of the states' side stand, where they differ from those of the input's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """Gates and states by their letters, and the formulas. `kept` are the gates that the way back needs."""

    gates: str
    states: str
    kept: str
    forward: tuple[str, ...]
    back: tuple[str, ...]
    own: tuple[str, ...] = ()
    carries: str = ""  # the state whose cotangent begins as g + k
    biased: bool = False


def _simple(forward: str, slope: str) -> Cell:
    return Cell("a", "h", "", (f"new_h = {forward}",), (f"of_a = {slope}",))


CELLS = {
    "tanh": _simple("tanh(x_a + a_a)", "(g_h + a_h) * (1 - new_h * new_h)"),
    "relu": _simple("maximum(x_a + a_a, 0)", "g_h + a_h if new_h > 0 else 0"),
    "lstm": Cell(
        "ifgo", "hc", "ifgo",
        (
            "i = 1 / (1 + exp(-(x_i + a_i)))", "f = 1 / (1 + exp(-(x_f + a_f)))", "g = tanh(x_g + a_g)",
            "o = 1 / (1 + exp(-(x_o + a_o)))", "new_c = f * c + i * g", "new_h = o * tanh(new_c)",
        ),
        (
            "y = tanh(new_c)", "of_h = g_h + a_h", "of_c = g_c + k + of_h * o * (1 - y * y)",
            "of_i = of_c * g * i * (1 - i)", "of_f = of_c * c * f * (1 - f)", "of_g = of_c * i * (1 - g * g)",
            "of_o = of_h * y * o * (1 - o)", "carry = of_c * f",
        ),
        carries="c",
    ),
    "gru": Cell(
        "rzn", "h", "rznm",
        (
            "r = 1 / (1 + exp(-(x_r + a_r + b_r)))", "z = 1 / (1 + exp(-(x_z + a_z + b_z)))", "m = a_n + b_n",
            "n = tanh(x_n + r * m)", "new_h = n + z * (h - n)",
        ),
        (
            "of_h = g_h + a_h + k", "of_n = of_h * (1 - z) * (1 - n * n)", "of_r = of_n * m * r * (1 - r)",
            "of_z = of_h * (h - n) * z * (1 - z)", "own_n = of_n * r", "carry = of_h * z",
        ),
        own=("of_r", "of_z", "own_n"), carries="h", biased=True,
    ),
}  # fmt: skip
