"""Convolutions of images, and their two gradients."""

from __future__ import annotations

from descend.compiler.binding.call import REALS, Call, Room
from descend.compiler.graph import Equation, Shape, Value
from descend.kernels import jit
from descend.kernels.conv import Conv, ConvWeight, Geometry
from descend.kernels.expression import KINDS
from descend.kernels.winograd import winograd


def conv(equation: Equation) -> Call | None:
    """The convolution: by Winograd where that pays, else directly."""
    x, w = equation.inputs
    geometry = _geometry(equation, x, w.shape[0], w.shape[2:])
    if geometry is None or len({x.dtype, w.dtype}) > 1:
        return None
    kernel = Conv(KINDS[x.dtype.name], geometry, False, jit.target().vector_bytes)
    directly = (x.shape[0], x, w, equation.output, Room(kernel.room))
    return _in_tiles("conv", geometry, (x, w, equation.output)) or Call("conv", kernel.source(), directly)


def conv_input(equation: Equation) -> Call | None:
    """The convolution of the padded cotangent with the taps in the opposite order."""
    w, g = equation.inputs
    found = _geometry(equation, equation.output, w.shape[0], w.shape[2:])
    back = None if found is None else found.back
    if back is None or len({w.dtype, g.dtype}) > 1 or not g.size:
        return None
    kernel = Conv(KINDS[g.dtype.name], back, True, jit.target().vector_bytes)
    directly = (g.shape[0], g, w, equation.output, Room(kernel.room))
    return _in_tiles("turned", back, (g, w, equation.output)) or Call("conv", kernel.source(), directly)


def conv_weight(equation: Equation) -> Call | None:
    """The gradient with respect to the taps."""
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
