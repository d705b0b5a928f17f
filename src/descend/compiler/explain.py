"""What became of a training step, for a reader: graphs, kernels, machine code, and where the time goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from descend.compiler.binding import Call
from descend.compiler.compile import Call as Arguments
from descend.compiler.compile import Compiled
from descend.compiler.executors.native import Native
from descend.compiler.graph import Array, Equation, Fused, Graph
from descend.compiler.profile import Row, profiled
from descend.compiler.roofline import Roofline, roofline
from descend.engine import UsageError
from descend.kernels import jit


@dataclass
class Explanation:
    """A compiled step opened.

    Attributes:
        traced: the graph as it was traced.
        native: what it became.
        arrays: inputs to run it on.
    """

    traced: Graph
    native: Native
    arrays: list[Array]

    @cached_property
    def rows(self) -> list[Row]:
        """The time of every equation, measured once."""
        return profiled(self.native, self.arrays)

    @property
    def hottest(self) -> Row:
        """The kernel that takes the most time. Raises: UsageError where there is no kernel."""
        rows = [row for row in self.rows if row.by == "kernel"]
        if not rows:
            raise UsageError(
                "nothing in this step is computed by a kernel", given=f"{len(self.rows)} evaluated equations",
                needed="a kernel for one of them", fix="see compiler/binding.py for what has one",
            )  # fmt: skip
        return max(rows, key=lambda row: row.seconds)

    def kernel(self, equation: Equation) -> Call:
        """The kernel that computes an equation."""
        return self.native.calls[equation]

    @cached_property
    def machine(self) -> Roofline:
        """What the machine can do, measured once."""
        return roofline()

    def save(self, folder: Path) -> list[Path]:
        """Write the graphs as text and drawings, and the hottest kernel's LLVM IR and assembly. Returns the files."""
        call = self.kernel(self.hottest.equation)
        texts = {
            "graph.txt": str(self.traced),
            "graph.svg": self.traced.svg(),
            "fused.txt": str(self.native.graph),
            "fused.svg": self.native.graph.svg(),
            f"{call.symbol}.ll": call.source,
            f"{call.symbol}.s": jit.assembly(call.source),
        }
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text + "\n", encoding="utf-8")
        return [folder / name for name in texts]


def explained(step: Compiled, *arguments: object) -> Explanation:
    """A compiled function opened, for these arguments. Raises: UsageError unless its executor is native."""
    call = Arguments((arguments, {}))
    entry = step.entry(call)
    if not isinstance(entry.run, Native):
        raise UsageError(
            "only native code has kernels to show", given=f"executor {step.executor!r}", needed="llvmlite installed",
            fix="pip install llvmlite",
        )  # fmt: skip
    arrays = [call.tensors[s].value if isinstance(s, int) else s.value for s in entry.traced.sources]
    return Explanation(entry.traced.graph, entry.run, arrays)


_LABEL = re.compile(r"^[.\w]+:")
_ARITHMETIC = re.compile(
    r"\bf(add|sub|mul|div)\b|@llvm\.f|\bv?f?n?m(add|ul|sub)\w*p[sd]\b|\bv?(add|sub|mul|div|max)p[sd]\b|\bfmla\b"
)


def innermost(code: str) -> str:
    """The stretch of IR or assembly, from label to label, with the most arithmetic in it: mostly the innermost loop."""
    stretches: list[list[str]] = [[]]
    for line in code.splitlines():
        if _LABEL.match(line):
            stretches.append([])
        stretches[-1].append(line)
    return "\n".join(max(stretches, key=lambda lines: sum(bool(_ARITHMETIC.search(line)) for line in lines)))


def label(equation: Equation) -> str:
    """What an equation computes, in a few words: the operations that are fused in it, or its own."""
    if not isinstance(equation.operation, Fused):
        return equation.name
    names = list(equation.operation.body.operations())
    return f"{equation.name}: {' '.join(names[:5])}{f' and {len(names) - 5} more' if len(names) > 5 else ''}"
