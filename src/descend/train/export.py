"""Taking a run elsewhere: one JSON object, a table for a spreadsheet, or a folder that needs nothing else."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from descend.disk.durable import storing, write_file
from descend.engine.errors import DescendError
from descend.train.checkpoint import Checkpoints
from descend.train.diff import last_metrics
from descend.train.events import Epoch
from descend.train.runs import Run


def as_json(run: Run) -> dict[str, Any]:
    """Description, state, metrics of every epoch and of the end: values that JSON can carry."""
    happened = run.events()
    failure = run.failure()
    return {
        "name": run.name,
        "status": run.status(),
        "failure": asdict(failure) if failure else None,
        **asdict(run.info),
        "metrics": last_metrics(happened),
        "epochs": [_measured(e) for e in happened if isinstance(e, Epoch)],
    }


def as_csv(run: Run) -> str:
    """One line for each epoch: epoch, step, seconds and every metric; the first line names the columns."""
    rows = as_json(run)["epochs"]
    columns = dict.fromkeys(["epoch", "step", "seconds", *(name for row in rows for name in row)])
    table = io.StringIO()
    writer = csv.DictWriter(table, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def as_folder(run: Run, target: Path) -> Path:
    """Copy a run into a new folder, complete or not at all: it opens with `Run.open` on any machine.

    It holds run.json, events.jsonl, the newest whole checkpoint, pictures, run.csv and export.json.
    Raises DescendError where `target` exists already, or the disk is full or may not be written.
    """
    if target.exists():
        raise DescendError(f"{target} exists already", fix="name a folder that does not exist yet")
    with storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            draft.chmod(0o755)
            _fill(run, draft)
            return draft.rename(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise


def _fill(run: Run, draft: Path) -> None:
    shutil.copytree(run.path, draft, dirs_exist_ok=True, ignore=_left_behind)
    # The events are written anew: without what a resumed run took again, and without a torn line.
    lines = "".join(event.to_json() + "\n" for event in run.events())
    write_file(draft / "events.jsonl", lines.encode())
    write_file(draft / "run.csv", as_csv(run).encode())
    write_file(draft / "export.json", json.dumps(as_json(run), indent=2, ensure_ascii=False).encode())
    newest, _ = Checkpoints(run.path / "checkpoints").newest()
    if newest:
        (draft / "checkpoints").mkdir()
        shutil.copy2(newest.path, draft / "checkpoints" / newest.path.name)


def _left_behind(_: str, names: list[str]) -> list[str]:
    apart = {"lock", "control", "checkpoints", "events.jsonl"}
    return [name for name in names if name in apart or name.startswith(".")]


def _measured(epoch: Epoch) -> dict[str, float]:
    return {"epoch": epoch.epoch, "step": epoch.step, "seconds": epoch.seconds} | epoch.metrics
