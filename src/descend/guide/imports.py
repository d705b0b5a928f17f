"""Which modules an exercise may import: Python's own and those that it names."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

_FRAMEWORKS = frozenset({"descend", "torch", "tensorflow", "keras", "jax", "flax", "mxnet", "theano"})


class ImportRefused(ImportError):  # noqa: N818 - read by learners
    """An import that the exercise does not allow."""


def foreign(tree: ast.AST, allowed: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Line and module of each import in a syntax tree that is neither Python's own nor allowed."""
    for node in ast.walk(tree):
        for name in _imported(node):
            if not permitted(name, allowed):
                yield node.lineno, name  # type: ignore[attr-defined]


def permitted(module: str, allowed: Sequence[str]) -> bool:
    """Whether a module, or the package that it is in, is Python's own or allowed."""
    root = module.partition(".")[0]
    return root in allowed or root in sys.stdlib_module_names


class Gate(MetaPathFinder):
    """A finder that stands before all others and refuses what is not permitted, however it is asked for."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """None where the module may be imported, so that the next finder looks for it; raises otherwise."""
        if permitted(fullname, self.allowed):
            return None
        raise ImportRefused(refusal(fullname), name=fullname)


def close_gate(allowed: Sequence[str]) -> None:
    """From here on this process imports Python's own modules and the allowed ones only.

    What is loaded already and not allowed is forgotten: code that runs on keeps it, an import meets the gate.
    """
    for name in [name for name in sys.modules if name != "__main__" and not permitted(name, allowed)]:
        del sys.modules[name]
    sys.meta_path.insert(0, Gate(allowed))


def refusal(module: str) -> str:
    """The sentence for an import that is not allowed."""
    root = module.partition(".")[0]
    reason = f" What {root} would do for you here is what you are building." if root in _FRAMEWORKS else ""
    return f"`{root}` is not for this exercise: it is done with NumPy and Python's own modules alone.{reason}"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []
