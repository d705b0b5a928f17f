"""The benchmark's arithmetic, and that each workload is the same computation in both libraries."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from benchmarks.training_steps import race, results
from benchmarks.training_steps.catalogue import TINY, WORKLOADS
from benchmarks.training_steps.peers import ours, theirs, weights
from descend.cli.result import Result, checked

ALL = sorted(WORKLOADS)
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # PyTorch, of layers with norm_first


@pytest.mark.parametrize("name", ALL)
def test_the_same_losses_as_pytorch(name: str) -> None:
    begin = weights(TINY[name])
    step, peer = ours(TINY[name], begin, "interpret"), theirs(TINY[name], begin, dtype="float64")
    np.testing.assert_allclose([step() for _ in range(3)], [peer() for _ in range(3)], rtol=1e-5)


@pytest.mark.parametrize("name", ["vgg", "dcgan", "mlp"])
def test_a_careful_user_computes_the_same(name: str) -> None:
    begin = weights(TINY[name])
    best, usual = theirs(TINY[name], begin, "torch-best"), theirs(TINY[name], begin)
    np.testing.assert_allclose([best() for _ in range(3)], [usual() for _ in range(3)], rtol=1e-4)


def test_networks_with_other_names_are_refused() -> None:
    begin = weights(TINY["mlp"])
    with pytest.raises(ValueError, match="differ"):
        theirs(TINY["mlp"], {**begin, "other": begin["0.weight"]})
    del begin["0.weight"]
    with pytest.raises(ValueError, match="differ"):
        theirs(TINY["mlp"], begin)


def test_sizes_are_those_of_the_workloads() -> None:
    count = {
        name: sum(a.size for key, a in weights(work).items() if "running" not in key)
        for name, work in WORKLOADS.items()
    }
    assert count["mlp"] == 784 * 256 + 256 + 256 * 256 + 256 + 2570
    assert count["lstm"] == 4 * 128 * (65 + 128 + 2) + 4 * 128 * (256 + 2) + 129 * 65
    assert count["vae"] == 785 * 400 + 2 * 401 * 20 + 21 * 400 + 401 * 784
    assert 0.27e6 < count["resnet"] < 0.28e6  # He et al.: 0.27 million


ROUNDS = [{"ours": 1.0, "torch": 2.0}, {"ours": 2.0, "torch": 6.0}, {"ours": 1.0, "torch": 4.0}]


def test_the_ratio_is_that_of_each_round() -> None:
    found = race.metrics(race.Raced(ROUNDS, ("ours", "torch"), {}, {"ours": 1e-6, "torch": 1e-7}))
    assert found["ours_ms"] == 1000
    assert found["torch_ms"] == 4000
    assert found["ratio_torch"] == 3
    assert (found["deviation"], found["deviation_torch"]) == (1e-6, 1e-7)
    assert 2 <= found["ratio_torch_low"] <= 3 <= found["ratio_torch_high"] <= 4


def test_losses_are_judged_by_those_in_float64() -> None:
    found = race.deviations("mlp", {"ours": [2.0, 1.0], "torch": [2.0, 1.0005]}, [2.0, 1.0002])
    assert found == {"ours": pytest.approx(2e-4, rel=1e-2), "torch": pytest.approx(3e-4, rel=1e-2)}
    for wrong in (1.1, float("nan")):
        with pytest.raises(ValueError, match="ours computes something else"):
            race.deviations("mlp", {"ours": [2.0, wrong], "torch": [2.0, 1.0]}, [2.0, 1.0])


def of(name: str, low: float) -> Result:
    found = {
        "rounds": 15, "ours_ms": 1.0, "torch_ms": low, "ratio_torch": low, "ratio_torch_low": low,
        "ratio_torch_high": low, "deviation": 1e-6, "deviation_torch": 1e-7,
    }  # fmt: skip
    expect = results.gates(name)
    return Result(
        name=f"training_steps {name}", metrics=found, expect=checked(expect, found),
        passed=all(e.holds(found) for e in expect), details={"absent": {"torch-compile": "no step within 1 s"}},
    )  # fmt: skip


def test_the_mean_is_geometric_and_has_a_gate() -> None:
    assert results.mean([of("mlp", 1.0), of("lstm", 4.0)]).metrics["ratio_torch_low"] == pytest.approx(2)
    assert not results.mean([of("mlp", 1.0), of("lstm", 2.0)]).passed


def test_the_page_names_what_was_missed_and_what_was_not_measured() -> None:
    rows = [of("mlp", 1.6), of("lstm", 1.1)]
    page = results.page([*rows, results.mean(rows)], (3.0, 4.0))
    assert "| mlp: ratio_torch_low >= 1.5 | 1.6 | yes |" in page
    assert "| lstm: ratio_torch_low >= 1.2 | 1.1 | **no** |" in page
    assert "| geometric mean: ratio_torch_low >= 1.5 | 1.33 | **no** |" in page
    assert "lstm, torch-compile: no step within 1 s." in page
    assert "before the run 3.0, after it 4.0" in page


def test_a_process_that_ends_or_hangs_says_so() -> None:
    def said(code: str, limit: float) -> list[float] | str:
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            return race.first_losses(process, limit)

    assert said("print(1.0, 2.0)", 60) == [1.0, 2.0]
    assert said("raise SystemExit(3)", 60) == "its process ended, status 3"
    assert said("import sys; sys.stdin.read()", 0.01) == "no step within 0.01 s"
