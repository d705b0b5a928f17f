"""Every operation on tensors. A module a family; names as in NumPy and PyTorch."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from descend.engine.errors import unknown_name as _unknown_name

# These names shadow Python's own on purpose: inside a formula, sum is the sum.
from descend.engine.ops.arrange import (
    broadcast_to,
    chunk,
    flatten,
    moveaxis,
    repeat_interleave,
    roll,
    split,
    squeeze,
    tile,
    unbind,
    unsqueeze,
)
from descend.engine.ops.contract import dot, einsum, kron, outer, tensordot
from descend.engine.ops.convolution import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from descend.engine.ops.create import arange, full, linspace, ones, ones_like, zeros, zeros_like
from descend.engine.ops.cumulative import cummax, cumprod, cumsum, logcumsumexp, prod
from descend.engine.ops.diagonals import diag, diag_embed, diagonal, eye, trace, tril, triu
from descend.engine.ops.elementwise import (
    abs,
    add,
    arccos,
    arcsin,
    arctan,
    arctan2,
    cast,
    ceil,
    clip,
    copy,
    cos,
    cosh,
    div,
    equal,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    floor,
    floor_divide,
    fmod,
    gelu,
    greater,
    greater_equal,
    isfinite,
    isnan,
    lerp,
    less,
    less_equal,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    masked_fill,
    maximum,
    minimum,
    mul,
    neg,
    not_equal,
    pow,
    reciprocal,
    relu,
    remainder,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    sqrt,
    square,
    sub,
    tan,
    tanh,
    trunc,
    where,
)
from descend.engine.ops.elsewhere import ELSEWHERE as _ELSEWHERE
from descend.engine.ops.gather import (
    argsort,
    gather,
    index_select,
    scatter_add,
    searchsorted,
    sort,
    take_along_axis,
    topk,
)
from descend.engine.ops.grid import affine_grid, grid_sample
from descend.engine.ops.indexing import assign, index, masked_select, nonzero, one_hot, pick
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
from descend.engine.ops.pooling import (
    avg_pool,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    lp_pool,
    max_pool,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_pool_with_indices,
    max_unpool,
)
from descend.engine.ops.recurrence import rnn
from descend.engine.ops.recurrence_gru import gru
from descend.engine.ops.recurrence_lstm import lstm
from descend.engine.ops.reduce import argmax, argmin, log_softmax, logsumexp, max, mean, min, softmax, sum, var
from descend.engine.ops.resample import (
    adaptive_avg_pool,
    adaptive_max_pool,
    interpolate,
    pixel_shuffle,
    pixel_unshuffle,
)
from descend.engine.ops.solve import cholesky, det, inv, logdet, slogdet, solve, solve_triangular
from descend.engine.ops.spectral import eigh, eigvalsh, lstsq, matrix_power, pinv, qr, svd, svdvals
from descend.engine.ops.statistics import all, any, count_nonzero, median, norm, quantile, std
from descend.engine.ops.window import Window, fold, sliding, unfold

__all__ = [
    "Window", "abs", "adaptive_avg_pool", "adaptive_max_pool", "add", "affine", "affine_grid", "all", "any",
    "arange", "arccos", "arcsin", "arctan", "arctan2", "argmax", "argmin", "argsort", "assign", "avg_pool",
    "avg_pool1d", "avg_pool2d", "avg_pool3d", "broadcast_to", "cast", "ceil", "cholesky", "chunk", "clip",
    "concat", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "copy",
    "cos", "cosh", "count_nonzero", "cummax", "cumprod", "cumsum", "det", "diag", "diag_embed", "diagonal",
    "div", "dot", "eigh", "eigvalsh", "einsum", "equal", "erf", "erfc", "exp", "exp2", "expand", "expm1", "eye",
    "flatten", "flip", "floor", "floor_divide", "fmod", "fold", "full", "gather", "gelu", "greater", "greater_equal",
    "grid_sample", "gru", "index", "index_select", "interpolate", "inv", "isfinite", "isnan", "kron", "lerp", "less",
    "less_equal", "linspace", "log", "log10", "log1p", "log2", "log_sigmoid", "log_softmax", "logaddexp",
    "logcumsumexp", "logdet", "logical_and", "logical_not", "logical_or", "logical_xor", "logsumexp", "lp_pool",
    "lstm", "lstsq", "masked_fill", "masked_select", "matmul", "matrix_power", "max", "max_pool", "max_pool1d",
    "max_pool2d", "max_pool3d", "max_pool_with_indices", "max_unpool", "maximum", "mean", "median", "min",
    "minimum", "moveaxis", "mul", "neg", "nonzero", "norm", "not_equal", "one_hot", "ones", "ones_like",
    "outer", "pad", "permute", "pick", "pinv", "pixel_shuffle", "pixel_unshuffle", "pow", "prod", "qr",
    "quantile", "ravel", "reciprocal", "relu", "remainder", "repeat_interleave", "reshape", "rnn", "roll", "round",
    "rsqrt", "scatter_add", "searchsorted", "section", "sigmoid", "sign", "sin", "sinh", "sliding", "slogdet",
    "softmax", "softplus", "solve", "solve_triangular", "sort", "split", "sqrt", "square", "squeeze", "stack",
    "std", "sub", "sum", "sum_to", "svd", "svdvals", "take_along_axis", "tan", "tanh", "tensordot", "tile",
    "topk", "trace", "transpose", "tril", "triu", "trunc", "unbind", "unfold", "unsqueeze", "var", "where",
    "zeros", "zeros_like",
]  # fmt: skip

if not _TYPE_CHECKING:  # for a type checker, only the names above are there

    def __getattr__(name: str) -> object:
        raise _unknown_name("descend.ops", name, __all__, _ELSEWHERE)
