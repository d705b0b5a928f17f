"""Training takes no more memory as it goes on, without the garbage collector's help."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import psutil

from descend.engine import Cell, Generator, Tensor, grad, no_grad, ops

LIMIT = 1e6  # bytes; the promise is 5 MB, but a step leaks only 4 kB where its values are freed and its nodes are not
SIZES = (2, 16, 16, 1)
Step = Callable[[], None]


def network() -> list[Cell]:
    """The weights and biases of a small tanh network."""
    generator = Generator(0)
    cells = []
    for inputs, outputs in pairwise(SIZES):
        cells += [Cell(generator.normal((outputs, inputs)) / inputs**0.5, requires_grad=True)]
        cells += [Cell(np.zeros(outputs, np.float32), requires_grad=True)]
    return cells


def loss_of(cells: list[Cell], x: Tensor, target: Tensor) -> Tensor:
    for w, b in zip(cells[:-2:2], cells[1:-2:2], strict=True):
        x = ops.tanh(ops.affine(x, w, b))
    return ((ops.affine(x, *cells[-2:]) - target) ** 2).mean()


def training(spoil: Callable[[Tensor], object] = lambda loss: None) -> Step:
    """One step of gradient descent with momentum; `spoil` may do harm to the loss."""
    cells = network()
    velocities = [Cell(np.zeros(c.shape, np.float32)) for c in cells]
    generator = Generator(1)

    def step() -> None:
        x = generator.normal((32, 2))
        loss = loss_of(cells, x, ops.sin(x[:, :1]))
        spoil(loss)
        loss.backward()
        with no_grad():
            for cell, velocity in zip(cells, velocities, strict=True):
                assert cell.grad is not None
                velocity.write(0.9 * velocity + cell.grad)
                cell.write(cell - 0.01 * velocity)
                cell.grad = None

    return step


def penalised() -> Step:
    """A step with a gradient of a gradient."""
    cells = network()
    x, target = Tensor(np.ones((32, 2), np.float32)), Tensor(np.ones((32, 1), np.float32))

    def step() -> None:
        slope = grad(lambda x: loss_of(cells, x, target))(x)
        (slope * slope).sum().backward()
        for cell in cells:
            cell.grad = None

    return step


def cyclic() -> Step:
    """A planted cycle: the tensor holds the hook, the hook the tensor."""
    return training(lambda loss: loss.register_hook(lambda g: loss and None))


def hoarding() -> Step:
    """A list of losses, as people keep it who forget .item()."""
    losses: list[Tensor] = []
    return training(losses.append)


def growth(make: Callable[[], Step]) -> int:
    """By how many bytes a process grows between steps 100 and 1,100. In a process without freed memory to fill up."""
    gc.disable()
    step, process = make(), psutil.Process()
    for _ in range(100):
        step()
    before = process.memory_info().rss
    for _ in range(1000):
        step()
    return int(process.memory_info().rss - before)


def measured(make: Callable[[], Step]) -> int:
    with multiprocessing.get_context("spawn").Pool(1) as fresh:
        return fresh.apply(growth, (make,))


def test_a_thousand_steps_take_no_more_memory() -> None:
    assert measured(training) < LIMIT


def test_a_thousand_penalties_on_the_gradient_take_no_more_memory() -> None:
    assert measured(penalised) < LIMIT


def test_a_planted_cycle_is_found() -> None:
    assert measured(cyclic) > LIMIT


def test_graphs_that_are_kept_are_found() -> None:
    assert measured(hoarding) > LIMIT
