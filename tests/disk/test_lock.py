from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from descend.disk.lock import alone, holder, locked
from descend.engine.errors import DescendError

HOLD = """
import sys, time
from pathlib import Path
from descend.disk.lock import locked
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


def test_one_at_a_time_in_a_process(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []
    waited: list[int] = []

    def work() -> None:
        with alone(tmp_path / ".lock", lambda: waited.append(1)):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 4
    assert 1 <= len(waited) <= 3, "whoever waits is told once"


def test_it_is_free_again_after_an_error(tmp_path: Path) -> None:
    try:
        with alone(tmp_path / ".lock", list):
            raise KeyError
    except KeyError:
        pass
    with alone(tmp_path / ".lock", lambda: (_ for _ in ()).throw(AssertionError("still taken"))):
        pass


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    code = f"""
import time, sys
from pathlib import Path
from descend.disk.lock import alone
with alone(Path({str(tmp_path / ".lock")!r}), list):
    print("mine", flush=True)
    time.sleep(60)
"""
    waited: list[int] = []
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "mine\n"
        threading.Timer(0.15, child.kill).start()
        with alone(tmp_path / ".lock", lambda: waited.append(1)):
            assert child.wait() != 0
    assert waited == [1]
