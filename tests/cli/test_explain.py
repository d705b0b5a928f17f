"""`descend explain`, and `descend train --compile`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from descend.cli.main import main
from descend.compiler.passes import PASSES
from descend.kernels import jit


def test_a_recipe_is_explained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    small = ["--set", "hidden=16", "--set", "batch_size=32"]
    assert main(["explain", "digits-mlp", *small, "--to", str(tmp_path / "out"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])["results"][0]
    metrics = result["metrics"]
    assert metrics["kernels"] > metrics["evaluated"] == 0
    assert metrics["equations_fused"] < metrics["equations_traced"]
    assert metrics["flops"] > 2 * 32 * 16 * 784
    assert {"graph-0-traced.svg", f"graph-{len(PASSES) + 1}-fusion.txt", "roofline.svg"} <= {
        Path(file).name for file in result["details"]["files"]
    }


def test_the_screen_shows_graph_times_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "digits-mlp", "--set", "hidden=16", "--set", "batch_size=32"]) == 0
    shown = capsys.readouterr().out
    assert all(
        word in shown
        for word in ("Linear(", "constant folding", "= affine(", "GFLOP/s", "LLVM IR of", "Assembly of", "llvm.fma")
    )


def test_a_recipe_that_is_no_training_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "hackers-guide"]) == 2
    assert "no training" in capsys.readouterr().err


def test_without_llvmlite_graphs_are_shown_and_why_there_is_no_more(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "available", lambda: False)
    assert main(["explain", "digits-mlp", "--set", "hidden=16", "--to", str(tmp_path), "--json"]) == 0
    told = capsys.readouterr()
    result = json.loads(told.out.splitlines()[-1])["results"][0]
    assert (result["executor"], result["metrics"]["kernels"]) == ("interpret", 0)
    assert 0 < result["metrics"]["equations_fused"] < result["metrics"]["equations_traced"]
    assert {f"graph-{len(PASSES) + 1}-fusion.svg", "graph-0-traced.txt"} <= {x.name for x in tmp_path.iterdir()}
    assert "llvmlite is not installed" in told.err + told.out


def test_a_training_without_llvmlite_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "available", lambda: False)
    assert main(["train", "digits-mlp", "--epochs", "1"]) == 0
    assert "llvmlite is not installed" in capsys.readouterr().out
    assert main(["train", "digits-mlp", "--epochs", "1", "--no-compile"]) == 0
    assert "llvmlite" not in capsys.readouterr().out


def test_a_compiled_training_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "digits-mlp", "--tiny", "--compile", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])["results"][0]
    assert result["executor"] == "native"
