"""The process that a recipe runs in: `python -m descend.recipes.child RUN_DIR`.

It writes events, checkpoints and errors into the folder of the run; what it prints goes into a file there. A
learner's code may run wild here and harm no other process.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from pathlib import Path

from descend.engine.errors import DescendError, UsageError
from descend.recipes import answers, registry
from descend.recipes.recipe import Job
from descend.train.doctor import Doctor
from descend.train.events import Failed
from descend.train.runs import Run
from descend.train.trainer import Trainer

LEARNER_MEMORY = 4 * 2**30  # bytes of address space that a learner's code may take beyond what there is at its start
_LOOK = 0.5  # seconds between two looks at whether the parent lives


def main(folder: str) -> int:
    """Run the job of the run in `folder`; 0 where it ended as it should."""
    run = Run.open(Path(folder))
    began = run.position()
    threading.Thread(target=_stop_when_orphaned, args=(run, os.getppid()), daemon=True).start()
    if run.info.overrides:
        _limit_memory(LEARNER_MEMORY)
    try:
        train(run)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, whoever follows must be told
        traceback.print_exc()
        _record(run, error, began)
        return 1
    return 0


def train(run: Run) -> None:
    """Build the job that `run.json` describes, with the learner's answers in place, and run it to its end."""
    recipe = registry.get(run.info.recipe)
    with answers.installed(run):
        _run_to_the_end(_computed_by(run.info.executor, recipe.build(run.info.settings)), run)
        if run.info.overrides:
            answers.count(run)


def _computed_by(executor: str, job: Job) -> Job:
    """The job with its updates compiled where the run says so. Raises: UsageError for a job that has none."""
    if executor == "eager":
        return job
    if not isinstance(job, Trainer):
        raise UsageError(
            "this recipe is no training and cannot be compiled", given=type(job).__name__, needed="a Trainer",
            fix="run it eagerly",
        )  # fmt: skip
    return job.compile(executor)


def _run_to_the_end(job: Job, run: Run) -> None:
    if isinstance(job, Trainer):
        job.callbacks.append(Doctor(job))
    for _ in job.events(run):
        pass


def _record(run: Run, error: BaseException, began: int) -> None:
    """Leave the error in the run, for whoever follows it, unless the job has done so since `began`."""
    if run.position() > began and isinstance(run.events()[-1], Failed):
        return
    with run.writing() as journal:
        journal.record(Failed.of(_named(error)))


def _named(error: BaseException) -> BaseException:
    """The error in words of its own where its type alone would say too little."""
    if isinstance(error, MemoryError):
        return DescendError("the training ran out of memory", given=str(error) or None, fix="try a smaller batch_size")
    if isinstance(error, SystemExit):
        return DescendError("the code of the recipe ended its own process", given=f"exit({error.code!r})")
    return error


def _limit_memory(room: int) -> None:
    """Allow `room` bytes beyond the address space in use. Only Linux tells it; elsewhere there is no limit."""
    in_use = Path("/proc/self/statm")
    if in_use.is_file():
        import resource

        limit = int(in_use.read_text().split()[0]) * resource.getpagesize() + room
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit if most < 0 else min(limit, most), most))


def _stop_when_orphaned(run: Run, parent: int) -> None:
    # A terminal that was closed leaves nobody to follow this run: it is brought to a checkpoint.
    while os.getppid() == parent:
        time.sleep(_LOOK)
    run.request("stop")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
