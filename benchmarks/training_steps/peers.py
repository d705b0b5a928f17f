"""Who takes the steps: ours, PyTorch in three ways, JAX and Keras."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np

from benchmarks.training_steps.workload import Library, Workload

Step = Callable[[], float]
Weights = dict[str, np.ndarray]

PEERS = {
    "ours": "compiled to native code",
    "ours-eager": "not compiled",
    "torch": "PyTorch eager",
    "torch-best": "PyTorch eager with fused Adam, images channels last",
    "torch-compile": "torch.compile, default settings",
    "jax": "JAX, the whole step compiled, its state donated",
    "keras": "Keras on JAX, `train_on_batch`",
}
LIBRARIES = {"torch": "torch", "torch-best": "torch", "torch-compile": "torch", "jax": "jax", "keras": "keras"}


def our_library() -> Library:
    from descend import nn

    return Library(nn, nn.functional)


def torch_library() -> Library:
    import torch

    return Library(torch.nn, torch.nn.functional)


def weights(work: Workload) -> Weights:
    """The weights that all begin with."""
    from descend.engine import manual_seed

    manual_seed(0)
    return dict(work.network(our_library()).state_dict())


def missing(peer: str, name: str) -> str | None:
    """Why the peer cannot take part in this workload; None where it can."""
    library = LIBRARIES.get(peer)
    if library and find_spec(library) is None:
        return f"{library} is not installed"
    if peer == "keras":
        from benchmarks.training_steps.in_keras import NETWORKS

        return None if name in NETWORKS else "not written in Keras"
    return None


def step_of(peer: str, name: str, work: Workload, begin: Weights) -> Step:
    if peer in ("ours", "ours-eager"):
        return ours(work, begin, "auto" if peer == "ours" else "eager")
    if peer == "jax":
        from benchmarks.training_steps.in_jax.step import stepping

        return stepping(name, work, begin)
    if peer == "keras":
        from benchmarks.training_steps.in_keras import stepping as keras_stepping

        return keras_stepping(name, work, begin)
    return theirs(work, begin, peer, "float64" if peer == "torch-float64" else "float32")


def ours(work: Workload, begin: Weights, executor: str = "auto") -> Step:
    """A whole step in our library, compiled, or eager."""
    step, data = our_step(work, begin, executor)
    return lambda: float(step(*data).item())


def our_step(work: Workload, begin: Weights, executor: str = "auto") -> tuple[Any, list[Any]]:
    """The step, and what it is given."""
    import descend
    from descend import optim

    library = our_library()
    model = work.network(library)
    model.load_state_dict(begin)
    optimizers = [optim.Adam(player.parameters(), work.learning_rate) for player in work.players(model)]

    def step(*data: Any) -> Any:
        total = 0.0
        for loss, optimizer in zip(work.losses(library, model, *data), optimizers, strict=True):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total = total + loss.detach()
        return total

    whole = step if executor == "eager" else descend.compile(step, executor=executor)
    return whole, [descend.from_numpy(array) for array in work.data()]


def theirs(work: Workload, begin: Weights, peer: str = "torch", dtype: str = "float32") -> Step:
    """A whole step in PyTorch, as one writes it, or with what a careful user adds."""
    import torch

    library = torch_library()
    model = loaded(work.network(library), begin).to(getattr(torch, dtype))
    data = [array.to(model_type(array, dtype)) for array in map(torch.from_numpy, work.data())]
    if peer == "torch-best":
        model = model.to(memory_format=torch.channels_last)
        data = [x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x for x in data]
    optimizers = [
        torch.optim.Adam(player.parameters(), work.learning_rate, fused=peer == "torch-best")
        for player in work.players(model)
    ]
    if peer == "torch-compile":
        # Not `model.compile()`: PyTorch 2.13 leaves a Sequential as it is, without a word.
        model = torch.compile(model) if work.players(model) == [model] else [torch.compile(part) for part in model]

    def step() -> float:
        total = 0.0
        for loss, optimizer in zip(work.losses(library, model, *data), optimizers, strict=True):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total = total + loss.detach()
        return total.item()

    return step


def model_type(array: Any, dtype: str) -> Any:
    """Real numbers in the model's type; indices and masks in their own."""
    import torch

    return getattr(torch, dtype) if array.is_floating_point() else array.dtype


def loaded(model: Any, begin: Weights) -> Any:
    """PyTorch's module with these weights. Raises: ValueError where a name is missing on either side."""
    import torch

    found = model.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in begin.items()}, strict=False)
    missing = [name for name in found.missing_keys if not name.endswith("num_batches_tracked")]
    if missing or found.unexpected_keys:
        raise ValueError(f"the two networks differ: {missing}, {found.unexpected_keys}")
    return model


def settle_threads(step: Step, most: int, steps: int = 5) -> None:
    """Let PyTorch use as many threads as are fastest now: on a busy machine more threads wait for each other.

    Ours chooses likewise (`compiler/executors/trial.py`).
    """
    import torch

    times: dict[int, float] = {}
    for threads in range(1, most + 1):
        torch.set_num_threads(threads)
        step()
        times[threads] = median(_seconds(step) for _ in range(steps))
    torch.set_num_threads(min(times, key=times.__getitem__))


def _seconds(step: Step) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
