"""What the names of PyTorch and NumPy are here, for those who look for them."""

from __future__ import annotations

_NAMES = {
    "acos": "arccos", "asin": "arcsin", "atan": "arctan", "atan2": "arctan2", "bmm": "matmul", "cat": "concat",
    "clamp": "clip", "clone": "copy", "concatenate": "concat", "divide": "div", "empty": "zeros", "eq": "equal",
    "fliplr": "flip", "flipud": "flip", "full_like": "full", "ge": "greater_equal", "gt": "greater",
    "hstack": "concat", "inner": "dot", "inverse": "inv", "le": "less_equal", "lt": "less", "mm": "matmul",
    "movedim": "moveaxis", "multiply": "mul", "mv": "matmul", "ne": "not_equal", "negative": "neg", "power": "pow",
    "scatter": "scatter_add", "select": "index", "subtract": "sub", "swapaxes": "transpose", "t": "transpose",
    "take": "index_select", "vstack": "concat",
}  # fmt: skip

_TYPES = {"bool": "bool", "double": "float64", "float": "float32", "int": "int32", "long": "int64"} | {
    name: name for name in ("float32", "float64", "int32", "int64", "uint8")
}

ELSEWHERE = (
    {theirs: f"it is descend.ops.{ours}" for theirs, ours in _NAMES.items()}
    | {name: f"it is descend.{name}" for name in ("Generator", "as_tensor", "from_numpy", "manual_seed", "no_grad")}
    | {theirs: f'types are NumPy\'s: descend.ops.zeros((2, 3), "{ours}")' for theirs, ours in _TYPES.items()}
    | {
        "bernoulli": "descend.default_generator().bernoulli(shape, p)",
        "isinf": "~descend.ops.isfinite(x), which is true of NaN too",
        "load": "descend.train.load_weights(model, path)",
        "multinomial": "descend.default_generator().multinomial(probabilities, n)",
        "normal": "descend.default_generator().normal(shape)",
        "poisson": "descend.default_generator().poisson(shape, rate)",
        "rand": "descend.default_generator().uniform(shape)",
        "rand_like": "descend.default_generator().uniform(x.shape)",
        "randint": "descend.default_generator().randint(shape, low, high)",
        "randn": "descend.default_generator().normal(shape)",
        "randn_like": "descend.default_generator().normal(x.shape)",
        "randperm": "descend.default_generator().permutation(n)",
        "save": "descend.train.save_weights(model, path)",
        "tensor": "it is descend.Tensor",
    }
)
"""For each such name, where it is here."""

_OPERATORS = {
    "add": "x + y", "div": "x / y", "eq": "x == y", "floor_divide": "x // y", "ge": "x >= y", "gt": "x > y",
    "le": "x <= y", "logical_not": "~x", "lt": "x < y", "mul": "x * y", "ne": "x != y", "neg": "-x",
    "remainder": "x % y", "sub": "x - y",
}  # fmt: skip

METHODS = (
    _OPERATORS
    | dict.fromkeys(("cpu", "cuda", "device"), "leave it out: everything computes on the CPU")
    | dict.fromkeys(("copy_", "fill_", "zero_"), "cells (parameters, buffers) change through x.write(values)")
    | {
        "amax": "x.max(axis)",
        "amin": "x.min(axis)",
        "bmm": "x @ y",
        "bool": 'x.to("bool")',
        "clone": "ops.copy(x)",
        "contiguous": "leave it out: a tensor never changes",
        "data": "x.detach()",
        "dim": "x.ndim",
        "double": 'x.to("float64")',
        "expand_as": "x.expand(y.shape)",
        "float": 'x.to("float32")',
        "int": 'x.to("int32")',
        "long": 'x.to("int64")',
        "mm": "x @ y",
        "mv": "x @ y",
        "nelement": "x.size",
        "numel": "x.size",
        "ravel": "x.flatten()",
        "reshape_as": "x.reshape(y.shape)",
        "select": "x[i], or x[:, i]",
        "swapaxes": "x.transpose(a, b)",
        "t": "x.T",
        "type": "x.to(dtype)",
        "type_as": "x.to(y.dtype)",
        "unique": "np.unique(x.numpy())",
        "view_as": "x.reshape(y.shape)",
    }
)
"""What is written here for a method of PyTorch's tensors, for a tensor x."""
