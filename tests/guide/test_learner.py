"""Taking the function out of a learner's file."""

from __future__ import annotations

import pytest

from descend.guide.interface import Interface
from descend.guide.learner import Attempt, Refused, define

_FACE = Interface("update", ("p", "g", "lr"), "optim.sgd.update", "descend.optim.sgd", ("numpy",))


def _refused(source: str) -> Refused:
    with pytest.raises(Refused) as refused:
        define(source, "00_update.py", _FACE)
    return refused.value


def _called(source: str, *values: object) -> Refused:
    attempt = Attempt(define(source, "00_update.py", _FACE), "00_update.py", _FACE)
    with pytest.raises(Refused) as refused:
        attempt(*(values or (3.0, 2.0, 0.1)))
    return refused.value


@pytest.mark.parametrize(
    "source",
    [
        "def update(p, g, lr):\n    return p",
        "update = lambda p, g, lr: p",
        "def update(x, dx, rate):\n    return x",
        "def update(*args):\n    return args[0]",
        "def update(p, g, lr, momentum=0):\n    return p",
        "class Rule:\n    def __call__(self, p, g, lr):\n        return p\nupdate = Rule()",
        "import numpy as np\nfrom math import pi\ndef update(p, g, lr):\n    return np.add(p, 0 * pi)",
    ],
)
def test_whatever_can_be_called_with_the_arguments_will_do(source: str) -> None:
    assert define(source, "00_update.py", _FACE)(3.0, 2.0, 0.1) == 3.0


@pytest.mark.parametrize(
    ("source", "name", "message", "evidence"),
    [
        ("def update(p, g, lr)\n    return p", "syntax", "line 1", "^"),
        ("def update(p, g, lr):\nreturn p", "syntax", "line 2", "IndentationError"),
        ("def update(p, g, lr):\n    return 'p", "syntax", "line 2", "unterminated"),
        ("\0", "syntax", "grammar", "null bytes"),
        ("(" * 10_000, "syntax", "grammar", "too many nested parentheses"),
        ("x = 1\nimport torch", "import_refused", "`torch`", "line 2: import torch"),
        ("def updat(p, g, lr): ...", "no_function", "Is `updat` meant to be it?", "updat"),
        ("", "no_function", "none of that name", "none"),
        ("update = 3", "no_function", "`update` is 3", "none"),
        ("def update(p, g): ...", "parameters", "3 arguments", "found update(p, g)"),
        ("def update(p, g, lr, mu): ...", "parameters", "'mu'", "found update(p, g, lr, mu)"),
        ("def update(p, g, *, lr): ...", "parameters", "3 arguments", "found update(p, g, *, lr)"),
        ("def update(g, p, lr): ...", "parameters", "order", "found update(g, p, lr)"),
        ("1 / 0", "raised", "ZeroDivisionError", "line 1, in <module>"),
        ("raise SystemExit", "exited", "exit", "line 1, in <module>"),
        ("raise KeyboardInterrupt", "raised", "KeyboardInterrupt", "line 1"),
    ],
)
def test_a_file_that_cannot_be_right_is_told_why(source: str, name: str, message: str, evidence: str) -> None:
    diagnosis = _refused(source).diagnosis
    assert diagnosis.name == name
    assert message in diagnosis.message
    assert evidence in diagnosis.evidence


@pytest.mark.parametrize(
    ("body", "name", "evidence"),
    [
        ("return ...", "not_started", "`...`"),
        ("p - lr * g", "no_return", "None"),
        ("return p - learning_rate", "raised", "NameError: name 'learning_rate' is not defined"),
        ("return update(p, g, lr)", "recursion", "RecursionError"),
        ("raise MemoryError", "memory", "MemoryError"),
        ("raise SystemExit(0)", "exited", "SystemExit: 0"),
        ("return input()", "input", "EOFError"),
    ],
)
def test_a_call_without_an_answer_is_told_why(
    body: str, name: str, evidence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda: (_ for _ in ()).throw(EOFError("EOF when reading a line")))
    diagnosis = _called(f"def update(p, g, lr):\n    {body}").diagnosis
    assert diagnosis.name == name
    assert evidence in diagnosis.evidence


def test_the_traceback_shows_the_learners_lines_and_nobody_elses() -> None:
    source = "import json\ndef deeper(x):\n    return json.loads(x)\ndef update(p, g, lr):\n    return deeper('{')"
    evidence = _called(source).diagnosis.evidence
    assert "line 5, in update" in evidence
    assert "line 3, in deeper" in evidence
    assert "return json.loads(x)" in evidence
    assert "json/" not in evidence
    assert "learner.py" not in evidence
    assert "called with p = 3, g = 2, lr = 0.1" in evidence


def test_a_cause_behind_an_exception_is_left_out() -> None:
    source = (
        "def update(p, g, lr):\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        raise ValueError('no')"
    )
    evidence = _called(source).diagnosis.evidence
    assert "ValueError: no" in evidence
    assert "ZeroDivisionError" not in evidence


def test_the_learners_file_does_not_get_our_future_imports() -> None:
    source = "def update(p: 1 + 1, g, lr):\n    return update.__annotations__['p']"
    assert define(source, "00_update.py", _FACE)(0, 0, 0) == 2


def test_an_interrupt_during_a_call_is_no_answer() -> None:
    function = define("def update(p, g, lr):\n    raise KeyboardInterrupt", "00_update.py", _FACE)
    with pytest.raises(KeyboardInterrupt):
        Attempt(function, "00_update.py", _FACE)(1, 1, 1)


def test_calls_are_counted() -> None:
    attempt = Attempt(lambda p, g, lr: p, "00_update.py", _FACE)
    for _ in range(3):
        attempt(1, 1, 1)
    assert attempt.calls == 3
