"""Every operation on tensors. A module a family; names as in NumPy and PyTorch."""

# These names shadow Python's own on purpose: inside a formula, sum is the sum.
from descend.engine.ops.create import arange, full, ones, zeros
from descend.engine.ops.elementwise import (
    abs,
    add,
    cast,
    clip,
    copy,
    cos,
    div,
    equal,
    exp,
    expm1,
    less,
    less_equal,
    log,
    log1p,
    maximum,
    minimum,
    mul,
    neg,
    not_equal,
    pow,
    relu,
    sigmoid,
    sign,
    sin,
    sqrt,
    square,
    sub,
    tanh,
    where,
)
from descend.engine.ops.indexing import assign, index, one_hot, pick
from descend.engine.ops.linalg import affine, matmul
from descend.engine.ops.movement import (
    concat,
    expand,
    flip,
    pad,
    permute,
    ravel,
    reshape,
    section,
    stack,
    sum_to,
    transpose,
)
from descend.engine.ops.reduce import argmax, log_softmax, logsumexp, max, mean, min, softmax, sum, var
from descend.engine.ops.window import Window, avg_pool2d, conv2d, max_pool2d

__all__ = [
    "Window", "abs", "add", "affine", "arange", "argmax", "assign", "avg_pool2d", "cast", "clip", "concat",
    "conv2d", "copy", "cos", "div", "equal", "exp", "expand", "expm1", "flip", "full", "index", "less",
    "less_equal", "log", "log1p", "log_softmax", "logsumexp", "matmul", "max", "max_pool2d", "maximum",
    "mean", "min", "minimum", "mul", "neg", "not_equal", "one_hot", "ones", "pad", "permute", "pick", "pow",
    "ravel", "relu", "reshape", "section", "sigmoid", "sign", "sin", "softmax", "sqrt", "square", "stack",
    "sub", "sum", "sum_to", "tanh", "transpose", "var", "where", "zeros",
]  # fmt: skip
