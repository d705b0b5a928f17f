from __future__ import annotations

import re

import pytest
from math_core import LatexError

from descend.guide import registry
from descend.studio import labs
from descend.studio.prose import render

STATEMENTS = {one.name: one.statement for one in registry.exercises()}
ABOUTS = {name: labs.get(name).about for name in labs.ORDER}


@pytest.mark.parametrize("name", [*STATEMENTS, *ABOUTS])
def test_every_formula_of_the_course_is_mathematics(name: str) -> None:
    text = {**STATEMENTS, **ABOUTS}[name]
    assert text.strip()
    html = render(text)
    formulas = len(re.findall(r"\$\$.+?\$\$|\$[^$]+\$", text, re.DOTALL))
    assert html.count("<math") == formulas
    assert "$" not in re.sub(r"<pre>.*?</pre>", "", html, flags=re.DOTALL)
    assert "style=" not in html
    assert "<script" not in html


def test_formulas_in_the_line_and_on_their_own() -> None:
    html = render("a $x^2$ b\n\n$$\\sum_{i=1}^n x_i$$\n")
    assert '<math display="block">' in html
    assert html.count("<math") == 2
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html


def test_a_broken_formula_is_an_error() -> None:
    with pytest.raises(LatexError):
        render(r"$\frac{1}{$")


def test_prices_are_no_formulas() -> None:
    assert "<math" not in render("from $5 to $10")


def test_code_is_coloured_by_classes() -> None:
    html = render("```python\ndef f(x): return 'a<b'\n```\n")
    assert '<span class="tk-k">def</span>' in html
    assert "a&lt;b" in html
    assert "style=" not in html


@pytest.mark.parametrize("language", ["", "nosuchlanguage"])
def test_code_of_no_known_language_is_plain(language: str) -> None:
    assert "x &lt; 1" in render(f"```{language}\nx < 1\n```\n")


def test_html_is_shown_not_obeyed() -> None:
    html = render("<script>alert(1)</script> [a](javascript:alert(1)) <img src=x onerror=alert(1)>")
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_tables_are_tables() -> None:
    assert "<table>" in render("| a | b |\n|---|---|\n| 1 | 2 |\n")
