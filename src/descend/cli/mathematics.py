"""Formulas for a terminal: the little LaTeX that statements use, in Unicode."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = {
    r"\cdot": "·",
    r"\times": "×",
    r"\le": "≤",
    r"\ge": "≥",
    r"\ne": "≠",
    r"\to": "→",
    r"\in": "∈",
    r"\partial": "∂",
    r"\nabla": "∇",
    r"\sum": "∑",
    r"\infty": "∞",
    r"\quad": "  ",
}
_RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")


def readable(markdown: str) -> str:
    """Markdown whose formulas, between dollar signs, are written in Unicode; displayed ones are indented."""
    markdown = re.sub(r"\$\$(.+?)\$\$", lambda m: f"\n    {_plain(m[1].strip())}\n", markdown, flags=re.DOTALL)
    return re.sub(r"\$([^$\n]+)\$", lambda m: f"*{_plain(m[1])}*", markdown)


def _plain(formula: str) -> str:
    formula = re.sub(r"\\(?:text|mathrm|mathbf)\{([^}]*)\}", r"\1", formula)
    formula = re.sub(r"\\[a-zA-Z]+", _sign, formula)
    formula = re.sub(r"\^\{?([0-9+\-n]+)\}?", lambda m: m[1].translate(_RAISED), formula)
    formula = re.sub(r"_\{([^}]*)\}", r"_\1", formula)
    return re.sub(r"\\[,;! ]", " ", formula).replace("  ", " ")


def _sign(match: re.Match[str]) -> str:
    name = match[0]
    size = "CAPITAL" if name[1].isupper() else "SMALL"
    try:
        return _SIGNS.get(name) or unicodedata.lookup(f"GREEK {size} LETTER {name[1:].upper()}")
    except KeyError:
        return name
