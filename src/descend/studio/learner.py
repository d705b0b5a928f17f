"""The learner's own function at work in a lab, in a process of its own with limits.

The lab sends arrays and gets the function's answer. Whatever the function does (loops, crashes, ends its process),
the lab hears of it as a `DescendError`, and goes on. As everywhere, the limits guard against accidents, not malice.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numpy as np

from descend.engine.errors import DescendError
from descend.guide.checker import read_source
from descend.guide.exercise import Exercise
from descend.studio.learner_wire import Array, pack, read_message, write_message

PATIENCE = 2.0  # seconds that one answer may take
START = 60.0  # seconds until Python and NumPy have started, on a busy machine too
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}


class Learner:
    """The function that a learner wrote for an exercise, called in a child process.

    Args:
        exercise: which function of which file.
        file: the learner's file as it is now.
        patience: seconds after which an answer is no longer waited for.

    Raises:
        DescendError: the file cannot be read, or no process can be started.
    """

    def __init__(self, exercise: Exercise, file: Path, patience: float = PATIENCE) -> None:
        self.name, self.patience = exercise.interface.function, patience
        source = read_source(file)
        self._began, self._ready = time.monotonic(), False
        self.process = _spawn()
        face = exercise.interface
        self._send({"source": source, "filename": file.name, "interface": vars(face)})

    def ready(self, wait: float = 0.0) -> bool:
        """Whether the function can be called; waits `wait` seconds for it at most.

        Raises:
            DescendError: the file is no Python, lacks the function, or the process did not come up.
        """
        if not self._ready:
            if not self._readable(wait):
                if time.monotonic() - self._began > START:
                    raise self._silent(START)
                return False
            self._receive(self.patience)
            self._ready = True
        return True

    def __call__(self, *values: Any) -> Array:
        """The function's answer. Raises DescendError where there is none, with what went wrong."""
        self.ready(START)
        arrays = [np.asarray(value) for value in values]
        self._send({}, arrays)
        _, answers = self._receive(self.patience)
        return answers[0]

    def close(self) -> None:
        """End the process, and all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def _send(self, row: Mapping[str, Any], arrays: Sequence[Array] = ()) -> None:
        try:
            write_message(self._pipe("stdin"), pack(row, arrays), time.monotonic() + self.patience)
        except OSError:
            raise self._gone() from None
        except TimeoutError:
            raise self._silent(self.patience) from None

    def _receive(self, seconds: float) -> tuple[dict[str, Any], list[Array]]:
        try:
            row, arrays = read_message(self._pipe("stdout"), time.monotonic() + seconds)
        except EOFError:
            raise self._gone() from None
        except TimeoutError:
            raise self._silent(seconds) from None
        except ValueError:
            self.close()
            raise DescendError(
                f"your {self.name} wrote where only its answers go", fix="leave the pipes alone"
            ) from None
        if "problem" in row:
            raise DescendError(row["problem"], given=row.get("evidence") or None, fix="edit it, and check it again")
        return row, arrays

    def _readable(self, wait: float) -> bool:
        return bool(select.select([self._pipe("stdout")], [], [], wait)[0])

    def _pipe(self, name: str) -> int:
        return cast("int", getattr(self.process, name).fileno())

    def _silent(self, seconds: float) -> DescendError:
        self.close()
        fix = "look for a loop that never ends"
        return DescendError(f"your {self.name} was still running after {seconds:g} s and was stopped", fix=fix)

    def _gone(self) -> DescendError:
        self.close()
        status = self.process.returncode
        how = (signal.strsignal(-status) or "") if status < 0 else f"exit status {status}"
        return DescendError(f"the process of your {self.name} ended", given=how, fix="check it: the check says why")


def _spawn() -> subprocess.Popen[bytes]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "descend.studio.learner_child"],
        env={**inherited, **_ONE_THREAD, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
    )
