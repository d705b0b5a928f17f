"""Errors that say what was given, what was needed and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches


class DescendError(Exception):
    """A mistake that can be corrected by whoever made the call.

    Args:
        problem: one sentence saying what went wrong.
        given: what was received, shapes written as tuples.
        needed: what would have been accepted.
        fix: the change that mends it.
    """

    def __init__(
        self, problem: str, *, given: str | None = None, needed: str | None = None, fix: str | None = None
    ) -> None:
        self.problem, self.given, self.needed, self.fix = problem, given, needed, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        rows = (("given", self.given), ("needed", self.needed), ("fix", self.fix))
        return "\n".join([self.problem, *(f"  {label + ':':<8}{text}" for label, text in rows if text)])

    def __reduce__(self) -> tuple[object, ...]:
        # Exception pickles its args only; an error must cross a process boundary whole.
        return _rebuild, (type(self), self.problem, self.given, self.needed, self.fix)


def _rebuild(
    kind: type[DescendError], problem: str, given: str | None, needed: str | None, fix: str | None
) -> DescendError:
    return kind(problem, given=given, needed=needed, fix=fix)


class ShapeError(DescendError, ValueError):
    """Shapes that do not fit together."""


class DtypeError(DescendError, TypeError):
    """A data type that the operation does not take."""


class GradientError(DescendError, RuntimeError):
    """A gradient asked for where none can be had."""


class NonFiniteError(DescendError, FloatingPointError):
    """A NaN or an infinity, named with the operation that made it."""


class SingularError(DescendError, ArithmeticError):
    """A matrix that has no inverse, or that is not positive definite."""


class TraceError(DescendError, RuntimeError):
    """Python code that needs the number behind a traced value."""


class UsageError(DescendError, ValueError):
    """A name, setting or option that does not exist."""


class UnknownNameError(DescendError, AttributeError):
    """A name that a module does not have."""


def unknown_name(
    module: str, name: str, known: Iterable[str], elsewhere: Mapping[str, str] | None = None
) -> AttributeError:
    """The error for `module.name`.

    Args:
        known: the names that it has.
        elsewhere: what a name from another library is here, a sentence or one of `known`.
    """
    if name.startswith("__"):
        # Python asks for such names by itself: no person reads the answer.
        return AttributeError(f"module {module!r} has no attribute {name!r}")
    names = sorted(known, key=str.lower)
    ours = (elsewhere or {}).get(name) or near_miss(name, names)
    return UnknownNameError(
        f"{module} has no {name}",
        given=name,
        needed="a name that it has" if ours else f"one of {', '.join(names)}",
        fix=f"did you mean {ours!r}?" if ours in names else ours or f"dir({module}) lists what there is",
    )


def near_miss(word: str, options: Iterable[str]) -> str:
    """The sentence "did you mean 'x'?" for the closest option, or "" where none is close."""
    close = get_close_matches(word, list(options), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""
