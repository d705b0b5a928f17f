"""`descend explain`, and `descend train --compile`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from descend.cli.main import main
from descend.compiler.passes import PASSES


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


def test_a_compiled_training_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "digits-mlp", "--tiny", "--compile", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])["results"][0]
    assert result["executor"] == "native"
