"""A benchmark whose reader has gone ends without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = "from benchmarks.piped import piped\nraise SystemExit(piped(lambda: print('x' * 100_000) or {status}))"


def ran(status: int, reader: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM.format(status=status)]
    return subprocess.run(command, stdout=reader, stderr=subprocess.PIPE, text=True, check=False)


def test_a_reader_that_has_gone_is_no_error_of_ours() -> None:
    end, beginning = os.pipe()
    os.close(end)
    found = ran(0, beginning)
    os.close(beginning)
    assert (found.returncode, found.stderr) == (1, "")


def test_the_status_is_main_s() -> None:
    assert [ran(status, subprocess.DEVNULL).returncode for status in (0, 3)] == [0, 3]
