"""The benchmark's arithmetic, and that each workload is the same computation in both libraries."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from benchmarks.training_steps import aims, race
from benchmarks.training_steps.catalogue import TINY, WORKLOADS
from benchmarks.training_steps.peers import missing, ours, step_of, theirs, weights
from descend.cli.result import Result

ALL = sorted(WORKLOADS)
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # PyTorch, of layers with norm_first


@pytest.mark.parametrize("name", ALL)
def test_the_same_losses_as_pytorch(name: str) -> None:
    begin = weights(TINY[name])
    step, peer = ours(TINY[name], begin, "interpret"), theirs(TINY[name], begin, dtype="float64")
    np.testing.assert_allclose([step() for _ in range(3)], [peer() for _ in range(3)], rtol=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_the_same_losses_in_jax(name: str) -> None:
    pytest.importorskip("jax")
    begin = weights(TINY[name])
    step, peer = step_of("jax", name, TINY[name], begin), theirs(TINY[name], begin, dtype="float64")
    np.testing.assert_allclose([step() for _ in range(3)], [peer() for _ in range(3)], rtol=2e-5)


def test_jax_keeps_the_running_averages_that_pytorch_keeps() -> None:
    pytest.importorskip("jax")
    from benchmarks.training_steps.in_jax.layers import Layers

    begin, x = weights(TINY["vgg"]), np.random.default_rng(0).standard_normal((4, 5, 5, 4)).astype(np.float32)
    net, peer = Layers(begin), torch.nn.BatchNorm2d(4)
    net.batch_norm("1", x)
    peer(torch.from_numpy(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(net.running["1.running_mean"], peer.running_mean, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(net.running["1.running_var"], peer.running_var, rtol=1e-5)


def test_the_same_losses_without_compiling() -> None:
    begin = weights(TINY["small"])
    step, peer = step_of("ours-eager", "small", TINY["small"], begin), ours(TINY["small"], begin, "interpret")
    assert [step() for _ in range(3)] == [peer() for _ in range(3)]


def test_a_library_that_is_not_installed_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.training_steps.peers.find_spec", lambda name: None if name == "jax" else name)
    assert missing("jax", "mlp") == "jax is not installed"
    assert missing("torch-best", "mlp") is None
    assert missing("ours", "mlp") is None
    assert missing("keras", "lstm") == "not written in Keras"


@pytest.mark.parametrize("name", ["vgg", "dcgan", "mlp"])
def test_a_careful_user_computes_the_same(name: str) -> None:
    begin = weights(TINY[name])
    best, usual = theirs(TINY[name], begin, "torch-best"), theirs(TINY[name], begin)
    np.testing.assert_allclose([best() for _ in range(3)], [usual() for _ in range(3)], rtol=1e-4)


@pytest.mark.parametrize(("name", "parts"), [("mlp", 1), ("dcgan", 2)])
def test_what_is_called_is_what_pytorch_compiled(name: str, parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def compiled(model: torch.nn.Module):
        return lambda *x: (called.append(id(model)), model(*x))[1]

    begin, usual = weights(TINY[name]), theirs(TINY[name], weights(TINY[name]))
    monkeypatch.setattr(torch, "compile", compiled)
    assert theirs(TINY[name], begin, "torch-compile")() == usual()
    assert len(set(called)) == parts


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


def test_eager_is_compared_with_pytorch() -> None:
    rounds = [{"ours": 1.0, "ours-eager": 2.0, "torch": 6.0}] * 3
    found = race.metrics(race.Raced(rounds, ("ours", "ours-eager", "torch"), {}, {}))
    assert found["eager_ratio_torch"] == found["eager_ratio_torch_low"] == 3
    assert {goal.metric for goal in aims.gates("lenet", ("ours-eager", "torch"))} >= {"eager_ratio_torch_low"}
    assert not aims.gates("lenet", ("ours", "jax"))


def test_losses_are_judged_by_those_in_float64() -> None:
    found = race.deviations("mlp", {"ours": [2.0, 1.0], "torch": [2.0, 1.0005]}, [2.0, 1.0002])
    assert found == {"ours": pytest.approx(2e-4, rel=1e-2), "torch": pytest.approx(3e-4, rel=1e-2)}
    for wrong in (1.1, float("nan")):
        with pytest.raises(ValueError, match="ours computes something else"):
            race.deviations("mlp", {"ours": [2.0, wrong], "torch": [2.0, 1.0]}, [2.0, 1.0])


def of(name: str, low: float) -> Result:
    return Result(name=f"training_steps {name}", metrics={"ratio_torch_low": low})


def test_the_mean_is_geometric_and_has_a_gate() -> None:
    assert aims.mean([of("mlp", 1.0), of("lstm", 4.0)]).metrics["ratio_torch_low"] == pytest.approx(2)
    assert not aims.mean([of("mlp", 1.0), of("lstm", 2.0)]).passed


def test_aims_are_against_pytorch_and_the_fastest_peer() -> None:
    found = {
        "ratio_torch": 3.0, "ratio_jax": 0.9, "ratio_jax_low": 0.1, "ratio_keras": 2.0, "ratio_ours_eager": 0.5,
        "ours_ms": 1.0,
    }  # fmt: skip
    assert [*aims.of("lstm", found)] == [("ratio to torch", 2.0, 3.0), ("ratio to the fastest peer (jax)", 0.95, 0.9)]
    assert [*aims.of("vae", {"ours_ms": 1.0})] == []


def test_a_process_that_ends_or_hangs_says_so() -> None:
    def said(code: str, limit: float) -> list[float] | str:
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            return race.first_losses(process, limit)

    assert said("print(1.0, 2.0)", 60) == [1.0, 2.0]
    assert said("raise SystemExit(3)", 60) == "its process ended, status 3"
    assert said("import sys; sys.stdin.read()", 0.01) == "no step within 0.01 s"
