"""A picture of a network: its containers, layers and shapes, as SVG."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from descend.engine import Tensor, tree
from descend.engine.dtypes import DEFAULT
from descend.nn.branches import Concat, Parallel, Residual, Sum
from descend.nn.drawing import Drawn, chain, framed, layer, listed, page, side, straight
from descend.nn.inspection import undisturbed
from descend.nn.module import Module
from descend.nn.sequential import Sequential
from descend.nn.summary import zeros

_JOINED = {Concat: "join", Sum: "+", Parallel: ""}


@dataclass(frozen=True)
class Diagram:
    """A picture of a network. A notebook shows it; `svg` is its text.

    Attributes:
        svg: a whole SVG document.
        shapes: the output shape of each module that ran, by its path.
    """

    svg: str
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def _repr_svg_(self) -> str:
        return self.svg


def diagram(model: Module, input_shape: Any = None, dtype: Any = DEFAULT) -> Diagram:
    """Draw a model: what is inside what, what follows what, and with an `input_shape` each output's shape.

    In a `Sequential` layers follow each other; in `Concat`, `Sum`, `Parallel` and `Residual` they are side by side.
    Modules of other kinds list their parts, with an `input_shape` in the order in which they ran, and an arrow is drawn
    where a part was seen to take what the part before it gave: only their forward knows that. Equal blocks in a row are
    drawn once.

    Args:
        input_shape: as for `summary`; the model is run on zeros and left as it was.
    """
    seen = _Seen({}, set())
    if input_shape is not None:
        seen = _watched(model, zeros(input_shape, dtype))
    drawn = _drawn("", model, "", seen)
    names = {id(module): path for path, module in model.named_modules()}
    inside = {names[key]: shape for key, shape in seen.shapes.items() if key in names}
    return Diagram(page(drawn, _shape_text(_first(input_shape)), _shape_text(seen.shapes.get(id(model)))), inside)


@dataclass(frozen=True)
class _Seen:
    """What a run showed: output shapes, and which module took what which other had just given; both by `id`."""

    shapes: dict[int, tuple[int, ...]]  # in the order in which the modules ended
    follows: set[tuple[int, int]]


def _watched(model: Module, inputs: list[Tensor]) -> _Seen:
    shapes: dict[int, tuple[int, ...]] = {}
    follows: set[tuple[int, int]] = set()
    makers: dict[int, tuple[Any, list[int]]] = {}  # the output too: an `id` names it only as long as it is there

    def note(module: Module, taken: tuple[Any, ...], y: Any) -> None:
        for x in taken[:1]:
            follows.update((maker, id(module)) for maker in makers.get(id(x), (x, []))[1])
        outputs = [part for part in tree.flatten(y)[0] if isinstance(part, Tensor)]
        for made in (y, *outputs[:1]):
            makers.setdefault(id(made), (made, []))[1].append(id(module))
        if outputs:
            shapes[id(module)] = outputs[0].shape

    with undisturbed(model), ExitStack() as hooks:
        for module in model.modules():
            hooks.callback(module.register_forward_hook(note))
        model(*inputs)
    return _Seen(shapes, follows)


def _drawn(name: str, module: Module, repeated: str, seen: _Seen) -> Drawn:
    """One module with everything inside it."""
    parts = list(module.named_children())
    kind = type(module).__name__
    if not parts:
        return layer(_title(name, kind), module.described(), _learned(module), repeated)
    inside = [(key, part, "", _drawn(key, part, "", seen)) for key, part in parts]
    if isinstance(module, Residual):
        body = [box for key, _, _, box in inside if key == "body"]
        shortcut = [box for key, _, _, box in inside if key == "shortcut"] or [straight()]
        drawn = side([*body, *shortcut], "+")
    elif type(module) in _JOINED:
        drawn = side([box for *_, box in inside], _JOINED[type(module)])
    else:
        drawn = _column(module, seen)
    return framed(_title(name, kind), module.described(), drawn, repeated)


def _column(module: Module, seen: _Seen) -> Drawn:
    """Parts one under the other, with arrows where one is known to follow the other."""
    boxes: list[Drawn] = []
    ties: list[str | None] = []
    last: Module | None = None
    for first, count, end in _runs(_ordered(module, seen)):
        name, part = first
        repeated = f"× {count}" if count > 1 else ""
        tied = isinstance(module, Sequential) or last is None or (id(last), id(part)) in seen.follows
        if last is not None:
            ties.append(_shape_text(seen.shapes.get(id(last))) if tied else None)
        boxes.append(_drawn(name, part, repeated, seen))
        last = end
    return listed(boxes) if all(tie is None for tie in ties) and ties else chain(boxes, ties)


def _ordered(module: Module, seen: _Seen) -> list[tuple[str, Module]]:
    """The parts with their names, in the order in which they ran; those that did not, behind."""
    parts = list(module.named_children())
    if isinstance(module, Sequential):
        return parts
    turns = {key: turn for turn, key in enumerate(seen.shapes)}
    return sorted(parts, key=lambda part: turns.get(id(part[1]), len(turns)))


def _runs(parts: list[tuple[str, Module]]) -> list[tuple[tuple[str, Module], int, Module]]:
    """The parts, those that are equal blocks in a row as one: (the first with its name, how many, the last)."""
    found: list[tuple[tuple[str, Module], int, Module]] = []
    for _, group in groupby(enumerate(parts), _likeness):
        alike = [part for _, part in group]
        found.append((alike[0], len(alike), alike[-1][1]))
    return found


def _likeness(numbered: tuple[int, tuple[str, Module]]) -> Any:
    """Equal for blocks that look the same; single layers are each their own kind."""
    number, (_, module) = numbered
    return repr(module) if any(True for _ in module.children()) else number


def _title(name: str, kind: str) -> tuple[str, str]:
    return kind, "" if name.isdigit() else name


def _learned(module: Module) -> int:
    return sum(cell.size for cell in module.parameters())


def _first(shape: Any) -> Any:
    return shape[0] if shape and isinstance(shape[0], (tuple, list)) else shape


def _shape_text(shape: Any) -> str:
    """The shape as 5 × 3 × 28 × 28."""
    return " × ".join(map(str, shape or ()))
