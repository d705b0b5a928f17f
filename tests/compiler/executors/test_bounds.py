"""In the debug mode a kernel that leaves an array is stopped and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from descend import nn
from descend.compiler import binding
from descend.compiler.compile import Compiled
from descend.compiler.executors.native import BoundsError
from descend.engine import PRIMITIVES, from_numpy, grad
from descend.kernels import bounds
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, applied, batches, samples, trajectory

layer = nn.LSTM(5, 5)
GROUPS: dict[str, Callable] = {
    "loop": lambda x: x.exp() + 1,
    "product": lambda x: x.T @ x,
    "pooling": grad(lambda x: (nn.functional.max_pool2d(x.reshape(1, 1, 5, 5), 2) ** 2).sum()),
    "recurrence": grad(lambda x: layer(x.reshape(5, 1, 5))[0].sum()),
}
X = np.arange(25, dtype=np.float32).reshape(5, 5)


@pytest.fixture(autouse=True)
def debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.VARIABLE, "1")


def cases(name: str) -> Iterator[tuple[Callable, list[np.ndarray]]]:
    """Functions whose graphs have this operation in them, and their arguments."""
    if name in GROUPS:
        yield GROUPS[name], [X]
    else:
        yield from ((applied(PRIMITIVES[name], named), arrays) for arrays, named in samples(name, np.float32))


def complaint(function: Callable, arrays: list[np.ndarray]) -> str:
    try:
        Compiled(function, "native")(*map(from_numpy, arrays))
    except BoundsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", list(binding.BINDINGS))
def test_one_turn_too_many_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a sample is a part of a larger array, one more element may still be inside: not in all samples."""
    right = binding.BINDINGS[name]

    def wrong(equation):
        call = right(equation)
        return call and replace(call, arguments=(call.arguments[0] + 1, *call.arguments[1:]))

    assert not any(complaint(*case) for case in cases(name))
    monkeypatch.setitem(binding.BINDINGS, name, wrong)
    assert any(f"the kernel of {name} leaves an array" in complaint(*case) for case in cases(name))


@pytest.mark.parametrize("model", ["mlp", "lenet"])
def test_a_right_step_gives_the_same_numbers(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, found = batches(2), []
    for setting in ("1", ""):
        monkeypatch.setenv(bounds.VARIABLE, setting)
        training = Training(MODELS[model], OPTIMIZERS["momentum"])
        found.append(trajectory(training, Compiled(training.step, "native"), data)[-1])
    for name in found[0]:
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=0, atol=1e-5)
