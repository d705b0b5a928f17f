"""Prose to HTML: Markdown with mathematics as MathML and coloured code. No script is needed to show it.

Colours of code are classes ("tk-k" is a keyword), as the pages' policy allows no styles in the text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from math_core import LatexToMathML

CLASS = "tk-"


def render(text: str) -> str:
    """The HTML of a text. Formulas stand between dollar signs; HTML in the text is shown, not obeyed.

    Raises:
        math_core.LatexError: a formula that cannot be read.
    """
    html: str = _reader().render(text)
    return html


def highlight(code: str, language: str, _: Any = None) -> str:
    """The HTML of a piece of code, with a class for each kind of word."""
    from pygments import highlight as paint
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    painted: str = paint(code, lexer, HtmlFormatter(nowrap=True, classprefix=CLASS))
    return painted


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    reader = MarkdownIt("commonmark", {"html": False, "highlight": highlight}).enable("table")
    reader.use(dollarmath_plugin, renderer=_formula, allow_digits=False)
    return reader


@cache
def _mathematics() -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML()


def _formula(latex: str, options: dict[str, Any]) -> str:
    return _mathematics().convert_with_local_state(latex.strip(), displaystyle=options["display_mode"])
