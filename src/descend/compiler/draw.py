"""A graph as a drawing in SVG: each equation a box, below the boxes whose results it reads.

Values are called what they are called in the graph as text. Each box stands right above the first that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby

from descend.compiler.graph import Equation, Fused, Graph, Literal, Value
from descend.compiler.text import Names, label

WIDTH, HEIGHT, GAP_X, GAP_Y = 220, 44, 16, 34  # of a box, and between boxes, in pixels
LETTERS = 28  # that a box is wide

STYLE = """
text { font: 12px ui-monospace, monospace; fill: #222; } .kind { fill: #777; font-size: 10px; }
rect { fill: #fff; stroke: #555; rx: 5; } .input rect { fill: #f2f2f2; stroke-dasharray: 3 2; }
.fused rect { fill: #eef5ee; } .output rect { stroke-width: 2.5; } path { fill: none; stroke: #999; }
"""


@dataclass(frozen=True)
class Box:
    """A rectangle with two lines of text, in row `row` and column `column`."""

    row: int
    column: int
    title: str
    kind: str
    look: str

    @property
    def x(self) -> int:
        """The left edge."""
        return GAP_X + self.column * (WIDTH + GAP_X)

    @property
    def y(self) -> int:
        """The upper edge."""
        return GAP_Y + self.row * (HEIGHT + GAP_Y)


def svg(graph: Graph) -> str:
    """The drawing, as a document of its own."""
    boxes = _boxes(graph)
    width = max((box.x for box in boxes.values()), default=0) + WIDTH + GAP_X
    height = max((box.y for box in boxes.values()), default=0) + HEIGHT + GAP_Y
    arrows = [(x, e.outputs[0]) for e in graph.equations for x in dict.fromkeys(e.inputs) if x in boxes]
    edges = [_edge(boxes[above], boxes[below]) for above, below in arrows]
    drawn = [_drawn(box) for box in dict.fromkeys(boxes.values())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<style>{STYLE}</style>{''.join(edges)}{''.join(drawn)}</svg>"
    )


def _boxes(graph: Graph) -> dict[Value, Box]:
    """The box of every value; a literal is written into the boxes that read it."""
    rows = _rows(graph)
    name, outputs = Names(), set(graph.outputs)
    for value in (*graph.inputs, *(x for e in graph.equations for x in e.outputs)):
        name(value)
    makers: list[tuple[int, Equation | Value]] = [(rows[e.outputs[0]], e) for e in graph.equations]
    makers += [(rows[value], value) for value in graph.inputs]
    makers.sort(key=lambda pair: pair[0])
    boxes: dict[Value, Box] = {}
    for row, group in groupby(makers, key=lambda pair: pair[0]):
        for column, (_, maker) in enumerate(group):
            box, values = _box(row, column, maker, name, outputs)
            boxes |= dict.fromkeys(values, box)
    return boxes


def _box(
    row: int, column: int, maker: Equation | Value, name: Names, outputs: set[Value]
) -> tuple[Box, tuple[Value, ...]]:
    if isinstance(maker, Value):
        return Box(row, column, name(maker), maker.kind, "input"), (maker,)
    look = "fused" if isinstance(maker.operation, Fused) else "equation"
    literals = [repr(x) for x in maker.inputs if isinstance(x, Literal)]
    title = f"{', '.join(map(name, maker.outputs))} = {label(maker)}{f' {literals[0]}' if literals else ''}"
    look += " output" if outputs & set(maker.outputs) else ""
    return Box(row, column, title, maker.outputs[0].kind, look), maker.outputs


def _rows(graph: Graph) -> dict[Value, int]:
    """For each value its row: above its first reader; what nobody reads is as far down as the longest way to it."""
    early: dict[Value, int] = dict.fromkeys(graph.inputs, 0)
    for equation in graph.equations:
        below = 1 + max((early[x] for x in equation.inputs if x in early), default=0)
        early |= dict.fromkeys(equation.outputs, below)
    above: dict[Value, int] = {}  # the row above the first reader
    for equation in reversed(graph.equations):
        row = min((above[x] for x in equation.outputs if x in above), default=early[equation.outputs[0]])
        above |= dict.fromkeys(equation.outputs, row)
        above |= {x: min(above.get(x, row), row - 1) for x in equation.inputs}
    return early | above


def _edge(above: Box, below: Box) -> str:
    x, y, u, v = above.x + WIDTH // 2, above.y + HEIGHT, below.x + WIDTH // 2, below.y
    return f'<path d="M{x} {y} C{x} {y + GAP_Y} {u} {v - GAP_Y} {u} {v}"/>'


def _drawn(box: Box) -> str:
    title = box.title if len(box.title) <= LETTERS else box.title[: LETTERS - 1] + "…"
    return (
        f'<g class="{box.look}"><rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{HEIGHT}"/>'
        f"<title>{escape(box.title)}: {escape(box.kind)}</title>"
        f'<text x="{box.x + 8}" y="{box.y + 19}">{escape(title)}</text>'
        f'<text class="kind" x="{box.x + 8}" y="{box.y + 35}">{escape(box.kind)}</text></g>'
    )
