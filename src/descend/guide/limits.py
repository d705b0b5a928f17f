"""What a learner's process may use. Limits guard against accidents, not malice: it is their machine."""

from __future__ import annotations

import math
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
# Kept back so that a process that has run out of memory can still say so.
_RESERVE = 256 * MIB
_PROCESS_EVENTS = frozenset(
    {
        "ctypes.dlopen",
        "ctypes.dlsym",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.kill",
        "os.killpg",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    }
)


@dataclass(frozen=True)
class Limits:
    """Limits of one check.

    Args:
        seconds: time from the moment that the learner's code starts.
        memory: bytes beyond what Python and NumPy take at the start.
        output: bytes printed.
        file: bytes in any file written.
    """

    seconds: float = 10.0
    memory: int = 1024 * MIB
    output: int = MIB
    file: int = 16 * MIB


class ProcessRefused(RuntimeError):  # noqa: N818 - read by learners
    """The start of another process, which no exercise needs."""


class ProcessGuard:
    """Refuses to start processes, and remembers that it was asked to."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def stand(self) -> None:
        """From here on, for the life of this interpreter."""
        sys.addaudithook(self._hear)
        # No process that Python does not know of either. Root is exempt from this, not from the hook.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))

    def _hear(self, event: str, _: tuple[object, ...]) -> None:
        if event in _PROCESS_EVENTS:
            self.refused.append(event)
            raise ProcessRefused(f"{event}: no exercise needs another process")


def impose(limits: Limits) -> None:
    """Hold this process to `limits`, all but the output, which is counted by whoever reads it."""
    _hold_memory(limits.memory)
    # A spare second: the clock that names the line of an endless loop must ring first.
    cpu = math.ceil(limits.seconds) + 1
    _hold(resource.RLIMIT_CPU, cpu, cpu + 1)
    _hold(resource.RLIMIT_FSIZE, limits.file, limits.file)
    _hold(resource.RLIMIT_CORE, 0, 0)


def use_reserve() -> None:
    """Free the memory that was kept back for the report."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _hold(kind: int, soft: int, hard: int) -> None:
    # Whoever started us may have set less.
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def _hold_memory(more: int) -> None:
    # Where the system does not tell how much is taken (macOS) it does not hold to this limit either:
    # there a huge array is ended by the clock.
    told = Path("/proc/self/statm")
    if told.exists():
        taken = int(told.read_text().split()[0]) * resource.getpagesize()
        _hold(resource.RLIMIT_AS, taken + more, taken + more + _RESERVE)
