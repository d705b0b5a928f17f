"""Limits of a process, each tried in one of its own."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

_PROGRAM = """
import sys
sys.path[:0] = {path!r}
from descend.guide import limits
{code}
"""


def _run(code: str) -> subprocess.CompletedProcess[str]:
    program = _PROGRAM.format(path=[entry for entry in sys.path if entry], code=code)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


_IMPOSE = "limits.impose(limits.Limits(seconds=1, memory=64 << 20, file=1000))\n"


def test_memory() -> None:
    assert "MemoryError" in _run(_IMPOSE + "x = bytearray(100 << 20)").stderr
    assert _run(_IMPOSE + "x = bytearray(30 << 20)").stderr == ""


def test_the_reserve_is_there_when_it_is_needed() -> None:
    code = "try:\n    x = bytearray(100 << 20)\nexcept MemoryError:\n    limits.use_reserve()\nx = bytearray(100 << 20)"
    assert _run(_IMPOSE + code).stderr == ""


def test_processor_time() -> None:
    # One second, and the spare one.
    ended = _run(_IMPOSE + "while True: pass")
    assert ended.returncode < 0


def test_size_of_a_file(tmp_path) -> None:
    file = str(tmp_path / "x")
    write = f"from pathlib import Path; Path({file!r}).write_bytes(bytes({{}}))"
    assert "File too large" in _run(_IMPOSE + write.format(2000)).stderr
    assert _run(_IMPOSE + write.format(900)).stderr == ""


def test_no_core_is_dumped() -> None:
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    assert _run(_IMPOSE + code).stdout == "(0, 0)\n"


def test_a_tighter_limit_from_outside_stays() -> None:
    before = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
    after = "print(resource.getrlimit(resource.RLIMIT_FSIZE))"
    assert _run(before + _IMPOSE + after).stdout == "(10, 10)\n"


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.fork()",
        "import os; os.system('true')",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.posix_spawn('/bin/true', ['true'], {})",
        "import subprocess; subprocess.run(['true'])",
        "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
        "import ctypes; ctypes.CDLL(None).fork()",
        "import os; os.kill(os.getppid(), 0)",
    ],
)
def test_no_process_is_started_or_ended(code: str) -> None:
    stand = "guard = limits.ProcessGuard(); guard.stand()\n"
    told = f"try:\n    {code}\nexcept limits.ProcessRefused:\n    print(len(guard.refused))"
    assert _run(stand + told).stdout == "1\n"


def test_this_process_keeps_its_own_limits() -> None:
    assert resource.getrlimit(resource.RLIMIT_NPROC) != (0, 0)
