"""`descend explain`: what a compiled training step is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.options import Data, Json, Set
from descend.cli.result import Result
from descend.cli.screen import screen, table

if TYPE_CHECKING:
    from rich.console import Console

    from descend.compiler.explain import Explanation
    from descend.compiler.graph import Graph
    from descend.compiler.profile import Row
    from descend.engine import Tensor
    from descend.recipes.recipe import Recipe, Setting
    from descend.train.trainer import Trainer

Name = Annotated[str, typer.Argument(metavar="RECIPE", help="Which one; descend recipes lists them.")]
To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        metavar="DIR",
        help="Also write all graphs, machine code and a picture of the roofline here.",
    ),
]
STAGES = {"traced": "traced", "fused": "fusion"}  # of the graph, by the names of their counts
SHOWN = 32  # lines of IR and assembly on the screen; the files have all of them


def explain(name: Name, set_: Set = None, data: Data = None, to: To = None, json: Json = False) -> list[Result]:
    """Show what a recipe's training step is compiled to.

    The network; how many equations each pass leaves; the graph after the last; where the time goes, beside what the
    machine can do; LLVM IR and assembly of the kernel that takes the most.

    More than 100 % of the roofline: the numbers come from a cache, not from memory, or the kernel calculates less
    than is counted, as Winograd's convolution does.

    \b
    Examples:
      descend explain digits-mlp
      descend explain mnist-lenet --data digits --to compiled
    """
    from descend.cli.train import changes, with_data
    from descend.kernels import jit
    from descend.recipes import registry

    console = screen(json)
    recipe = registry.get(name)
    settings, directory = with_data(recipe, changes(set_), data)
    job = _training(_built(recipe, settings, directory))
    console.print(f"{job.model}\n", markup=False, highlight=False)
    show = _native if jit.available() else _without_kernels
    executor, metrics, files = show(job, to, console)
    for file in files:
        console.print(f"wrote {file}", markup=False)
    return [Result(name=recipe.name, executor=executor, metrics=metrics, details={"files": files})]


def _native(job: Trainer, to: Path | None, console: Console) -> tuple[str, dict[str, float], list[Path]]:
    """Show graphs, times and machine code. Returns: the executor, what was counted, the files."""
    explanation = _explained(job)
    _show_graphs(explanation.stages, console)
    _show_times(explanation, console)
    _show_kernel(explanation, console)
    return "native", _metrics(explanation), explanation.save(to) if to is not None else []


def _without_kernels(job: Trainer, to: Path | None, console: Console) -> tuple[str, dict[str, float], list[Path]]:
    """The same where llvmlite is not there: the graphs, and why there is no more."""
    from descend.compiler.explain import drawings, stages, written
    from descend.train.update import compiled

    graphs = stages(compiled(job, "interpret").traced(*_batch(job)).graph)
    _show_graphs(graphs, console)
    console.print(
        "\nllvmlite is not installed, so no kernels are made of this graph: NumPy computes it, equation by equation.\n"
        "For times, LLVM IR and assembly: pip install llvmlite",
        markup=False,
    )
    counts = {f"equations_{name}": len(graphs[stage].equations) for name, stage in STAGES.items()}
    return "interpret", {**counts, "kernels": 0}, written(drawings(graphs), to) if to is not None else []


def _built(recipe: Recipe, settings: dict[str, Setting], directory: Path | None) -> object:
    """The recipe's job; its data set, which must fit, is looked for in `directory` first."""
    import os

    from descend.recipes import places

    places.fitting(recipe, settings, directory)
    if directory is not None:
        os.environ["DESCEND_DATA"] = str(directory)
    return recipe.build(settings)


def _training(job: object) -> Trainer:
    """Raises: UsageError for a job that is no training."""
    from descend.engine import UsageError
    from descend.train.trainer import Trainer

    if not isinstance(job, Trainer):
        raise UsageError(
            "this recipe is no training and has no step to compile", given=type(job).__name__, needed="a Trainer",
            fix="take another one; descend recipes lists them",
        )  # fmt: skip
    return job


def _explained(job: Trainer) -> Explanation:
    """The step of a training job on its first batch."""
    from descend.compiler.explain import explained
    from descend.train.update import compiled

    return explained(compiled(job, "native"), *_batch(job))


def _batch(job: Trainer) -> tuple[Tensor, Tensor]:
    """The first batch, for a network that is being trained."""
    from descend.engine import from_numpy

    job.model.train()
    x, y = next(iter(job.loader.epoch(0)))
    return from_numpy(x), from_numpy(y)


def _show_graphs(graphs: dict[str, Graph], console: Console) -> None:
    """What each pass leaves of the graph, and the last one."""
    table(console, ("the graph", "equations"), [(name, str(len(graph.equations))) for name, graph in graphs.items()])
    console.print()
    for line in str(graphs["fusion"]).splitlines():
        console.print(_folded(line, console.width), markup=False, highlight=False, soft_wrap=True)


def _folded(line: str, width: int) -> str:
    """A line that is too long on several, indented below it."""
    from textwrap import fill

    margin = " " * (len(line) - len(line.lstrip()) + 8)
    return fill(line, width, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)


def _show_times(explanation: Explanation, console: Console) -> None:
    machine = explanation.machine
    console.print(
        f"\nThis machine, one thread: {machine.flops / 1e9:.0f} GFLOP/s in a product, "
        f"{machine.bytes / 1e9:.1f} GB/s from memory.\n"
    )
    rows = sorted(explanation.rows, key=lambda row: -row.seconds)
    table(
        console,
        ("operation", "by", "µs", "kFLOP", "kB", "GFLOP/s", "of the roofline"),
        [_row(r, explanation) for r in rows],
    )
    console.print(f"\n{_total(explanation) * 1e3:.3f} ms in all, Python around it not counted.")


def _row(row: Row, explanation: Explanation) -> tuple[str, ...]:
    from descend.compiler.text import label

    least = explanation.machine.least(row.cost)
    speed = row.cost.flops / row.seconds / 1e9
    return (
        label(row.equation), row.by, f"{row.seconds * 1e6:.1f}", f"{row.cost.flops / 1e3:.0f}",
        f"{row.cost.bytes / 1e3:.0f}", f"{speed:.1f}", f"{least / row.seconds:.0%}",
    )  # fmt: skip


def _total(explanation: Explanation) -> float:
    return sum(row.seconds for row in explanation.rows)


def _show_kernel(explanation: Explanation, console: Console) -> None:
    """The innermost loop of the kernel that takes the most time, as LLVM IR and as the processor has it."""
    from descend.compiler.explain import innermost
    from descend.compiler.text import label
    from descend.kernels import jit

    row = explanation.hottest
    call = explanation.kernel(row.equation)
    for title, text in (("LLVM IR", call.source), ("Assembly", jit.assembly(call.source))):
        lines = innermost(text).splitlines()
        shown = f", the first {SHOWN} of {len(lines)} lines" if len(lines) > SHOWN else ""
        console.print(f"\n{title} of {label(row.equation)}: its innermost loop{shown}\n", markup=False)
        console.print("\n".join(lines[:SHOWN]), markup=False, highlight=False, soft_wrap=True)


def _metrics(explanation: Explanation) -> dict[str, float]:
    rows = explanation.rows
    return {
        "equations_traced": len(explanation.traced.equations),
        "equations_fused": len(explanation.native.graph.equations),
        "kernels": sum(row.by == "kernel" for row in rows),
        "evaluated": sum(row.by == "NumPy" for row in rows),
        "milliseconds": _total(explanation) * 1e3,
        "flops": sum(row.cost.flops for row in rows),
        "machine_gflops": explanation.machine.flops / 1e9,
        "machine_gbytes": explanation.machine.bytes / 1e9,
    }
