"""What became of a training step, for a reader: graphs, kernels, machine code, and where the time goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from descend.compiler.binding import Call
from descend.compiler.compile import Call as Arguments
from descend.compiler.compile import Compiled
from descend.compiler.executors.native import Native
from descend.compiler.graph import Array, Equation, Graph
from descend.compiler.passes import improved
from descend.compiler.passes.fuse import fused
from descend.compiler.profile import Row, profiled
from descend.compiler.roofline import Roofline, roofline
from descend.compiler.roofline_picture import drawn
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
                needed="a kernel for one of them", fix="see compiler/binding for what has one",
            )  # fmt: skip
        return max(rows, key=lambda row: row.seconds)

    def kernel(self, equation: Equation) -> Call:
        """The kernel that computes an equation."""
        return self.native.calls[equation]

    @cached_property
    def machine(self) -> Roofline:
        """What the machine can do, measured once."""
        return roofline()

    @cached_property
    def stages(self) -> dict[str, Graph]:
        """The graph as it was traced, then after each pass, by the pass's name."""
        return {**stages(self.traced), "fusion": self.native.graph}

    def save(self, folder: Path) -> list[Path]:
        """Write the graph after each pass as text and drawing, the hottest kernel's LLVM IR and assembly, and a
        picture of all kernels below the roofline. Returns the files.
        """
        call = self.kernel(self.hottest.equation)
        texts = {f"{call.symbol}.ll": call.source, f"{call.symbol}.s": jit.assembly(call.source)}
        files = written({**texts, **drawings(self.stages)}, folder)
        picture = folder / "roofline.svg"
        drawn(self.rows, self.machine).savefig(picture)
        return [*files, picture]


def stages(traced: Graph) -> dict[str, Graph]:
    """The graph as it was traced, after each pass, and with what kernels compute together, fused."""
    found = {"traced": traced}
    last = improved(traced, watch=found.__setitem__)
    return {**found, "fusion": fused(last)}


def drawings(graphs: dict[str, Graph]) -> dict[str, str]:
    """Each graph as text and as a drawing, by the names of files."""
    found: dict[str, str] = {}
    for i, (name, graph) in enumerate(graphs.items()):
        file = f"graph-{i}-{name.replace(' ', '-')}"
        found |= {f"{file}.txt": str(graph), f"{file}.svg": graph.svg()}
    return found


def written(texts: dict[str, str], folder: Path) -> list[Path]:
    """Write these files into the folder. Returns their paths."""
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


_LABEL = re.compile(r"^([.\w]+):")
_JUMP = re.compile(r"(?:label %|^\s+(?:j|b\.|cb|tb)\w+\s+(?:\w+, )*)([.\w]+)")
_ARITHMETIC = re.compile(
    r"\bf(add|sub|mul|div)\b|@llvm\.f|\bv?f?n?m(add|ul|sub)\w*p[sd]\b|\bv?(add|sub|mul|div|max)p[sd]\b|\bfmla\b"
)


def innermost(code: str) -> str:
    """The loop without a loop inside, from label to label of IR or assembly, that calculates most at each turn."""
    lines = code.splitlines()
    labels = {found[1]: i for i, line in enumerate(lines) if (found := _LABEL.match(line))}
    starts = sorted({0, *labels.values()})
    jumps = [(labels.get(name, i), i) for i, line in enumerate(lines) for name in _JUMP.findall(line)]
    loops = [(first, last) for first, last in jumps if first < last]
    single = [loop for loop in loops if not any(loop[0] < a and b < loop[1] for a, b in loops)]

    def work(stretch: tuple[int, int]) -> tuple[bool, int]:
        turning = any(first <= stretch[0] <= last for first, last in single)
        return turning, sum(bool(_ARITHMETIC.search(line)) for line in lines[slice(*stretch)])

    return "\n".join(lines[slice(*max(pairwise([*starts, len(lines)]), key=work))])
