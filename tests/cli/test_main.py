"""What holds for every command: help, speed, exit status, JSON."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

import pytest
from typer.main import get_command

from descend.cli import main as module
from tests.cli.conftest import Call
from tests.cli.test_result import RESULT_KEYS

HEAVY = {"numpy", "matplotlib", "PIL", "scipy", "sklearn", "torch", "requests", "pooch", "safetensors", "sqlite3"}


def _commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in get_command(module.app).commands.items():  # type: ignore[attr-defined]
        found.append((name,))
        found.extend((name, inner) for inner in getattr(command, "commands", {}))
    return found


@pytest.mark.parametrize("words", [(), *_commands()], ids=" ".join)
def test_help_explains_with_an_example(words: tuple[str, ...], descend: Call) -> None:
    called = descend(*words, "--help")
    assert called.status == 0
    assert "Usage: descend" in called.out
    assert " ".join(("descend", *words)) in called.out.partition("Examples:" if words else "Start with:")[2]


@pytest.mark.parametrize("words", [words for words in _commands() if words != ("studio",)], ids=" ".join)
def test_every_command_with_a_result_takes_json(words: tuple[str, ...], descend: Call) -> None:
    assert "--json" in descend(*words, "--help").out


def test_help_lists_the_commands_with_a_whole_sentence_each(descend: Call) -> None:
    assert "..." not in descend("--help").out.partition("Commands:")[2]


def test_help_answers_in_less_than_300_ms() -> None:
    # Processor time, which is what the clock shows on a machine that has nothing else to do.
    seconds = [_processor_time(sys.executable, "-m", "descend", "--help") for _ in range(5)]
    assert statistics.median(seconds) < 0.3


def _processor_time(*command: str) -> float:
    before = os.times()
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize("arguments", [["--help"], [], ["train", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"import sys; from descend.cli.main import main; main({arguments!r}); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not HEAVY & set(ran.stdout.splitlines()[-1].split())


def test_without_arguments_it_shows_the_first_steps(descend: Call) -> None:
    called = descend()
    assert called.status == 0
    assert "descend init" in called.out
    assert "descend train digits-mlp" in called.out


def test_the_version(descend: Call) -> None:
    import descend as package

    assert descend("--version").out.strip() == package.__version__
    assert descend("version", "--json").result["details"]["descend"] == package.__version__


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["trian"], "did you mean 'train'"),
        (["train"], "name a recipe"),
        (["train", "digits-mpl"], "did you mean 'digits-mlp'?"),
        (["train", "digits-mlp", "--bogus"], "--bogus"),
        (["train", "digits-mlp", "--epochs", "many"], "--epochs"),
        (["train", "digits-mlp", "--epochs", "0"], "at least 1"),
        (["studio", "--port", "99999"], "--port must be at most 65535"),
        (["train", "digits-mlp", "--epochs", "many"], "--epochs must be a whole number"),
        (["train", "digits-mlp", "--set", "lr"], "NAME=VALUE"),
        (["train", "digits-mlp", "--set", "lrr=1"], "did you mean 'lr'?"),
        (["train", "digits-mlp", "--set", "lr=fast"], "for example lr="),
        (["train", "digits-mlp", "--data", "mnits"], "did you mean 'mnist'?"),
        (["train", "--resume", "nowhere"], "no run"),
        (["recipes", "digits-mpl"], "did you mean 'digits-mlp'?"),
        (["summary", "digits-mpl"], "did you mean 'digits-mlp'?"),
        (["summary", "hackers-guide"], "has no network"),
        (["runs", "show", "nowhere"], "no run"),
        (["runs", "shw", "x"], "did you mean 'show'"),
        (["data", "get", "mnits"], "did you mean 'mnist'?"),
        (["data", "info", "mnits"], "did you mean 'mnist'?"),
        (["predict", "nowhere", "x.png"], "no run"),
        (["predict"], "missing argument"),
        (["check", "updaet"], "did you mean 'update'?"),
        (["hint", "99"], "no exercise"),
        (["exercises", "updaet"], "did you mean 'update'?"),
        (["reproduce", "digits-mpl"], "did you mean 'digits-mlp'?"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2_and_says_what_was_meant(arguments: list[str], hint: str, descend: Call) -> None:
    called = descend(*arguments)
    assert called.status == 2
    assert hint.lower() in called.err.lower()
    assert "Traceback" not in called.err
    assert called.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["trian"],
        ["train", "digits-mpl"],
        ["train", "x", "--bogus"],
        ["runs", "show", "nowhere"],
        ["predict", "nowhere", "x.png"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_object_too(arguments: list[str], descend: Call) -> None:
    called = descend(*arguments, "--json")
    assert called.status == 2
    assert list(called.report) == ["command", "passed", "seconds", "results", "error"]
    assert called.report["command"] == arguments[0]
    assert called.report["passed"] is False
    assert called.report["results"] == []
    assert set(called.report["error"]) == {"problem", "given", "needed", "fix"}
    assert called.report["error"]["problem"]


RESULTS = [
    "recipes", "recipes digits-mlp", "data", "data list", "data info digits", "data get digits", "runs", "runs list",
    "version", "exercises", "exercises 0", "summary digits-mlp",
]  # fmt: skip


@pytest.mark.parametrize("command", RESULTS)
def test_with_json_standard_output_is_one_object_of_the_schema(command: str, descend: Call) -> None:
    called = descend(*command.split(), "--json")
    assert called.status == 0
    (line,) = called.out.splitlines()
    report = json.loads(line)
    assert report["command"] == command.split(maxsplit=1)[0]
    assert report["passed"] is True
    assert report["error"] is None
    assert report["seconds"] >= 0
    assert all(list(result) == RESULT_KEYS for result in report["results"])


def test_a_bug_of_ours_shows_its_traceback_and_is_an_object(descend: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("descend.recipes.registry.listings", broken)
    called = descend("recipes", "--json")
    assert called.status == 1
    assert "Traceback" in called.err
    assert called.report["error"]["problem"] == "ZeroDivisionError: ours"


def test_ctrl_c_outside_a_run_is_a_failure(descend: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("descend.recipes.registry.listings", interrupted)
    called = descend("recipes", "--json")
    assert called.status == 1
    assert called.report["error"]["problem"] == "stopped"


@pytest.mark.parametrize("words", [["recipes"], ["recipes", "--json"], []])
def test_a_reader_that_goes_away_is_no_bug(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-m", "descend", *words], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr


def test_it_runs_as_a_module_and_as_a_script() -> None:
    ran = subprocess.run([sys.executable, "-m", "descend", "recipes"], capture_output=True, text=True, check=True)
    assert "digits-mlp" in ran.stdout
