"""What is measured of a process, and how it is shown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import compile_time
from benchmarks.training_steps import costs
from benchmarks.training_steps.catalogue import TINY
from benchmarks.training_steps.peers import weights


def test_a_worker_tells_its_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(costs, "WORKLOADS", TINY)
    np.savez(tmp_path / "weights.npz", **weights(TINY["mlp"]))
    costs.worker("ours", "mlp", tmp_path / "weights.npz")
    found = costs.Costs(**json.loads(capsys.readouterr().out))
    assert found.first_seconds > 0.5 * found.compile_seconds > 0
    assert found.megabytes >= 0


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="Linux tells of memory there")
def test_the_peak_is_that_since_the_beginning() -> None:
    held = np.ones(50_000_000, np.uint8)
    del held
    before = costs._resident()
    resettable = os.access("/proc/self/clear_refs", os.W_OK)
    assert not resettable or costs._peak() - before < 25e6
    held = np.ones(50_000_000, np.uint8)
    assert costs._peak() - before > 40e6
    del held


def test_a_peer_that_is_not_there_has_no_costs() -> None:
    assert costs.costs("keras", "lstm").startswith(("not written", "keras is not"))


def test_the_quickest_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter((3.0, 2.0, 4.0))
    made = lambda name: {"cold": costs.Costs(next(seconds), 1.0, 1.5), "warm": "no costs"}
    monkeypatch.setattr(compile_time, "measured", lambda peer, name: made(name))
    monkeypatch.setattr(compile_time, "RACED", {"vgg": ("ours",)})
    found = compile_time.run()
    assert found.numbers == {"vgg_ours_cold_seconds": 2.0, "vgg_compile_cold_seconds": 1.5}
    assert found.table == [["workload", "ours, cold", "ours, warm"], ["vgg", "2.00 (1.50)", ""]]
    assert found.absent == {"vgg: ours": "no costs"}
