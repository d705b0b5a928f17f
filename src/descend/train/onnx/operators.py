"""Every primitive that a forward pass may be made of, in ONNX's operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from descend.engine.errors import UsageError
from descend.engine.ops.indexing import INDEX
from descend.train.onnx.graph import Graph, Open, type_number
from descend.train.onnx.watch import Row

Writer = Callable[[Graph, Row, Sequence[str], str], object]

_SAME = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "pow": "Pow", "neg": "Neg", "exp": "Exp", "log": "Log",
    "sqrt": "Sqrt", "sin": "Sin", "cos": "Cos", "tan": "Tan", "sinh": "Sinh", "cosh": "Cosh", "arcsin": "Asin",
    "arccos": "Acos", "arctan": "Atan", "tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu", "abs": "Abs",
    "sign": "Sign", "maximum": "Max", "minimum": "Min", "copy": "Identity", "equal": "Equal", "less": "Less",
    "less_equal": "LessOrEqual", "floor": "Floor", "ceil": "Ceil", "round": "Round", "erf": "Erf", "where": "Where",
    "matmul": "MatMul", "isnan": "IsNaN",
}  # fmt: skip

WRITERS: dict[str, Writer] = {}


def written(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    """Add the nodes of one application. Raises UsageError for a primitive that ONNX has no operator for here."""
    name = row.primitive.name
    if name in _SAME:
        graph.node(_SAME[name], inputs, output)
    elif name in WRITERS:
        WRITERS[name](graph, row, inputs, output)
    else:
        raise UsageError(
            f"the primitive {name} cannot be exported", given=f"inputs of shape {[x.shape for x in row.inputs]}",
            needed="one of " + ", ".join(sorted([*_SAME, *WRITERS])), fix="compute it in another way in forward()",
        )  # fmt: skip


def exported() -> list[str]:
    """The primitives that can be exported."""
    return sorted([*_SAME, *WRITERS])


def _writes(*names: str) -> Callable[[Writer], Writer]:
    def keep(writer: Writer) -> Writer:
        WRITERS.update(dict.fromkeys(names, writer))
        return writer

    return keep


def _like(row: Row, number: float) -> Any:
    """A number in the type of the first input."""
    return np.array(number, row.inputs[0].dtype)


def _ints(graph: Graph, numbers: Sequence[int]) -> str:
    return graph.constant(np.array(numbers, np.int64))


@_writes("square")
def _square(graph: Graph, _: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Mul", [inputs[0], inputs[0]], output)


@_writes("rsqrt")
def _rsqrt(graph: Graph, _: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Reciprocal", [graph.node("Sqrt", inputs)], output)


@_writes("log1p")
def _log1p(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Log", [graph.node("Add", [inputs[0], graph.constant(_like(row, 1))])], output)


@_writes("expm1")
def _expm1(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Sub", [graph.node("Exp", inputs), graph.constant(_like(row, 1))], output)


@_writes("erfc")
def _erfc(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Sub", [graph.constant(_like(row, 1)), graph.node("Erf", inputs)], output)


@_writes("logaddexp")
def _logaddexp(graph: Graph, _: Row, inputs: Sequence[str], output: str) -> None:
    """The larger one plus log(1 + exp(-distance))."""
    apart = graph.node("Neg", [graph.node("Abs", [graph.node("Sub", inputs)])])
    graph.node("Add", [graph.node("Max", inputs), graph.node("Softplus", [apart])], output)


@_writes("exp2")
def _exp2(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Pow", [graph.constant(_like(row, 2)), inputs[0]], output)


@_writes("log2", "log10")
def _log(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    base = 2 if row.primitive.name == "log2" else 10
    graph.node("Div", [graph.node("Log", inputs), graph.constant(_like(row, np.log(base)))], output)


@_writes("not_equal")
def _not_equal(graph: Graph, _: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Not", [graph.node("Equal", inputs)], output)


_LOGIC = {"logical_and": "And", "logical_or": "Or", "logical_not": "Not", "logical_xor": "Xor"}


@_writes(*_LOGIC)
def _logic(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    truths = [graph.node("Cast", [name], to=type_number(np.dtype(bool))) for name in inputs]
    graph.node(_LOGIC[row.primitive.name], truths, output)


@_writes("cast")
def _cast(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Cast", inputs, output, to=type_number(np.dtype(row.attributes["dtype"])))


@_writes("affine")
def _affine(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    x, weight, bias = inputs
    if row.inputs[0].ndim == 2:
        graph.node("Gemm", inputs, output, transB=1)
    else:
        product = graph.node("MatMul", [x, graph.node("Transpose", [weight], perm=[1, 0])])
        graph.node("Add", [product, bias], output)


@_writes("reshape")
def _reshape(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    shape = row.attributes["shape"]
    if sum(isinstance(n, Open) for n in shape) == 1:
        shape = [-1 if isinstance(n, Open) else n for n in shape]  # ONNX works it out
    graph.node("Reshape", [inputs[0], graph.shape(shape)], output, allowzero=1)


@_writes("expand")
def _expand(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Expand", [inputs[0], graph.shape(row.attributes["shape"])], output)


@_writes("permute")
def _permute(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Transpose", inputs, output, perm=list(row.attributes["axes"]))


@_writes("concat")
def _concat(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Concat", inputs, output, axis=row.attributes["axis"])


@_writes("pad")
def _pad(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    widths = row.attributes["widths"]
    pads = [before for before, _ in widths] + [after for _, after in widths]
    graph.node("Pad", [inputs[0], _ints(graph, pads), graph.constant(_like(row, row.attributes["value"]))], output)


@_writes("sum")
def _sum(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    axes = _ints(graph, row.attributes["axes"])
    kept = int(row.attributes["keepdims"])
    graph.node("ReduceSum", [inputs[0], axes], output, keepdims=kept, noop_with_empty_axes=1)


@_writes("max", "min")
def _extremum(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    operator = "ReduceMax" if row.primitive.name == "max" else "ReduceMin"
    graph.node(operator, [inputs[0], _ints(graph, row.attributes["axes"])], output, keepdims=1)


@_writes("argmax", "argmin")
def _place(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    operator = "ArgMax" if row.primitive.name == "argmax" else "ArgMin"
    graph.node(operator, inputs, output, axis=row.attributes["axis"], keepdims=0)


@_writes("softmax", "log_softmax")
def _softmax(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Softmax" if row.primitive.name == "softmax" else "LogSoftmax", inputs, output, axis=-1)


@_writes("cumsum")
def _cumsum(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("CumSum", [inputs[0], graph.constant(np.array(row.attributes["axis"], np.int64))], output)


def _moved(row: Row) -> dict[str, Any]:
    """How a window moves, in ONNX's words: all paddings before, then all after."""
    window = row.attributes["window"]
    pads = [p if isinstance(p, tuple) else (p, p) for p in window.padding]
    both = [before for before, _ in pads] + [after for _, after in pads]
    return {"strides": list(window.stride), "pads": both, "dilations": list(window.dilation)}


@_writes("conv1d", "conv2d", "conv3d")
def _conv(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("Conv", inputs, output, group=row.attributes.get("groups", 1), **_moved(row))


@_writes("conv1d_input", "conv2d_input", "conv3d_input")
def _transposed(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    weight, g = row.inputs
    moved, d = _moved(row), g.ndim - 2
    pads, rest = moved["pads"], []
    for i, size in enumerate(row.attributes["size"]):
        reach = (g.shape[2 + i] - 1) * moved["strides"][i] + (weight.shape[2 + i] - 1) * moved["dilations"][i] + 1
        rest.append(size - (reach - pads[i] - pads[i + d]))
    groups = row.attributes.get("groups", 1)
    graph.node("ConvTranspose", [inputs[1], inputs[0]], output, group=groups, output_padding=rest, **moved)


@_writes("gather")
def _gather(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    places = graph.node("Cast", [inputs[1]], to=type_number(np.dtype(np.int64)))
    graph.node("GatherElements", [inputs[0], places], output, axis=row.attributes["axis"])


@_writes("max_pool")
def _max_pool(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    graph.node("MaxPool", inputs, output, kernel_shape=list(row.attributes["kernel"]), **_moved(row))


@_writes("pool_sum")
def _pool_sum(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    kernel = list(row.attributes["kernel"])
    mean = graph.node("AveragePool", inputs, kernel_shape=kernel, count_include_pad=1, **_moved(row))
    graph.node("Mul", [mean, graph.constant(_like(row, float(np.prod(kernel))))], output)


@_writes("pick")
def _pick(graph: Graph, _: Row, inputs: Sequence[str], output: str) -> None:
    last = _ints(graph, [-1])
    columns = graph.node("Unsqueeze", [graph.node("Cast", [inputs[1]], to=type_number(np.dtype(np.int64))), last])
    graph.node("Squeeze", [graph.node("GatherElements", [inputs[0], columns], axis=-1), last], output)


@_writes("index")
def _index(graph: Graph, row: Row, inputs: Sequence[str], output: str) -> None:
    """Numbers and slices are cut, None puts an axis in, one index tensor is gathered along its axis."""
    key = list(row.attributes["key"])
    if key.count(INDEX) > 1:
        raise UsageError(
            "indexing with several index tensors cannot be exported", given=f"{key.count(INDEX)} of them", needed="one"
        )
    x, axis, place = inputs[0], 0, 0
    squeezed, added = [], []
    hidden = row.inputs[0].ndim - sum(part is not None and part is not Ellipsis for part in key)
    for part in key:
        if part is Ellipsis:
            axis, place = axis + hidden, place + hidden
            continue
        if part is None:
            added.append(place)
        elif isinstance(part, int):
            x = _cut(graph, x, axis, (part, part + 1 or None, 1))
            squeezed.append(axis)
        elif isinstance(part, tuple):
            x = _cut(graph, x, axis, part)
        else:
            x = _gathered(graph, x, inputs[1], axis, plain=not squeezed and not added)
        axis, place = axis + (part is not None), place + (not isinstance(part, int))
    x = graph.node("Squeeze", [x, _ints(graph, squeezed)]) if squeezed else x
    x = graph.node("Unsqueeze", [x, _ints(graph, added)]) if added else x
    graph.node("Identity", [x], output)


def _cut(graph: Graph, x: str, axis: int, part: tuple[Any, ...]) -> str:
    start, stop, step = part
    step = 1 if step is None else step
    far = np.iinfo(np.int64).max
    ends = (0 if start is None else start, far if stop is None else stop)
    if step < 0:
        ends = (far if start is None else start, -far if stop is None else stop)
    if (start, stop, step) == (None, None, 1):
        return x
    numbers = [_ints(graph, [n]) for n in (*ends, axis, step)]
    return graph.node("Slice", [x, *numbers])


def _gathered(graph: Graph, x: str, index: str, axis: int, plain: bool) -> str:
    if not plain:
        raise UsageError(
            "an index tensor after a number or a new axis cannot be exported", given="both in one key",
            needed="one after the other", fix="x[index][..., None] instead of x[index, None]",
        )  # fmt: skip
    return graph.node("Gather", [x, index], axis=axis)
