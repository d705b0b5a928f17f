"""Running a learner's code in a process of its own, with limits, and bringing the verdict back.

It guards the learner's machine from their accidents: an endless loop, an array of 40 GB, a print in a loop.
It is no wall against an enemy: the code runs as the learner does, on their own files.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from descend.blas import ONE_THREAD
from descend.engine.errors import DescendError
from descend.guide.diagnosis import Diagnosis, Verdict
from descend.guide.interface import Interface
from descend.guide.limits import MIB, Limits

# Python and NumPy have to be loaded before the learner's clock starts, on a busy machine too.
_START = 60.0
_LAST_WORDS = 5.0  # seconds to empty the pipes of a process that has ended
_KEPT = 16 * 1024  # bytes of what the learner printed
_TIME_UP = "Timeout ("  # how Python's faulthandler begins when it tells where the time went
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


@dataclass(frozen=True)
class Job:
    """What a learner's process is to do: check `source` against the PROPERTIES of the module `check`."""

    source: str
    filename: str
    interface: Interface
    check: str
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What came of it: the verdict, and the beginning of what the learner's code printed."""

    verdict: Verdict
    printed: str
    seconds: float


def run(job: Job, limits: Limits | None = None) -> Outcome:
    """Do a job in a process of its own. Every process that it started has ended when this returns.

    Raises:
        DescendError: the process could not be started, or ended before the learner's code began.
    """
    limits, started = limits or Limits(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="descend-check-", ignore_cleanup_errors=True) as folder:
        visit = _visit(job, limits, Path(folder))
    return Outcome(_verdict(visit, job, limits), visit.printed.text, time.monotonic() - started)


class _Stream(Thread):
    """Reads all that comes through a pipe and keeps the beginning; too much of it ends the process."""

    def __init__(self, source: int, keep: int, most: int, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._source, self._keep, self._most, self._process = source, keep, most, process
        self._kept = bytearray()
        self.bytes = 0
        self.start()

    def run(self) -> None:
        """Read to the end of the pipe."""
        while chunk := os.read(self._source, 1 << 16):
            self._kept += chunk[: self._keep - len(self._kept)]
            self.bytes += len(chunk)
            if self.too_much:
                _end(self._process)

    @property
    def too_much(self) -> bool:
        """Whether more came than may come."""
        return self.bytes > self._most

    @property
    def text(self) -> str:
        """What was kept, and how much was not."""
        text = self._kept.decode("utf-8", "replace")
        left = self.bytes - len(self._kept)
        return f"{text}\n... and {left:,} bytes more" if left else text


@dataclass(frozen=True)
class _Visit:
    """How a learner's process went: what it said through its two pipes, and how it ended."""

    messages: list[Any]
    time_up: str
    printed: _Stream
    status: int
    overdue: bool


def _visit(job: Job, limits: Limits, folder: Path) -> _Visit:
    token = secrets.token_hex(16)
    job_file = folder / "job.json"
    row = {**asdict(job), "limits": asdict(limits), "token": token}
    job_file.write_text(json.dumps(row), encoding="utf-8")
    with _started(job_file, folder) as process:
        results = _Stream(_number(process.stdout), MIB, MIB, process)
        printed = _Stream(_number(process.stderr), _KEPT, limits.output, process)
        overdue = False
        try:
            process.wait(limits.seconds + _START)
        except subprocess.TimeoutExpired:
            overdue = True
        finally:
            _end(process)
            results.join(_LAST_WORDS)
            printed.join(_LAST_WORDS)
    time_up = _TIME_UP + results.text.partition(_TIME_UP)[2] if _TIME_UP in results.text else ""
    return _Visit(_messages(results.text, token), time_up, printed, process.returncode, overdue)


def _started(job_file: Path, folder: Path) -> subprocess.Popen[bytes]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # The child finds the modules where this process finds them, as with multiprocessing's spawn.
    path = os.pathsep.join(entry for entry in sys.path if entry)
    # One thread: the limits leave no room for a library's own.
    environment = {**inherited, **ONE_THREAD, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    # -u: what was printed before an abrupt end is not lost. -P: no modules from the folder it runs in.
    command = [sys.executable, "-u", "-P", "-m", "descend.guide.sandbox_child", str(job_file)]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _number(pipe: Any) -> int:
    number: int = pipe.fileno()
    return number


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started: they share its group."""
    # It may have ended already, which macOS calls a missing permission.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _messages(text: str, token: str) -> list[Any]:
    """What the child itself said: whatever else came through its pipe lacks the token."""
    rows = [_row(line) for line in text.splitlines()]
    return [row["message"] for row in rows if row.get("token") == token]


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def _verdict(visit: _Visit, job: Job, limits: Limits) -> Verdict:
    if "ready" not in visit.messages:
        raise _no_start(visit)
    if visit.printed.too_much:
        return Verdict(_printed_too_much(limits))
    if len(visit.messages) > 1:
        return Verdict.from_json(visit.messages[1])
    if visit.time_up or visit.overdue or visit.status == -signal.SIGXCPU:
        return Verdict(_took_too_long(visit, job, limits))
    if visit.status < 0:
        return Verdict(_crashed(visit.status))
    return Verdict(_left_early(visit.status))


def _took_too_long(visit: _Visit, job: Job, limits: Limits) -> Diagnosis:
    # The innermost call comes first, and the file's name is written in ASCII.
    name = job.filename.encode("ascii", "backslashreplace").decode()
    place = re.search(rf'File "{re.escape(name)}", line (\d+)', visit.time_up)
    lines = job.source.splitlines()
    where = int(place[1]) if place else 0
    evidence = f"{job.filename}, line {where}: {lines[where - 1].strip()}" if 0 < where <= len(lines) else ""
    return Diagnosis(
        "time",
        f"Your code was still running after {limits.seconds:g} s and was stopped. "
        "A check takes far less than a second: look for a loop that never ends.",
        evidence,
    )


def _printed_too_much(limits: Limits) -> Diagnosis:
    return Diagnosis(
        "output",
        f"Your code printed more than {limits.output / MIB:g} MB and was stopped. "
        "Look for a `print` in a loop, and take it out.",
    )


def _crashed(status: int) -> Diagnosis:
    reason = signal.strsignal(-status) or "unknown"
    return Diagnosis(
        "crashed",
        "The process of your code died before the check was done: not an exception, Python itself went down. "
        "Too deep a recursion or too much memory is the usual reason.",
        f"signal {-status}: {reason}",
    )


def _left_early(status: int) -> Diagnosis:
    return Diagnosis(
        "exited",
        "Your code ended the program before the check was done, so nothing is known about its answers. "
        "An answer is handed back with `return`, not with an exit.",
        f"exit status {status}",
    )


def _no_start(visit: _Visit) -> DescendError:
    return DescendError(
        "The process for your code could not be made ready; your code has not run.",
        given=visit.printed.text.strip()[-2000:] or f"exit status {visit.status}",
        fix="run it again; if it stays so, reinstall descend",
    )
