from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

from descend.engine.errors import DescendError
from descend.guide import registry
from descend.studio.learner import Learner
from tests.studio.conftest import RIGHT

Write = Callable[[str], Path]
P, G = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones((2, 3), np.float32)


@contextmanager
def learner(file: Path, patience: float = 5.0) -> Iterator[Learner]:
    made = Learner(registry.find(0), file, patience)
    try:
        yield made
    finally:
        made.close()


def body(write: Write, text: str) -> Path:
    return write(f"import os\n\nimport numpy as np\n\n\ndef update(p, g, lr):\n    {text}\n")


def failing(file: Path, patience: float = 5.0) -> DescendError:
    with learner(file, patience) as update, pytest.raises(DescendError) as told:
        update(P, G, 0.5)
    assert update.process.poll() is not None
    return told.value


def test_it_answers_as_the_function_does(write: Write) -> None:
    with learner(write(RIGHT)) as update:
        for dtype in (np.float32, np.float64):
            answer = update(P.astype(dtype), G.astype(dtype), np.asarray(0.5))
            assert answer.dtype == dtype
            np.testing.assert_array_equal(answer, P - 0.5)
        large = np.ones(300_000)
        np.testing.assert_array_equal(update(large, large, 0.25), 0.75 * large)


def test_its_arguments_are_its_own(write: Write) -> None:
    p = P.copy()
    with learner(body(write, "p -= lr * g; return p")) as update:
        np.testing.assert_array_equal(update(p, G, 1.0), P - 1)
    np.testing.assert_array_equal(p, P)


def test_what_it_prints_goes_nowhere(write: Write) -> None:
    with learner(body(write, "print('x' * 100_000); return p")) as update:
        for _ in range(20):
            np.testing.assert_array_equal(update(P, G, 1.0), P)


def test_it_is_quick(write: Write) -> None:
    with learner(write(RIGHT)) as update:
        update(P, G, 0.5)
        began = time.perf_counter()
        for _ in range(100):
            update(P, G, 0.5)
        assert time.perf_counter() - began < 1


def test_a_loop_without_end(write: Write) -> None:
    file = body(write, "while True: pass")
    with learner(file, patience=0.5) as update:
        assert update.ready(30)
        began = time.monotonic()
        with pytest.raises(DescendError, match=r"still running after 0\.5 s"):
            update(P, G, 0.5)
        assert time.monotonic() - began < 3
        assert update.process.poll() is not None


def test_a_loop_without_end_at_the_top_of_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("descend.studio.learner.START", 1.5)
    with learner(write("while True: pass\n")) as update:
        began = time.monotonic()
        with pytest.raises(DescendError, match=r"still running after 1\.5 s"):
            while time.monotonic() - began < 10:
                update.ready(0.05)
        assert update.process.poll() is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("return np.ones(5 * 10**9)", "memory"),
        ("os._exit(3)", "ended"),
        ("os.abort()", "ended"),
        ("os.fork(); return p", "another one"),
        ("os.system('true'); return p", "another one"),
        ("return p[0]", "another shape"),
        ("return [1, 'x']", "array"),
        ("return lambda: p", "array"),
        ("return None", "None"),
        ("os.write(1, b'x' * 1000); os.close(1); return p * q", "NameError"),
        ("import torch", "torch"),
    ],
)
def test_what_else_can_happen(write: Write, text: str, told: str) -> None:
    error = failing(body(write, text))
    assert told in f"{error.problem} {error.given}"


def test_noise_in_the_pipe_of_its_answers_is_noticed(write: Write) -> None:
    noise = """import contextlib, os

def update(p, g, lr):
    for descriptor in range(3, 12):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"\\xff" * 64)
    return p
"""
    assert "wrote where only its answers go" in failing(write(noise)).problem


def test_a_file_that_is_no_python(write: Write) -> None:
    assert "grammar" in failing(write("def update(:\n")).problem


def test_nothing_stays_behind(write: Write) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with learner(write(RIGHT)) as update:
        update(P, G, 0.5)
    with learner(write(RIGHT)):
        pass
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before
