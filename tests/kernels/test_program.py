"""Programs: kernels in their order, by one thread and by several, with the same bits."""

from __future__ import annotations

import ctypes
from itertools import pairwise

import numpy as np
import pytest

from descend.kernels import bounds, jit, program, threads
from descend.kernels.code import FLOAT
from descend.kernels.loop import Constant, Input, Loop, Result, Step

SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)


@pytest.mark.skipif(bounds.wanted(), reason="kernels that check have their reports before their arguments")
@pytest.mark.parametrize("size", [1, 2, 3, 16])
def test_every_kernel_waits_for_the_one_before(size: int) -> None:
    """Each loop adds to its neighbour's result, read backwards: a thread that does not wait reads old numbers."""
    n, steps = 1000, 20
    step = Step("{0} + {1}", (0, Constant(1.0, FLOAT)))
    add = Loop(1, (Input(FLOAT, (True,)),), (step,), (Result(1, FLOAT, (True,)),))
    whole = Loop(1, (Input(FLOAT, (True,)),), (), (Result(0, FLOAT, (False,), "sum"),))
    arrays = [np.zeros(n, np.float32) for _ in range(steps + 1)]
    total = np.zeros(1, np.float32)
    arguments = [np.array([n, a.ctypes.data, b.ctypes.data]) for a, b in pairwise(arrays)]
    arguments.append(np.array([n, arrays[-1].ctypes.data, total.ctypes.data]))
    kernels = [jit.address("loop", add.source())] * steps + [jit.address("loop", whole.source())]
    counter = np.zeros(8, np.int64)
    calls = [number for kernel, given in zip(kernels, arguments, strict=True) for number in (kernel, given.ctypes.data)]
    table = np.array([len(kernels), counter.ctypes.data, *calls])
    driver = SIGNATURE(jit.address("program", program.source()))
    threads.team(size).run(lambda number, count: driver(table.ctypes.data, number, count))
    assert total[0] == n * steps


def test_the_number_of_threads_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(threads.VARIABLE, "5")
    assert threads.count() == 5
    for senseless in ("", "0", "many"):
        monkeypatch.setenv(threads.VARIABLE, senseless)
        assert threads.count() >= 1


def test_a_team_does_the_work_once_in_every_thread() -> None:
    seen: list[tuple[int, int]] = []
    for _ in range(3):
        threads.team(4).run(lambda number, size: seen.append((number, size)))
    assert sorted(seen) == sorted([(number, 4) for number in range(4)] * 3)


def test_after_an_interruption_nobody_is_left_at_work() -> None:
    """Ctrl-C is raised in the caller when its kernel is through; the next run writes to the memory of the others."""
    seen: list[int] = []

    def interrupted(number: int, _size: int) -> None:
        if number == 0:
            raise KeyboardInterrupt
        seen.append(sum(range(1_000_000)) * 0 + number)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            threads.team(3).run(interrupted)
        assert sorted(seen) == [1, 2]
        seen.clear()
