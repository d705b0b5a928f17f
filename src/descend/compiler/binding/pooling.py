"""Pooling of images, and its ways back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descend.compiler.binding.call import REALS, Call, Room
from descend.compiler.graph import Equation, Value
from descend.kernels import pool
from descend.kernels.expression import KINDS

POOLS = {
    "max_pool": "max", "pool_places": "places", "pool_take": "take", "pool_put": "put",
    "pool_sum": "sum", "pool_spread": "spread",
}  # fmt: skip


def pool_call(equation: Equation) -> Call | None:
    """Pooling of planes, and its ways back."""
    what = POOLS[equation.name]
    if what in pool.WITH_PLACES and equation.inputs[1].dtype.name != "int16":
        return None
    image = equation.output if what in pool.BACK else equation.inputs[0]
    return _call(what, image, equation, equation.attributes)


def with_places(equation: Equation) -> Call | None:
    """The maxima of windows, and where they lie."""
    return _call("both", equation.inputs[0], equation, equation.body.equations[0].attributes)


def _call(what: str, image: Value, equation: Equation, attributes: Mapping[str, Any]) -> Call | None:
    if image.ndim != 4 or image.dtype.name not in REALS or not image.size:
        return None
    window, (rows, columns) = attributes["window"], attributes["kernel"]
    (down, right), (high, wide), (vertical, horizontal) = window.stride, window.dilation, window.pads
    size = (image.shape[2], image.shape[3])
    kernel = pool.Pool(
        what, KINDS[image.dtype.name], size, (rows, columns), (down, right), (high, wide), (vertical, horizontal)
    )
    planes = image.shape[0] * image.shape[1]
    return Call("pool", kernel.source(), (planes, *equation.inputs, *equation.outputs, Room(kernel.room)))
