from __future__ import annotations

import subprocess
import sys
import threading
import time

from descend.data.datasets.lock import alone


def test_one_at_a_time_in_a_process(tmp_path):
    inside, most, waited = [], [], []

    def work():
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


def test_it_is_free_again_after_an_error(tmp_path):
    try:
        with alone(tmp_path / ".lock", list):
            raise KeyError
    except KeyError:
        pass
    with alone(tmp_path / ".lock", lambda: (_ for _ in ()).throw(AssertionError("still taken"))):
        pass


def test_a_killed_process_leaves_no_lock(tmp_path):
    code = f"""
import time, sys
from pathlib import Path
from descend.data.datasets.lock import alone
with alone(Path({str(tmp_path / ".lock")!r}), list):
    print("mine", flush=True)
    time.sleep(60)
"""
    waited = []
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "mine\n"
        threading.Timer(0.15, child.kill).start()
        with alone(tmp_path / ".lock", lambda: waited.append(1)):
            assert child.wait() != 0
    assert waited == [1]
