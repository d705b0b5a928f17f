"""Which kernel computes which equation, and with which arguments.

A binding is a function from an equation to a `Call`, or None where the kernel does not fit (another type, another
number of axes); the equation is then evaluated by NumPy. `BINDINGS` lists them by the operation's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from descend.compiler.graph import Equation, Literal, Shape, Value
from descend.compiler.passes.fuse import REDUCTIONS, form_of
from descend.compiler.walk import walk
from descend.engine.ops.indexing import INDEX
from descend.kernels import jit, pool, softmax
from descend.kernels.conv import Conv, ConvWeight, Geometry
from descend.kernels.expression import KINDS
from descend.kernels.gather import Gather
from descend.kernels.gemm import Gemm
from descend.kernels.loop import Constant, Has, Input, Loop, Result, Step
from descend.kernels.random import WORD, Random
from descend.kernels.strided import Strided
from descend.kernels.winograd import winograd


@dataclass(frozen=True)
class Room:
    """An argument: the address of this many bytes that only this call uses, for each thread."""

    size: int


@dataclass(frozen=True)
class Fault:
    """An argument: the address of three zeros, where a kernel tells of an index out of range; see `kernels.gather`."""


Argument = int | Value | Room | Fault


@dataclass(frozen=True)
class Call:
    """A kernel and its arguments: numbers, and values that stand for the addresses of their arrays."""

    symbol: str
    source: str
    arguments: tuple[Argument, ...]


REALS = frozenset({"float32", "float64"})
INDICES = frozenset({"int64", "int32"})
Binding = Callable[[Equation], Call | None]


def call_of(equation: Equation) -> Call | None:
    """The kernel call that computes the equation; None where there is no kernel for it."""
    bind = None if equation.opaque else BINDINGS.get(equation.name)
    return bind(equation) if bind is not None else None


# Loops.


def _loop(equation: Equation) -> Call | None:
    loop, lengths = described(equation)
    return Call("loop", loop.source(), (*lengths, *equation.inputs, *equation.outputs))


def described(equation: Equation) -> tuple[Loop, list[int]]:
    """A fused loop as a description for `kernels.loop`, and the lengths of its axes."""
    body = equation.body
    space = _space(body.equations[0])
    reduced = {e.output: _without(space, e.attributes["axes"]) for e in body.equations if e.name in REDUCTIONS}
    read = [_has(x.shape, space) for x in body.inputs]
    written = [reduced.get(x, (True,) * len(space)) for x in body.outputs]
    axes = _merged_axes(space, [*read, *written])
    inputs = tuple(Input(KINDS[x.dtype.name], _cut(has, axes)) for x, has in zip(body.inputs, read, strict=True))
    number: dict[Value, int] = {x: i for i, x in enumerate(body.inputs)}
    steps: list[Step] = []
    reductions: dict[Value, tuple[int, str]] = {}
    for e in body.equations:
        if e.name in REDUCTIONS:
            reductions[e.output] = number[e.inputs[0]], e.name
        else:
            steps.append(Step(str(form_of(e)), tuple(_operand(x, number) for x in e.inputs)))
            number[e.output] = len(body.inputs) + len(steps) - 1
    results = tuple(
        _result(x, _cut(has, axes), number, reductions) for x, has in zip(body.outputs, written, strict=True)
    )
    return Loop(len(axes), inputs, tuple(steps), results), [math.prod(space[i] for i in group) for group in axes]


def _space(equation: Equation) -> Shape:
    return equation.inputs[0].shape if equation.name in REDUCTIONS else equation.output.shape


def _has(shape: Shape, space: Shape) -> Has:
    """Which axes of the space an array has that is broadcast to it."""
    missing = len(space) - len(shape)
    return (*[False] * missing, *[n == m for n, m in zip(shape, space[missing:], strict=True)])


def _without(space: Shape, axes: tuple[int, ...]) -> Has:
    return tuple(i not in axes for i in range(len(space)))


def _merged_axes(space: Shape, patterns: list[Has]) -> list[list[int]]:
    """The axes of the space in groups that every operand has or lacks together; axes of length 1 are left out."""
    groups: list[list[int]] = []
    for axis in (i for i, n in enumerate(space) if n != 1):
        if groups and all(has[axis] == has[groups[-1][-1]] for has in patterns):
            groups[-1].append(axis)
        else:
            groups.append([axis])
    return groups


def _cut(has: Has, axes: list[list[int]]) -> Has:
    return tuple(has[group[0]] for group in axes)


def _operand(x: Value, number: dict[Value, int]) -> int | Constant:
    return Constant(x.array.reshape(-1)[0].item(), KINDS[x.dtype.name]) if isinstance(x, Literal) else number[x]


def _result(x: Value, has: Has, number: dict[Value, int], reductions: dict[Value, tuple[int, str]]) -> Result:
    value, reduce = reductions.get(x) or (number[x], "")
    return Result(value, KINDS[x.dtype.name], has, "" if all(has) else reduce)


# Products.


def _product(equation: Equation) -> Call | None:
    """a @ b, where a or b may be a transposition inside the group."""
    body = equation.body
    turned = {e.output: e.inputs[0] for e in body.equations if e.name == "permute"}
    a, b = body.equations[-1].inputs
    outer = dict(zip(body.inputs, equation.inputs, strict=True))
    if any(isinstance(turned.get(x, x), Literal) for x in (a, b)):
        return None
    stored = outer[turned.get(a, a)], outer[turned.get(b, b)]
    return _gemm(stored, (a in turned, b in turned), equation.output, None)


def _matmul(equation: Equation) -> Call | None:
    a, b = equation.inputs
    return _gemm((a, b), (False, False), equation.output, None)


def _affine(equation: Equation) -> Call | None:
    x, w, b = equation.inputs
    return _gemm((x, w), (False, True), equation.output, b)


def _gemm(stored: tuple[Value, Value], by_columns: tuple[bool, bool], result: Value, bias: Value | None) -> Call | None:
    a, b = stored
    values = (a, b, result, *([] if bias is None else [bias]))
    if b.ndim != 2 or not a.ndim or len({x.dtype for x in values}) > 1 or a.dtype.name not in REALS:
        return None
    if a.ndim != 2 and by_columns[0]:
        return None
    n, k = result.shape[-1], b.shape[1] if by_columns[1] else b.shape[0]
    m = result.size // n if n else 0
    kernel = Gemm(KINDS[a.dtype.name], *by_columns, bias is not None, jit.target().vector_bytes)
    lda = a.shape[-1]
    arguments = (m, n, k, a, lda, b, b.shape[1], result, 0 if bias is None else bias, Room(kernel.room(n)))
    return Call("gemm", kernel.source(), arguments)


# Rows.


def _softmax(equation: Equation) -> Call | None:
    (x,) = equation.inputs
    if x.dtype.name not in REALS or not x.ndim or not x.shape[-1]:
        return None
    logarithm = equation.name == "log_softmax"
    columns = x.shape[-1]
    arguments = (x.size // columns, columns, x, equation.output)
    return Call("softmax", softmax.source(KINDS[x.dtype.name], logarithm), arguments)


# Indices, random numbers.

GATHERS = {"pick": "pick", "unpick": "unpick", "index": "take", "index_add": "add"}


def _gather(equation: Equation) -> Call | None:
    """Elements by labels, rows by one array of indices, slices."""
    if len(equation.inputs) == 1:
        return _strided(equation)
    what = GATHERS[equation.name]
    by_rows = what in {"take", "add"}
    if by_rows and equation.attributes["key"] != (INDEX,):
        return None
    x, at = equation.inputs
    table = x if what in {"pick", "take"} else equation.output
    if x.dtype.name not in REALS or at.dtype.name not in INDICES or not table.size:
        return None
    columns = math.prod(table.shape[1:]) if by_rows else table.shape[-1]
    sizes = (at.size, columns, table.shape[0]) if by_rows else (at.size, columns)
    kernel = Gather(what, KINDS[x.dtype.name], KINDS[at.dtype.name])
    return Call("gather", kernel.source(), (*sizes, x, at, equation.output, Fault()))


def _strided(equation: Equation) -> Call | None:
    """Slices, their adjoint, and transpositions: elements that lie at even steps."""
    (x,), result = equation.inputs, equation.output
    if not x.size or not result.size or x.dtype.itemsize > 8:
        return None
    way, clear = walk(equation), equation.name == "index_add"
    kernel = Strided(len(way.lengths), f"i{8 * x.dtype.itemsize}", way.unit, clear, clear and way.apart(result.size))
    numbers = (*way.lengths, *way.read, *way.written, way.begin, way.at, result.size)
    return Call("strided", kernel.source(), (*numbers, x, result))


def _random(equation: Equation) -> Call | None:
    if any(x.dtype.name != "int64" for x in equation.inputs):
        return None
    what, result = equation.name.removeprefix("random_"), equation.output
    kernel = Random(what, WORD if what == "bits" else KINDS[result.dtype.name])
    return Call("random", kernel.source(), (result.size, *equation.inputs, result))


# Images.


def _conv(equation: Equation) -> Call | None:
    x, w = equation.inputs
    geometry = _geometry(equation, x, w.shape[0], w.shape[2:])
    if geometry is None or len({x.dtype, w.dtype}) > 1:
        return None
    kernel = Conv(KINDS[x.dtype.name], geometry, False, jit.target().vector_bytes)
    directly = (x.shape[0], x, w, equation.output, Room(kernel.room))
    return _in_tiles("conv", geometry, (x, w, equation.output)) or Call("conv", kernel.source(), directly)


def _conv_input(equation: Equation) -> Call | None:
    """The convolution of the padded cotangent with the taps in the opposite order."""
    w, g = equation.inputs
    found = _geometry(equation, equation.output, w.shape[0], w.shape[2:])
    back = None if found is None else found.back
    if back is None or len({w.dtype, g.dtype}) > 1 or not g.size:
        return None
    kernel = Conv(KINDS[g.dtype.name], back, True, jit.target().vector_bytes)
    directly = (g.shape[0], g, w, equation.output, Room(kernel.room))
    return _in_tiles("turned", back, (g, w, equation.output)) or Call("conv", kernel.source(), directly)


def _conv_weight(equation: Equation) -> Call | None:
    x, g = equation.inputs
    geometry = _geometry(equation, x, g.shape[1], equation.attributes["kernel"])
    if geometry is None or len({x.dtype, g.dtype}) > 1:
        return None
    kernel = ConvWeight(KINDS[x.dtype.name], geometry, jit.target().vector_bytes)
    directly = (x.shape[0], x, g, equation.output, Room(kernel.room))
    return _in_tiles("weight", geometry, (x, g, equation.output)) or Call("conv_weight", kernel.source(), directly)


def _in_tiles(what: str, geometry: Geometry, arrays: tuple[Value, Value, Value]) -> Call | None:
    """Winograd's kernel, where it can be used and pays."""
    n, kind = arrays[0].shape[0], KINDS[arrays[0].dtype.name]
    kernel = winograd(what, kind, n, geometry, jit.target().vector_bytes)
    if kernel is None:
        return None
    numbers = kernel.numbers(n, geometry)
    return Call("winograd", kernel.source(), (*numbers.values(), *arrays, Room(numbers["room"])))


def _geometry(equation: Equation, x: Value, out: int, kernel: Shape) -> Geometry | None:
    """The sizes of a convolution of images x; None where there is no kernel for them."""
    window = equation.attributes["window"]
    if x.dtype.name not in REALS or equation.attributes.get("groups", 1) != 1 or not all((*x.shape[1:], out)):
        return None
    (down, right), (high, wide), (rows, columns) = window.stride, window.dilation, window.pads
    size = (x.shape[2], x.shape[3])
    return Geometry(x.shape[1], size, out, (kernel[0], kernel[1]), (down, right), (rows, columns), (high, wide))


POOLS = {
    "max_pool": "max", "pool_places": "places", "pool_take": "take", "pool_put": "put",
    "pool_sum": "sum", "pool_spread": "spread",
}  # fmt: skip


def _pool(equation: Equation) -> Call | None:
    """Pooling of planes, and its ways back."""
    what = POOLS[equation.name]
    image = equation.output if what in pool.BACK else equation.inputs[0]
    if image.ndim != 4 or image.dtype.name not in REALS or not image.size:
        return None
    if what in pool.WITH_PLACES and equation.inputs[1].dtype.name != "int16":
        return None
    window, (rows, columns) = equation.attributes["window"], equation.attributes["kernel"]
    (down, right), (high, wide), (vertical, horizontal) = window.stride, window.dilation, window.pads
    size = (image.shape[2], image.shape[3])
    kernel = pool.Pool(
        what, KINDS[image.dtype.name], size, (rows, columns), (down, right), (high, wide), (vertical, horizontal)
    )
    planes = image.shape[0] * image.shape[1]
    return Call("pool", kernel.source(), (planes, *equation.inputs, equation.output, Room(kernel.room)))


BINDINGS: dict[str, Binding] = {
    "loop": _loop, "product": _product, "matmul": _matmul, "affine": _affine,
    "softmax": _softmax, "log_softmax": _softmax,
    **dict.fromkeys(GATHERS, _gather), "permute": _strided,
    **dict.fromkeys(("random_bits", "random_uniform", "random_normal"), _random),
    "conv2d": _conv, "conv2d_input": _conv_input, "conv2d_weight": _conv_weight,
    **dict.fromkeys(POOLS, _pool),
}  # fmt: skip
"""By the operation's name; fused groups are named by what they are."""
