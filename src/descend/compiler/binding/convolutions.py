"""Convolutions of sequences, images and volumes, and their two gradients."""

from __future__ import annotations

from descend.compiler.binding.call import REALS, Call, Room
from descend.compiler.binding.products import Matrix, single
from descend.compiler.graph import Equation, Shape, Value
from descend.kernels import jit
from descend.kernels.conv import Conv
from descend.kernels.conv_few import ConvFew
from descend.kernels.conv_weight import ConvWeight
from descend.kernels.expression import KINDS
from descend.kernels.geometry import Geometry
from descend.kernels.grouped import Grouped
from descend.kernels.grouped_weight import GroupedWeight
from descend.kernels.winograd import winograd

FEWEST = 12  # result channels of a group that are computed by themselves

Arrays = tuple[Value, Value, Value]


def conv(equation: Equation) -> Call | None:
    """The convolution: by Winograd where that pays, else directly."""
    x, w = equation.inputs
    geometry = _geometry(equation, x, w.shape[0], w.shape[2:])
    if geometry is None:
        return None
    if geometry.is_product:
        return _product((x, w), (False, True), (x.shape[0], w.shape[0], w.size // w.shape[0]), equation.output)
    arrays = x, w, equation.output
    return _in_tiles("conv", geometry, arrays) or _directly(geometry, False, arrays)


def conv_input(equation: Equation) -> Call | None:
    """The gradient with respect to the images: what is called a transposed convolution, too."""
    w, g = equation.inputs
    geometry = _geometry(equation, equation.output, w.shape[0], w.shape[2:])
    if geometry is None:
        return None
    if geometry.is_product:
        return _product((g, w), (False, False), (g.shape[0], w.size // w.shape[0], w.shape[0]), equation.output)
    arrays = g, w, equation.output
    return _in_tiles("input", geometry, arrays) or _directly(geometry, True, arrays)


def conv_weight(equation: Equation) -> Call | None:
    """The gradient with respect to the taps."""
    x, g = equation.inputs
    geometry = _geometry(equation, x, g.shape[1], equation.attributes["kernel"])
    if geometry is None:
        return None
    if geometry.is_product:
        columns = equation.output.size // g.shape[1]
        return _product((g, x), (True, False), (g.shape[1], columns, g.shape[0]), equation.output)
    arrays = x, g, equation.output
    found = _in_tiles("weight", geometry, arrays)
    if found is not None:
        return found
    of = GroupedWeight if _is_small(geometry.out, geometry) else ConvWeight
    return _call(of(KINDS[x.dtype.name], geometry, jit.target().vector_bytes), arrays)


def _directly(geometry: Geometry, turned: bool, arrays: Arrays) -> Call:
    """The convolution, or the gradient of its input, without a change of basis."""
    described = KINDS[arrays[0].dtype.name], geometry, turned, jit.target().vector_bytes
    if _is_small(geometry.channels if turned else geometry.out, geometry):
        return _call(Grouped(*described), arrays)
    few = ConvFew(*described)
    return _call(few if few.pays else Conv(*described), arrays)


def _call(kernel: Conv | ConvFew | Grouped | ConvWeight | GroupedWeight, arrays: Arrays) -> Call:
    return Call(kernel.symbol, kernel.source(), (arrays[0].shape[0], *arrays, Room(kernel.room)))


def _is_small(results: int, geometry: Geometry) -> bool:
    """Whether groups are so small that registers of one group would be mostly empty."""
    return geometry.groups > 1 and results < FEWEST


def _in_tiles(what: str, geometry: Geometry, arrays: Arrays) -> Call | None:
    """Winograd's kernel, where it can be used and pays."""
    n, kind = arrays[0].shape[0], KINDS[arrays[0].dtype.name]
    kernel = winograd(what, kind, n, geometry, jit.target().vector_bytes)
    if kernel is None:
        return None
    numbers = kernel.numbers(n, geometry)
    return Call("winograd", kernel.source(), (*numbers.values(), *arrays, Room(numbers["room"])))


def _product(
    operands: tuple[Value, Value], by_columns: tuple[bool, bool], sizes: tuple[int, int, int], result: Value
) -> Call:
    """Where each image is one window: the product of matrices (m, k) and (k, n) that lie in these arrays."""
    m, n, k = sizes
    lengths = (m if by_columns[0] else k), (k if by_columns[1] else n)
    a, b = map(Matrix, operands, lengths, by_columns)
    return single(sizes, a, b, result)


def _geometry(equation: Equation, x: Value, out: int, kernel: Shape) -> Geometry | None:
    """The sizes of a convolution of images x; None where there is no kernel for them."""
    window, groups = equation.attributes["window"], equation.attributes["groups"]
    kinds = {value.dtype.name for value in equation.inputs}
    if len(kinds) > 1 or not kinds <= REALS or not all((*x.shape[1:], out)):
        return None
    sizes = x.shape[2:], out // groups, tuple(kernel), window.stride, window.pads, window.dilation
    return Geometry(x.shape[1] // groups, *sizes, groups)
