"""In the debug mode a kernel that leaves an array is stopped and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from descend import nn
from descend.compiler import binding
from descend.compiler.compile import Compiled
from descend.compiler.executors.native import BoundsError
from descend.engine import Generator, grad, ops
from descend.kernels import bounds
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, batches, trajectory

stream = Generator(1)
FUNCTIONS: dict[str, Callable] = {
    "loop": lambda x: x.exp() + 1,
    "matmul": lambda x: x @ x,
    "product": lambda x: x.T @ x,
    "log_softmax": lambda x: nn.functional.log_softmax(x, -1),
    "pick": lambda x: ops.pick(x, np.arange(5)),
    "unpick": grad(lambda x: (ops.pick(x, np.arange(5)) * ops.pick(x, np.arange(5))).sum()),
    "index": lambda x: x[1:3, ::-1],
    "random_uniform": lambda x: stream.uniform((5, 5)) * x,
    "max_pool": lambda x: nn.functional.max_pool2d(x.reshape(1, 1, 5, 5), 2),
    "conv2d": lambda x: nn.functional.conv2d(x.reshape(1, 1, 5, 5), x.reshape(1, 1, 5, 5)[:, :, :2, :2]),
}
X = np.arange(25, dtype=np.float32).reshape(5, 5)


@pytest.fixture(autouse=True)
def debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.VARIABLE, "1")


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_one_turn_too_many_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = binding.BINDINGS[name]

    def wrong(equation):
        call = right(equation)
        return call and replace(call, arguments=(call.arguments[0] + 1, *call.arguments[1:]))

    Compiled(FUNCTIONS[name], "native")(X)
    monkeypatch.setitem(binding.BINDINGS, name, wrong)
    with pytest.raises(BoundsError, match=f"the kernel of {name} leaves an array"):
        Compiled(FUNCTIONS[name], "native")(X)


@pytest.mark.parametrize("model", ["mlp", "lenet"])
def test_a_right_step_gives_the_same_numbers(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, found = batches(2), []
    for setting in ("1", ""):
        monkeypatch.setenv(bounds.VARIABLE, setting)
        training = Training(MODELS[model], OPTIMIZERS["momentum"])
        found.append(trajectory(training, Compiled(training.step, "native"), data)[-1])
    for name in found[0]:
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=0, atol=1e-5)
