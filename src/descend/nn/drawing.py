"""The pieces of a network's picture: boxes, frames, columns and rows, each of which knows its size.

Signals run from the middle of a piece's upper edge to the middle of its lower edge. Lengths are in pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

Lines = list[str]
Title = tuple[str, str]

GAP, INSET, HEAD, LINE = 26.0, 14.0, 26.0, 17.0
_CHARACTER, _BOLD = 6.8, 7.6  # the mean width of a letter at 12 pixels
_LONGEST = 46  # letters of a detail in one line

_STYLE = """
.net { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.net text { fill: #1f2328; } .net .soft { fill: #656d76; } .net .kind { font-weight: 600; }
.net .layer { fill: #ffffff; stroke: #8c959f; } .net .frame { fill: #80808012; stroke: #afb8c1; }
.net .bar { fill: #424a53; } .net .way { fill: none; stroke: #656d76; } .net .tip { fill: #656d76; }
@media (prefers-color-scheme: dark) {
.net text { fill: #e6edf3; } .net .soft { fill: #9198a1; } .net .layer { fill: #161b22; stroke: #656c76; }
.net .frame { stroke: #3d444d; } .net .bar { fill: #b7bdc8; }
.net .way { stroke: #9198a1; } .net .tip { fill: #9198a1; }
}
"""


class Drawn(NamedTuple):
    """A piece: its size, and the SVG elements it is made of when its upper left corner is at (x, y)."""

    width: float
    height: float
    at: Callable[[float, float], Lines]


def layer(title: Title, detail: str, learned: int, repeated: str) -> Drawn:
    """A single layer: its kind and name, its settings, how many numbers it learns. A bar marks those that learn."""
    kind, name = title
    count = f"{learned:,}" if learned else ""
    words = _broken(detail)
    width = (
        max(
            _head_width(kind, name, repeated) + _wide(count) + (18 if count else 0),
            *(_wide(line) for line in words),
            60,
        )
        + 2 * INSET
    )
    height = 26 + LINE * len(words)

    def at(x: float, y: float) -> Lines:
        found = [f'<rect class="layer" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="5"/>']
        if learned:
            found.append(f'<rect class="bar" x="{x:.1f}" y="{y + 5:.1f}" width="3" height="{height - 10:.1f}"/>')
        found.append(_heading(x + INSET, y + 17, kind, name, repeated))
        if count:
            found.append(_text(x + width - INSET, y + 17, count, "soft", "end"))
        return [*found, *(_text(x + INSET, y + 17 + LINE * (i + 1), line, "soft") for i, line in enumerate(words))]

    return Drawn(width, height, at)


def framed(title: Title, detail: str, inside: Drawn, repeated: str) -> Drawn:
    """A container: a frame with a heading around what is inside."""
    kind, name = title
    words = _broken(detail)
    head = HEAD + LINE * len(words)
    width = max(inside.width, _head_width(kind, name, repeated), *(_wide(line) for line in words), 60) + 2 * INSET
    height = inside.height + head + INSET

    def at(x: float, y: float) -> Lines:
        middle = x + width / 2
        found = [f'<rect class="frame" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="8"/>']
        found.append(_heading(x + INSET, y + 17, kind, name, repeated))
        found += [_text(x + INSET, y + 17 + LINE * (i + 1), line, "soft") for i, line in enumerate(words)]
        found += inside.at(middle - inside.width / 2, y + head)
        return found

    return Drawn(width, height, at)


def chain(pieces: Sequence[Drawn], ties: Sequence[str | None]) -> Drawn:
    """Pieces one under the other, with an arrow and its shape between two of them, or nothing where a tie is None."""
    width = max(*(piece.width for piece in pieces), *(2 * (_wide(tie) + 9) for tie in ties if tie), 0)
    gaps = [GAP if tie is not None else GAP / 3 for tie in ties]
    height = sum(piece.height for piece in pieces) + sum(gaps)

    def at(x: float, y: float) -> Lines:
        found: Lines = []
        middle = x + width / 2
        for number, piece in enumerate(pieces):
            found += piece.at(middle - piece.width / 2, y)
            y += piece.height
            if number < len(ties):
                tie = ties[number]
                found += [] if tie is None else _arrow(middle, y, y + gaps[number], tie)
                y += gaps[number]
        return found

    return Drawn(width, height, at)


def listed(pieces: Sequence[Drawn]) -> Drawn:
    """Pieces one under the other, without saying which follows which."""
    return chain(pieces, [None] * (len(pieces) - 1))


def side(pieces: Sequence[Drawn], join: str) -> Drawn:
    """Pieces side by side that share what comes in, and are joined again below under the word or sign `join`."""
    width = sum(piece.width for piece in pieces) + GAP * (len(pieces) - 1)
    tallest = max(piece.height for piece in pieces)
    height = tallest + 2 * GAP + (18 if join else 0)

    def at(x: float, y: float) -> Lines:
        found: Lines = []
        middle, top, bottom = x + width / 2, y + GAP, y + GAP + tallest
        for piece in pieces:
            centre = x + piece.width / 2
            found += piece.at(x, top)
            found.append(_bend(middle, y, centre, top))
            found.append(_way(centre, top + piece.height, centre, bottom))
            if join:
                found.append(_bend(centre, bottom, middle, bottom + GAP))
            else:
                found.append(_way(centre, bottom, centre, bottom + GAP))
            x += piece.width + GAP
        return [*found, _text(middle, bottom + GAP + 13, join, "kind", "middle")] if join else found

    return Drawn(width, height, at)


def straight() -> Drawn:
    """A way on which nothing happens."""

    def at(x: float, y: float) -> Lines:
        return [
            _text(x + 20, y + 12, "x", "soft", "middle"),
            _way(x + 20, y + 18, x + 20, y + 30),
            _way(x + 20, y, x + 20, y + 2),
        ]

    return Drawn(40, 30, at)


def page(drawn: Drawn, entering: str, leaving: str) -> str:
    """The whole picture, with arrows into it and out of it that are labelled with the shapes of input and output."""
    top, bottom = (GAP if entering else 0.0), (GAP if leaving else 0.0)
    width, height = drawn.width + 2 * INSET, drawn.height + top + bottom + 2 * INSET
    body = _arrow(width / 2, INSET, INSET + top, entering) if entering else []
    body += drawn.at(INSET, INSET + top)
    body += _arrow(width / 2, height - INSET - bottom, height - INSET, leaving) if leaving else []
    content = "\n".join(body)
    return (
        f'<svg class="net" xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img"><style>{_STYLE}</style>\n{content}\n</svg>'
    )


def _head_width(kind: str, name: str, repeated: str) -> float:
    """A heading's width: its first word is bold."""
    return len(kind) * _BOLD + _wide(f"{name} {repeated}") + 8


def _wide(text: str) -> float:
    return len(text) * _CHARACTER


def _broken(detail: str) -> list[str]:
    """The settings in lines that are not too long, broken after commas."""
    lines: list[str] = []
    for word in filter(None, detail.split(", ")):
        if lines and len(lines[-1]) + len(word) + 2 <= _LONGEST:
            lines[-1] += f", {word}"
        else:
            lines.append(word)
    return lines


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _heading(x: float, y: float, kind: str, name: str, repeated: str) -> str:
    soft = "".join(
        f'<tspan class="soft" dx="6" font-weight="400">{escape(part)}</tspan>' for part in (name, repeated) if part
    )
    return f'<text class="kind" x="{x:.1f}" y="{y:.1f}">{escape(kind)}{soft}</text>'


def _way(x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<path class="way" d="M{x0:.1f} {y0:.1f} L{x1:.1f} {y1:.1f}"/>'


def _bend(x0: float, y0: float, x1: float, y1: float) -> str:
    half = (y0 + y1) / 2
    return f'<path class="way" d="M{x0:.1f} {y0:.1f} C{x0:.1f} {half:.1f} {x1:.1f} {half:.1f} {x1:.1f} {y1:.1f}"/>'


def _arrow(x: float, y0: float, y1: float, label: str) -> Lines:
    tip = f'<path class="tip" d="M{x - 4:.1f} {y1 - 6:.1f} L{x + 4:.1f} {y1 - 6:.1f} L{x:.1f} {y1:.1f} Z"/>'
    found = [_way(x, y0, x, y1 - 5), tip]
    return [*found, _text(x + 9, (y0 + y1) / 2 + 3, label, "soft")] if label else found
