from __future__ import annotations

import pytest

from descend.cli.mathematics import readable
from descend.guide.registry import exercises


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"$p$", "*p*"),
        (r"$L(p) = p^2$", "*L(p) = p²*"),
        (r"$\eta \cdot \Delta x$", "*η · Δ x*"),
        (r"$p_{\text{new}}$", "*p_new*"),
        (r"$x^{-1} \le n^{10}$", "*x⁻¹ ≤ n¹⁰*"),
        (r"it costs $5", "it costs $5"),
        (r"$\unknown x$", r"*\unknown x*"),
    ],
)
def test_a_formula_is_written_in_unicode(formula: str, text: str) -> None:
    assert readable(formula) == text


def test_a_displayed_formula_stands_on_its_own() -> None:
    assert readable("a\n\n$$a - \\eta g$$\n\nb") == "a\n\n\n    a - η g\n\n\nb"


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.name)
def test_no_statement_leaves_latex_behind(exercise: object) -> None:
    text = readable(exercise.statement)  # type: ignore[attr-defined]
    assert "\\" not in text
    assert "$" not in text
