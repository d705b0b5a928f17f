"""From a model to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.disk.durable import write_file
from descend.engine import Tensor
from descend.engine.errors import DtypeError, ShapeError, TraceError
from descend.nn import Module
from descend.train.onnx.graph import Graph, Length, Open, described
from descend.train.onnx.operators import written
from descend.train.onnx.watch import Row, Watched, watch

Array = NDArray[Any]
Shape = tuple[Length, ...]


def export_onnx(
    model: Callable[..., Any], x: Array, path: str | Path, *, any_batch: bool = True, name: str = "output"
) -> None:
    """Write what the model computes from x in evaluation mode as an ONNX file, weights included.

    Weights keep their names. The input is called "input".

    Args:
        model: a module, or any function of one tensor.
        x: an example of the input, with its batch axis. Only shape and type count.
        any_batch: leave the length of the first axis open. The model is watched with two lengths, and what differs
            between the two is the batch; where that cannot be said in ONNX, pass False.
        name: what the output is called.

    Raises: DtypeError, ShapeError for what is no example, UsageError for a primitive without an ONNX operator,
    TraceError where the batch cannot be left open, or where Python looks at the numbers that go through the model.
    """
    example = np.asarray(x)
    if example.dtype.kind not in "buif":
        raise DtypeError(
            "the second argument is an example of the input", given=repr(x)[:60], needed="an array of numbers",
            fix="export_onnx(model, x, path)",
        )  # fmt: skip
    if not example.ndim:
        raise ShapeError("an example of the input has a batch axis", given="shape ()", needed="(n, ...)", fix="x[None]")
    passes = [watch(model, _of_length(example, n)) for n in ((2, 3) if any_batch else (len(example),))]
    rows, shapes = _open_batch(*passes) if any_batch else (passes[0].rows, {})
    graph = Graph()
    names = {passes[0].x: "input"} | _constants(graph, model, passes[0].outside, shapes)
    _compute(graph, rows, names)
    graph.node("Identity", [names[passes[0].y]], name)
    x_info = described("input", passes[0].dtype, ["batch" if any_batch else len(example), *example.shape[1:]])
    write_file(Path(path), _file(graph, x_info, passes, name))


def _of_length(x: Array, n: int) -> Array:
    return np.resize(x, (n, *x.shape[1:])) if len(x) else np.zeros((n, *x.shape[1:]), x.dtype)


def _compute(graph: Graph, rows: list[Row], names: dict[int, str]) -> None:
    for row in rows:
        names[row.gave] = f"{row.primitive.name}_{row.gave}"
        written(graph, row, [names[i] for i in row.read], names[row.gave])


def _file(graph: Graph, x: bytes, seen: list[Watched], output: str) -> bytes:
    shape = _lengths(seen[0].output.shape, seen[-1].output.shape)
    return graph.file(x, described(output, seen[0].output.dtype, [_word(n) for n in shape]), "descend")


def _word(length: Length) -> int | str:
    """A length as ONNX describes it: an open one has a name."""
    if isinstance(length, int):
        return length
    return "batch" if length.times == 1 else f"{length.times} batch"


def _constants(graph: Graph, model: Any, outside: Mapping[int, Tensor], shapes: Mapping[int, Shape]) -> dict[int, str]:
    paths = {id(cell): path for path, cell in model.named_cells()} if isinstance(model, Module) else {}
    names = {n: graph.constant(t.value, paths.get(id(t), "")) for n, t in outside.items() if n not in shapes}
    for n, shape in shapes.items():
        one = graph.constant(_first(outside[n], shape))
        names[n] = graph.node("Expand", [one, graph.shape(shape)])
    return names


# The two passes, with batches of 2 and 3, are laid side by side.


def _open_batch(two: Watched, three: Watched) -> tuple[list[Row], dict[int, Shape]]:
    """The rows of the first pass with open lengths in shapes, and the open shapes of what comes from outside."""
    if [(row.primitive, row.read) for row in two.rows] != [(row.primitive, row.read) for row in three.rows]:
        raise _fixed("the model does different things for batches of different lengths", "two different graphs")
    shapes = {n: _outside(tensor, three.outside.get(n)) for n, tensor in two.outside.items()}
    rows = [_opened(*pair) for pair in zip(two.rows, three.rows, strict=True)]
    return rows, {n: shape for n, shape in shapes.items() if any(isinstance(length, Open) for length in shape)}


def _outside(two: Tensor, three: Tensor | None) -> Shape:
    """The shape of a constant; one that is as long as the batch must be the same for every example."""
    if three is None or two.ndim != three.ndim:
        raise _fixed("a number in the model depends on the length of the batch", f"shape {two.shape}")
    shape = _lengths(two.shape, three.shape)
    if not np.array_equal(_first(two, shape), _first(three, shape), equal_nan=True) or not _uniform(two, shape):
        raise _fixed("a number in the model depends on the length of the batch", f"shape {two.shape}")
    return shape


def _first(tensor: Tensor, shape: Shape) -> Array:
    """The values of the first example, its axes kept."""
    value: Array = tensor.value[tuple(slice(0, 1) if isinstance(n, Open) else slice(None) for n in shape)]
    return value


def _uniform(tensor: Tensor, shape: Shape) -> bool:
    return np.array_equal(np.broadcast_to(_first(tensor, shape), tensor.shape), tensor.value, equal_nan=True)


def _opened(two: Row, three: Row) -> Row:
    if two.attributes == three.attributes:
        return two
    if two.primitive.name not in ("reshape", "expand"):
        raise _fixed(f"what {two.primitive.name} does depends on the length of the batch", f"{two.attributes}")
    shape = _lengths(two.attributes["shape"], three.attributes["shape"])
    return replace(two, attributes={"shape": shape})


def _lengths(two: tuple[int, ...], three: tuple[int, ...]) -> Shape:
    """A shape from what it is for 2 and for 3 examples."""
    if any(a != b and 3 * a != 2 * b for a, b in zip(two, three, strict=True)):
        raise _fixed("a length is no multiple of the batch's", f"{two} for 2 examples, {three} for 3")
    return tuple(a if a == b else Open(a // 2) for a, b in zip(two, three, strict=True))


def _fixed(problem: str, given: str) -> TraceError:
    return TraceError(problem, given=given, needed="the same graph for every batch", fix="pass any_batch=False")
