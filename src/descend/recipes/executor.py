"""What computes the updates of a run: the engine, or a compiled graph where that pays.

Measured on the recipes at their full size: a compiled update takes 0.2 to 0.65 of the time of an eager one, and
compiling costs what 40 to 700 updates save, later runs a tenth of that, since kernels are kept. So every training is
compiled but those that are over at once. A learner's answers run as they were written: each call is a call of theirs.
"""

from __future__ import annotations

from descend.engine.errors import UsageError
from descend.recipes.recipe import Recipe


def executor_for(recipe: Recipe, *, answered: bool = False, asked: bool | None = None) -> str:
    """The executor of a new run: "eager", or one of the compiler's.

    Args:
        answered: whether a learner's answers take part.
        asked: to compile, or not to; by default where it pays and native code can be made.

    Raises: UsageError where what is no training is to be compiled.
    """
    from descend.compiler.executors import chosen  # a studio that only shows runs does not need it

    if asked and not recipe.trains:
        raise UsageError(
            f"{recipe.name} is no training and cannot be compiled", given="--compile", needed="a recipe that trains",
            fix="run it without --compile",
        )  # fmt: skip
    best = chosen("auto")
    if asked is None:
        asked = recipe.trains and not answered and best == "native"
    return best if asked else "eager"
