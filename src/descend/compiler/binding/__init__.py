"""Which kernel computes which equation, and with which arguments.

A binding is a function from an equation to a `Call`, or None where the kernel does not fit (another type, another
number of axes); the equation is then evaluated by NumPy. `BINDINGS` lists them by the operation's name.
"""

from __future__ import annotations

from descend.compiler.binding.call import Argument, Binding, Call, Fault, Room
from descend.compiler.binding.convolutions import conv, conv_input, conv_weight
from descend.compiler.binding.draws import random
from descend.compiler.binding.indices import GATHERS, concat, gather, strided
from descend.compiler.binding.loops import loop_call
from descend.compiler.binding.pooling import POOLS, pool_call, with_places
from descend.compiler.binding.products import affine, matmul, product
from descend.compiler.binding.recurrences import WAYS, recurrence, with_gates
from descend.compiler.binding.rows import softmax_call
from descend.compiler.graph import Equation

__all__ = ["BINDINGS", "Argument", "Binding", "Call", "Fault", "Room", "call_of"]

BINDINGS: dict[str, Binding] = {
    "loop": loop_call,
    "product": product, "matmul": matmul, "affine": affine,
    **dict.fromkeys(("softmax", "log_softmax"), softmax_call),
    **dict.fromkeys(GATHERS, gather), "permute": strided, "pad": strided, "concat": concat,
    **dict.fromkeys(("random_bits", "random_uniform", "random_normal"), random),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), conv),
    **dict.fromkeys(("conv1d_input", "conv2d_input", "conv3d_input"), conv_input),
    **dict.fromkeys(("conv1d_weight", "conv2d_weight", "conv3d_weight"), conv_weight),
    **dict.fromkeys(POOLS, pool_call), "pooling": with_places,
    **dict.fromkeys(WAYS, recurrence), "recurrence": with_gates,
}  # fmt: skip
"""By the operation's name; fused groups are named by what they are."""


def call_of(equation: Equation) -> Call | None:
    """The kernel call that computes the equation; None where there is no kernel for it."""
    bind = None if equation.opaque else BINDINGS.get(equation.name)
    return bind(equation) if bind is not None else None
