"""One folder for each run: what was asked for, what happened, and the state to go on from."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from descend.disk import lock
from descend.disk.durable import storing, sync_folder, write_file
from descend.engine.errors import DescendError, UsageError, near_miss
from descend.train import control, journal
from descend.train.events import Done, Event, Failed, effective

FORMAT = 1


@dataclass(frozen=True)
class RunInfo:
    """What a run was started with; written once, as `run.json`.

    Attributes:
        recipe: name of the recipe.
        seed: of the weights, the order of the data and every random layer.
        settings: what the recipe was built from; JSON values only.
        data: SHA-256 of the data set.
        code: SHA-256 of the library's source.
        environment: see `fingerprint.environment`.
        executor: what computes the updates: "eager", or an executor of the compiler.
        overrides: where each part that a learner replaced comes from, by symbol.
        created: time of the start, UTC, ISO 8601.
    """

    recipe: str
    seed: int
    settings: dict[str, Any] = field(default_factory=dict)
    data: str = ""
    code: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    executor: str = "eager"
    overrides: dict[str, str] = field(default_factory=dict)
    created: str = ""

    @classmethod
    def now(cls, recipe: str, seed: int, settings: Mapping[str, Any], **known: Any) -> RunInfo:
        """The description of a run that starts here and now: code, environment and time are filled in."""
        from descend.train import fingerprint

        return cls(
            recipe=recipe,
            seed=seed,
            settings=dict(settings),
            code=fingerprint.code(),
            environment=fingerprint.environment(),
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            **known,
        )


class Run:
    """A run on the disk. Reading needs no lock; `writing()` takes it.

    Attributes:
        path: the folder, which holds run.json, events.jsonl, checkpoints/, lock and control.
        info: what the run was started with.
    """

    def __init__(self, path: Path, info: RunInfo) -> None:
        self.path, self.info = path, info

    @classmethod
    def create(cls, info: RunInfo, home: Path | None = None) -> Run:
        """A new folder "date-recipe-number", complete from the moment that it has its name.

        Raises DescendError where the disk is full or may not be written.
        """
        folder = runs_folder(home)
        with storing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        try:
            draft.chmod(0o755)
            write_file(draft / "run.json", _to_json(info))
            with storing(folder):
                path = _claim(draft, folder, _stem(info))
                sync_folder(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return cls(path, info)

    @classmethod
    def open(cls, name: str | Path, home: Path | None = None) -> Run:
        """The run of this name, or in this folder.

        Raises UsageError where there is none, and DescendError where its description is damaged.
        """
        folder = runs_folder(home)
        path = Path(name) if (Path(name) / "run.json").is_file() else folder / name
        try:
            return cls(path, _from_json(path, (path / "run.json").read_bytes()))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageError(
                f"there is no run {str(name)!r}",
                given=f"{folder} was searched",
                fix=near_miss(str(name), [p.name for p in run_folders(home)]) or "descend runs lists them",
            ) from error
        except OSError as error:
            raise DescendError(f"the run in {path} cannot be read", given=str(error)) from error

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def events_path(self) -> Path:
        return self.path / "events.jsonl"

    def events(self) -> list[Event]:
        """What happened, without the steps that a resumed run took again."""
        return effective(journal.read(self.events_path))

    def position(self) -> int:
        """Bytes of whole events recorded so far: `follow` from here sees only what is still to come."""
        return journal.end(self.events_path)

    def status(self) -> str:
        """One of: new, running, interrupted, stopped, failed, finished."""
        return status(self.events(), running=self.writer() is not None)

    def failure(self) -> Failed | None:
        """How it failed, None where it did not."""
        ends = [event for event in self.events() if isinstance(event, Done | Failed)]
        return ends[-1] if ends and isinstance(ends[-1], Failed) else None

    def writer(self) -> int | None:
        """Process id of whoever trains this run, None where nobody does."""
        return lock.holder(self.path / "lock")

    @contextmanager
    def writing(self) -> Iterator[journal.Journal]:
        """The right to record events and save checkpoints. Raises DescendError while another has it."""
        with lock.locked(self.path / "lock"):
            record = journal.Journal(self.events_path)
            try:
                yield record
            finally:
                record.close()

    def request(self, wish: control.Request) -> None:
        """Ask the process that trains this run to "pause", to "stop", or to go on ("run")."""
        control.request(self.path / "control", wish)

    def requested(self) -> control.Poll:
        """A function that says what is asked for, cheap enough to be called after every step."""
        return control.Poll(self.path / "control")

    def __repr__(self) -> str:
        return f"Run({self.name!r})"


def home_folder() -> Path:
    """Where descend keeps its files: the environment variable DESCEND_HOME, or ~/.descend."""
    return Path(os.environ.get("DESCEND_HOME") or Path.home() / ".descend")


def runs_folder(home: Path | None = None) -> Path:
    """Where the folders of the runs stand."""
    return (home or home_folder()) / "runs"


def run_folders(home: Path | None = None) -> list[Path]:
    """The folders of all runs, in the order of their names."""
    folder = runs_folder(home)
    found = [p for p in folder.iterdir() if (p / "run.json").is_file()] if folder.is_dir() else []
    return sorted((p for p in found if not p.name.startswith(".")), key=_natural)


def runs(home: Path | None = None) -> list[Run]:
    """All runs whose description can be read, oldest first."""
    found = []
    for path in run_folders(home):
        try:
            found.append(Run.open(path))
        except DescendError:
            continue  # the catalogue lists it as damaged, with the reason
    return sorted(found, key=lambda run: run.info.created)


def status(events: list[Event], *, running: bool) -> str:
    """The state that a run's events tell, given whether a process holds its lock."""
    if running:
        return "running"
    ends = [e for e in events if isinstance(e, Done | Failed)]
    if not ends:
        return "interrupted" if events else "new"
    if isinstance(ends[-1], Failed):
        return "failed"
    return "stopped" if ends[-1].stopped else "finished"


def _claim(draft: Path, folder: Path, stem: str) -> Path:
    # Renaming a folder onto one with files in it fails, so two processes never get the same number.
    number = max([0, *_numbers(folder, stem)])
    while True:
        number += 1
        try:
            return draft.rename(folder / f"{stem}-{number}")
        except OSError:
            if not (folder / f"{stem}-{number}").exists():
                raise


def _numbers(folder: Path, stem: str) -> list[int]:
    ends = [path.name.removeprefix(stem + "-") for path in folder.glob(stem + "-*")]
    return [int(end) for end in ends if end.isdecimal()]


def _stem(info: RunInfo) -> str:
    word = re.sub(r"[^a-z0-9]+", "-", info.recipe.lower()).strip("-") or "run"
    return f"{(info.created or datetime.now(UTC).isoformat())[:10]}-{word}"


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _to_json(info: RunInfo) -> bytes:
    try:
        text = json.dumps({"format": FORMAT} | asdict(info), indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise DescendError(
            "the settings of this run cannot be written down",
            given=str(error),
            needed="numbers, text, lists and dictionaries of them",
        ) from error
    return (text + "\n").encode()


def _from_json(path: Path, data: bytes) -> RunInfo:
    try:
        row = json.loads(data)
        return RunInfo(**{f.name: row[f.name] for f in fields(RunInfo)})
    except (KeyError, TypeError, ValueError) as error:
        raise DescendError(
            f"the description of the run in {path} is damaged",
            given=f"run.json: {type(error).__name__}: {error}",
            fix="restore run.json from a copy, or delete the folder",
        ) from error
