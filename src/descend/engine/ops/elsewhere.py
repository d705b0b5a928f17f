"""What the names of PyTorch and NumPy are here, for those who look for them."""

from __future__ import annotations

_NAMES = {
    "bmm": "matmul", "cat": "concat", "clamp": "clip", "concatenate": "concat", "divide": "div", "eq": "equal",
    "full_like": "full", "ge": "greater_equal", "gt": "greater", "inverse": "inv", "le": "less_equal", "lt": "less",
    "mm": "matmul", "movedim": "moveaxis", "multiply": "mul", "mv": "matmul", "ne": "not_equal", "negative": "neg",
    "power": "pow", "scatter": "scatter_add", "subtract": "sub", "swapaxes": "transpose", "t": "transpose",
}  # fmt: skip

ELSEWHERE = {theirs: f"it is descend.ops.{ours}" for theirs, ours in _NAMES.items()} | {
    "bernoulli": "descend.default_generator().bernoulli(shape, p)",
    "normal": "descend.default_generator().normal(shape)",
    "rand": "descend.default_generator().uniform(shape)",
    "randn": "descend.default_generator().normal(shape)",
    "randperm": "descend.default_generator().permutation(n)",
    "tensor": "it is descend.Tensor",
}
"""For each such name, where it is here."""
