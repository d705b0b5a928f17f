"""What does a whole training step cost, compiled, beside PyTorch? Forward, backward and Adam.

Each peer is a process of its own and only one of them works at a time, in turns. All begin with the same weights and
must give the same first three losses. Run: python -m benchmarks.training_steps --only mlp,lenet,vgg --json
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.turns import interval
from descend import nn, optim
from descend.cli.result import Report, Result, checked
from descend.engine import Tensor, from_numpy, manual_seed
from descend.recipes.recipe import Expect

ROUNDS, WARM = 21, 3
SECONDS = 0.15  # that a turn takes at least
PEERS = ("ours", "torch", "torch-best")

Step = Callable[[], float]


@dataclass(frozen=True)
class Workload:
    """A network, its batch, and how many times PyTorch's speed it must reach at least."""

    model: Callable[[], nn.Module]
    batch: int
    shape: tuple[int, ...]
    classes: int
    gate: float
    tolerance: float = 1e-3  # of the first three losses

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.batch, *self.shape)).astype(np.float32)
        return x, rng.integers(0, self.classes, self.batch)


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def vgg() -> nn.Module:
    layers: list[nn.Module] = []
    channels = 3
    for out in (64, 128, 256):
        for _ in range(2):
            layers += [nn.Conv2d(channels, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4096, 10))


WORKLOADS = {
    "mlp": Workload(mlp, 128, (784,), 10, 1.5),
    "lenet": Workload(lenet, 128, (1, 28, 28), 10, 2.0),
    "vgg": Workload(vgg, 64, (3, 32, 32), 10, 1.6, 5e-3),  # Adam's first steps follow the signs of the smallest gradients
}


# The peers.


def ours(work: Workload, weights: dict[str, np.ndarray], executor: str = "auto") -> Step:
    import descend

    model = work.model()
    model.load_state_dict(weights)
    optimizer = optim.Adam(model.parameters(), 1e-3)
    x, y = map(from_numpy, work.data())

    @descend.compile(executor=executor)
    def step(x: Tensor, y: Tensor) -> Tensor:
        loss = nn.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return lambda: float(step(x, y).item())


def theirs(work: Workload, weights: dict[str, np.ndarray], best: bool = False) -> Step:
    """PyTorch as one writes it, or with what a careful user adds: fused Adam, channels last."""
    import torch

    model = torch.nn.Sequential(*map(_torch_layer, work.model()))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()}, strict=False)
    x, y = map(torch.from_numpy, work.data())
    if best and len(work.shape) == 3:
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=best)

    def step() -> float:
        loss = torch.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def _torch_layer(layer: nn.Module):
    import torch.nn as layers

    match layer:
        case nn.Linear():
            return layers.Linear(layer.weight.shape[1], layer.weight.shape[0])
        case nn.Conv2d():
            out, channels, height, width = layer.weight.shape
            return layers.Conv2d(channels, out, (height, width), padding=(height // 2, width // 2))
        case nn.BatchNorm2d():
            return layers.BatchNorm2d(layer.weight.shape[0])
        case nn.MaxPool2d():
            return layers.MaxPool2d(2)
    return getattr(layers, type(layer).__name__)()


def worker(peer: str, name: str, weights: Path) -> None:
    """Answer each line "N" with the seconds that N steps took; first of all print three losses."""
    work, saved = WORKLOADS[name], dict(np.load(weights))
    step = ours(work, saved) if peer == "ours" else theirs(work, saved, peer == "torch-best")
    print(*(step() for _ in range(3)), flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        for _ in range(int(line)):
            step()
        print(time.perf_counter() - began, flush=True)


# The race.


@contextmanager
def started(peer: str, name: str, weights: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.training_steps", "--worker", peer, "--only", name, str(weights)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        yield process
        process.stdin.close()


def turn(process: subprocess.Popen[str], calls: int) -> float:
    """Seconds a step, over `calls` steps."""
    process.stdin.write(f"{calls}\n")
    process.stdin.flush()
    return float(process.stdout.readline()) / calls


def race(name: str, peers: tuple[str, ...] = PEERS) -> dict[str, float]:
    """Milliseconds a step of each peer, and how many times faster ours is, with the interval of that ratio."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        weights = Path(folder) / "weights.npz"
        manual_seed(0)
        np.savez(weights, **WORKLOADS[name].model().state_dict())
        running = {peer: stack.enter_context(started(peer, name, weights)) for peer in peers}
        losses = {peer: [float(x) for x in process.stdout.readline().split()] for peer, process in running.items()}
        for peer in peers:
            np.testing.assert_allclose(losses[peer], losses["ours"], rtol=WORKLOADS[name].tolerance)
        calls = {peer: max(1, round(SECONDS / turn(process, 3))) for peer, process in running.items()}
        rounds = [{p: turn(running[p], calls[p]) for p in peers} for _ in range(WARM + ROUNDS)][WARM:]
    return metrics(rounds, peers)


def metrics(rounds: list[dict[str, float]], peers: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for peer in peers:
        label = peer.replace("-", "_")
        found[f"{label}_ms"] = float(np.median([row[peer] for row in rounds]) * 1e3)
        if peer != "ours":
            ratios = np.array([row[peer] / row["ours"] for row in rounds])
            low, high = interval(ratios)
            found |= {
                f"ratio_{label}": float(np.median(ratios)),
                f"ratio_{label}_low": low,
                f"ratio_{label}_high": high,
            }
    return found


def measure(name: str) -> Result:
    began, found = time.perf_counter(), race(name)
    gate = WORKLOADS[name].gate
    expect = (Expect(metric="ratio_torch_low", at_least=gate, source="PyTorch eager, in turns"),)
    print(f"{name}: " + ", ".join(f"{key} {value:.3g}" for key, value in found.items()))
    return Result(
        name=f"training_steps {name}", seed=0, executor="native", seconds=time.perf_counter() - began, metrics=found,
        expect=checked(expect, found), passed=all(goal.holds(found) for goal in expect),
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training_steps", description=__doc__)
    parser.add_argument("--only", help="workloads, separated by commas", default=",".join(WORKLOADS))
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("weights", nargs="?", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker, options.only, options.weights)
        return 0
    began, results = time.perf_counter(), [measure(name) for name in options.only.split(",")]
    report = Report(command="bench", results=results, seconds=time.perf_counter() - began)
    if options.json:
        print(report.to_json())
    return 0 if report.passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
