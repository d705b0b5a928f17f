"""A learner's code in its own process: whatever it does, there is a message, in time, and nothing is left behind."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import pytest

from descend.engine.errors import DescendError
from descend.guide import sandbox
from descend.guide.limits import MIB, Limits
from descend.guide.registry import find
from descend.guide.sandbox import Job, Outcome, run

_LIMITS = Limits(seconds=1.0, memory=256 * MIB)
_RIGHT = "return p - lr * g"


def _job(source: str, check: str | None = None) -> Job:
    update = find("update")
    return Job(source, update.filename, update.interface, check or update.check_module, 0)


def _ran(body: str, imports: str = "", limits: Limits = _LIMITS) -> Outcome:
    lines = "\n    ".join(body.splitlines())
    return run(_job(f"{imports}\ndef update(p, g, lr):\n    {lines}\n"), limits)


def test_a_right_answer_passes() -> None:
    outcome = _ran(_RIGHT)
    assert outcome.verdict.passed
    assert len(outcome.verdict.held) == 7
    assert outcome.verdict.calls > 100
    assert outcome.printed == ""


@pytest.mark.parametrize(
    ("body", "imports", "evidence"),
    [
        ("x = 0\nwhile True: x += 1", "", "while True: x += 1"),
        ("time.sleep(60)", "import time", "time.sleep(60)"),
        ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "", "while True: pass"),
        ("a = np.ones((1500, 1500))\nwhile True:\n    a = a @ a", "import numpy as np", "a = a @ a"),
        (_RIGHT, "while True: pass", "line 1: while True: pass"),
    ],
    ids=["loop", "sleep", "swallowed", "in numpy", "at the top"],
)
def test_an_endless_loop_is_stopped_in_time_and_its_line_is_named(body: str, imports: str, evidence: str) -> None:
    started = time.monotonic()
    outcome = _ran(body, imports)
    assert outcome.verdict.diagnosis is not None
    assert outcome.verdict.diagnosis.name == "time"
    assert "after 1 s" in outcome.verdict.diagnosis.message
    assert evidence in outcome.verdict.diagnosis.evidence
    assert time.monotonic() - started < 30  # on a busy machine, too


@pytest.mark.parametrize(
    ("body", "imports", "name", "told"),
    [
        ("return np.ones((5000, 1000, 1000))", "import numpy as np", "memory", "37.3 GiB"),
        ("x = []\nwhile True:\n    x.append(bytes(10**6))", "", "memory", "line 5, in update"),
        ("while True: os.fork()", "import os", "processes", "os.fork()"),
        ("os.system('true')\nreturn p - lr * g", "import os", "processes", "os.system"),
        (f"try:\n    os.fork()\nexcept Exception:\n    pass\n{_RIGHT}", "import os", "processes", "os.fork"),
        ("subprocess.Popen(['sleep', '60'])", "import subprocess", "processes", "subprocess.Popen"),
        ("multiprocessing.Pool(2)", "import multiprocessing", "processes", "multiprocessing.Pool(2)"),
        ("os.kill(os.getpid(), 9)", "import os", "processes", "os.kill"),
        ("os._exit(0)", "import os", "exited", "exit status 0"),
        (_RIGHT, "import os\nos._exit(0)", "exited", "exit status 0"),
        ("sys.exit(0)", "import sys", "exited", "sys.exit(0)"),
        ("ctypes.string_at(0)", "import ctypes", "crashed", "signal 11"),
        ("return input()", "", "input", "EOFError"),
        ("open('x', 'wb').write(bytes(10**8))", "", "raised", "File too large"),
        (f"import torch\n{_RIGHT}", "", "import_refused", "line 3: import torch"),
        (f"m = __import__('descend')\n{_RIGHT}", "", "import_refused", "__import__('descend')"),
        (f"importlib.import_module('descend.guide')\n{_RIGHT}", "import importlib", "import_refused", "descend"),
        ("os.closerange(0, 64)", "import os", "exited", ""),
    ],
)
def test_whatever_it_does_has_its_message(body: str, imports: str, name: str, told: str) -> None:
    diagnosis = _ran(body, imports).verdict.diagnosis
    assert diagnosis is not None
    assert diagnosis.name == name
    assert told in diagnosis.evidence


def test_a_gigabyte_of_print_is_stopped_and_fills_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = _ran("for _ in range(1000): print('x' * 10**6)\nreturn p - lr * g", limits=Limits(seconds=20))
    assert outcome.verdict.diagnosis is not None
    assert outcome.verdict.diagnosis.name == "output"
    assert len(outcome.printed) < 20_000
    assert outcome.seconds < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kilobytes


def test_not_a_byte_of_memory_left_is_still_told() -> None:
    body = """
for size in (10**6, 10**4, 10**3, 100, 10):
    try:
        while True: kept.append(bytes(size))
    except MemoryError: pass
while True: kept.append(object())
"""
    diagnosis = _ran(body, "kept = []", Limits(seconds=30, memory=32 * MIB)).verdict.diagnosis
    assert diagnosis is not None
    assert diagnosis.name == "memory"
    assert "while True: kept.append(object())" in diagnosis.evidence


def test_what_is_printed_comes_back_and_changes_no_verdict() -> None:
    outcome = _ran("print('p is', p.shape)\nsys.stderr.write('e')\nos.write(1, b'raw')\n" + _RIGHT, "import os, sys")
    assert outcome.verdict.passed
    assert outcome.printed.startswith("p is (7,)\n")
    assert "e" in outcome.printed
    assert "raw" in outcome.printed


def test_what_was_printed_before_an_abrupt_end_is_not_lost() -> None:
    assert _ran("print('here')\nos._exit(3)", "import os").printed == "here\n"


@pytest.mark.parametrize("descriptor", [1, 3, 4, 5])
def test_a_verdict_written_by_the_learner_is_none(descriptor: int) -> None:
    forged = '{"token": "", "message": {"diagnosis": null, "held": [], "calls": 1}}\\n'
    body = f"try:\n    os.write({descriptor}, b'{forged}')\nexcept OSError:\n    pass\n"
    assert not _ran(body + "os._exit(0)", "import os").verdict.passed
    assert not _ran(body + "return p + lr * g", "import os").verdict.passed


def test_threads_and_exit_functions_of_the_learner_do_not_hold_up_the_verdict() -> None:
    outcome = _ran(_RIGHT, "import atexit, time\natexit.register(time.sleep, 60)", Limits(seconds=30))
    assert outcome.verdict.passed
    assert outcome.seconds < 30


def test_it_runs_in_a_folder_of_its_own_that_is_gone_afterwards() -> None:
    outcome = _ran("print(os.getcwd(), os.listdir('.'))\nreturn p - lr * g", "import os")
    folder, files = outcome.printed.splitlines()[0].split(" ", 1)
    assert files == "[]"
    assert Path(folder) != Path.cwd()
    assert not Path(folder).exists()


def test_it_sees_no_environment_that_is_not_its_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")
    assert "secret" not in _ran("print(dict(os.environ))\nreturn p - lr * g", "import os").printed


def test_seeds_decide_the_verdict() -> None:
    source = "def update(p, g, lr):\n    print(p)\n    return p - lr * g"
    job = _job(source)
    assert run(job, _LIMITS).printed == run(job, _LIMITS).printed
    other = Job(source, job.filename, job.interface, job.check, 1)
    assert run(job, _LIMITS).printed != run(other, _LIMITS).printed


# ------------------------------------------------------------- checks that are planted, not the learner


def _planted(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, name: str) -> str:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    return name


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_every_process_has_ended_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = tmp_path / "pids"
    text = f"""
import subprocess
child = subprocess.Popen(["sh", "-c", "sleep 300 & echo $! >> {pids}; wait"])
open({str(pids)!r}, "a").write(f"{{child.pid}}\\n")
import time
while open({str(pids)!r}).read().count("\\n") < 2: time.sleep(0.01)
PROPERTIES = ()
"""
    check = _planted(tmp_path, text, monkeypatch, "planted_children")
    assert run(_job("def update(p, g, lr): return p", check), _LIMITS).verdict.passed
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 2
    deadline = time.monotonic() + 5
    while any(_alive(pid) for pid in started) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(_alive(pid) for pid in started)


def test_a_process_that_never_begins_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = _planted(tmp_path, "raise RuntimeError('broken check')", monkeypatch, "planted_broken")
    with pytest.raises(DescendError, match="broken check"):
        run(_job("def update(p, g, lr): return p", check), _LIMITS)


def test_a_process_that_stands_still_is_ended_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_START", 1.0)
    text = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nPROPERTIES = ()"
    check = _planted(tmp_path, text, monkeypatch, "planted_stop")
    started = time.monotonic()
    with pytest.raises(DescendError, match="could not be made ready"):
        run(_job("def update(p, g, lr): return p", check), Limits(seconds=0.5))
    assert time.monotonic() - started < 30


def test_an_interrupt_ends_the_learners_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = tmp_path / "pid"
    text = f"import os\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\nPROPERTIES = ()"
    check = _planted(tmp_path, text, monkeypatch, "planted_pid")

    def interrupted(process, seconds=None):
        while not pid.exists() or not pid.read_text():
            time.sleep(0.01)
        monkeypatch.undo()
        monkeypatch.setattr(sys, "path", [*sys.path])
        raise KeyboardInterrupt

    monkeypatch.setattr("subprocess.Popen.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(_job("import time\ntime.sleep(60)", check), Limits(seconds=60))
    assert not _alive(int(pid.read_text()))
