from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from descend.engine.errors import DescendError
from descend.train.lock import holder, locked

HOLD = """
import sys, time
from pathlib import Path
from descend.train.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_processes_exclude_each_other_and_a_killed_one_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            assert holder(path) == process.pid
            with pytest.raises(DescendError, match="is in use") as caught, locked(path):
                pass
            assert str(process.pid) in str(caught.value)
        finally:
            process.send_signal(signal.SIGKILL)
    assert holder(path) is None
    with locked(path):
        assert holder(path) == os.getpid()


def test_one_process_excludes_itself(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"), pytest.raises(DescendError, match="is in use"), locked(tmp_path / "lock"):
        pass
    assert holder(tmp_path / "lock") is None


def test_nobody_holds_a_lock_that_does_not_exist(tmp_path: Path) -> None:
    assert holder(tmp_path / "lock") is None


def test_asking_who_holds_it_does_not_turn_a_writer_away(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    with path.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        threading.Timer(0.1, fcntl.flock, (asking, fcntl.LOCK_UN)).start()
        with locked(path):
            assert holder(path) == os.getpid()
