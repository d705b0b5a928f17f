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
    from descend.compiler.profile import Row
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
    from descend.recipes import registry

    console = screen(json)
    recipe = registry.get(name)
    settings, directory = with_data(recipe, changes(set_), data)
    job = _training(_built(recipe, settings, directory))
    explanation = _explained(job)
    console.print(f"{job.model}\n", markup=False, highlight=False)
    _show_passes(explanation, console)
    console.print(str(explanation.native.graph), markup=False, soft_wrap=True)
    _show_times(explanation, console)
    _show_kernel(explanation, console)
    files = explanation.save(to) if to is not None else []
    for file in files:
        console.print(f"wrote {file}", markup=False)
    return [Result(name=recipe.name, executor="native", metrics=_metrics(explanation), details={"files": files})]


def _built(recipe: Recipe, settings: dict[str, Setting], directory: Path | None) -> object:
    """The recipe's job; its data set is looked for in `directory` first."""
    import os

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
    from descend.engine import from_numpy
    from descend.train.update import compiled

    job.model.train()
    x, y = next(iter(job.loader.epoch(0)))
    return explained(compiled(job, "native"), from_numpy(x), from_numpy(y))


def _show_passes(explanation: Explanation, console: Console) -> None:
    """What each pass leaves of the graph."""
    rows = [(name, str(len(graph.equations))) for name, graph in explanation.stages.items()]
    table(console, ("the graph", "equations"), rows)
    console.print()


def _show_times(explanation: Explanation, console: Console) -> None:
    machine = explanation.machine
    console.print(
        f"\nThis machine, one thread: {machine.flops / 1e9:.0f} GFLOP/s in a matrix product, "
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
