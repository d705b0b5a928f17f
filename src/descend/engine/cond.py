"""One of two functions, chosen by a number that is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descend.engine.errors import ShapeError
from descend.engine.tensor import as_tensor


def cond(predicate: Any, if_true: Callable[..., Any], if_false: Callable[..., Any], *operands: Any) -> Any:
    """if_true(*operands) where `predicate` (one number) is true, if_false(*operands) otherwise.

    Only the chosen function runs, and only it has gradients. The choice is made in Python, when it is run: a trace, in
    which the number is not known, raises TraceError; there `where` computes both and chooses element by element.
    Raises: ShapeError unless the predicate is one number.
    """
    choice = as_tensor(predicate)
    if choice.size != 1:
        raise ShapeError(
            "a choice is made by one number", given=f"shape {choice.shape}", needed="one element",
            fix="use where(condition, a, b) to choose element by element, or .all() or .any()",
        )  # fmt: skip
    return (if_true if choice else if_false)(*operands)
