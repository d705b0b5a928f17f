"""Threads share every kernel's work and never meet: none touches what another one writes, so no order matters.

Kernels of the debug mode record what each thread touches, by address: memory that a plan gives to two values is one.
They run thread after thread, forwards and backwards, and the numbers must be those of NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest

from descend.compiler.binding import Fault
from descend.compiler.compile import Call, Compiled
from descend.compiler.executors import native
from descend.compiler.executors.native import Evaluated, Native, Stretch
from descend.compiler.graph import Array, Equation
from descend.engine import PRIMITIVES, from_numpy, grad, ops
from descend.kernels import bounds, threads
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, applied, batches, samples
from tests.compiler.test_binding import CONVOLUTIONS, CONVOLVED

ORDERS = (range(1, -1, -1), range(5), range(15, -1, -1))
"""In which order the threads run: 2, 5 and 16 of them. Programs with much room are run by the first two only."""
Program = Callable[..., object]
Runs = tuple[Array, Array]
"""Stretches of memory that do not overlap: where each begins, in order, and where it ends."""


@dataclass
class Touched:
    """What each thread has read and written in one call."""

    reads: list[Runs]
    writes: list[Runs]

    def refuse_meetings(self, name: str) -> None:
        for a, b in permutations(range(len(self.reads)), 2):
            assert not _meet(self.writes[a], self.writes[b]), f"two threads of {name} write the same place"
            assert not _meet(self.reads[a], self.writes[b]), f"a thread of {name} reads what another one writes"

    def refuse_gaps(self, name: str, results: Sequence[tuple[int, int]]) -> None:
        starts, ends = _joined(self.writes)
        for at, size in results:
            run = np.searchsorted(starts, at, "right") - 1
            assert not size or (run >= 0 and ends[run] >= at + size), f"a result of {name} is not all written"


def _meet(a: Runs, b: Runs) -> bool:
    first = np.searchsorted(b[1], a[0], "right")  # the first one that ends behind the beginning
    there = first < len(b[0])
    return bool((b[0][first[there]] < a[1][there]).any())


def _joined(runs: Iterable[Runs]) -> Runs:
    starts, ends = (np.concatenate([np.empty(0, np.int64), *parts]) for parts in zip(*runs, strict=True))
    order = np.argsort(starts)
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    new = np.flatnonzero(np.append(True, starts[1:] > ends[:-1])[: len(starts)])
    return starts[new], ends[np.append(new[1:], len(starts))[: len(new)] - 1]


def _runs(at: int, marks: Array) -> Runs:
    edges = np.flatnonzero(np.diff(marks, prepend=np.uint8(0), append=np.uint8(0)))
    return at + edges[::2], at + edges[1::2]


class Recorder:
    """Runs a program's kernels one thread after the other, and looks at what each has touched."""

    def __init__(self, run: Native, order: Sequence[int]) -> None:
        self.run, self.order = run, order

    def __call__(self, arrays: Sequence[Array]) -> list[Array]:
        run, known = self.run, self.run.begin(arrays)
        for step in run.steps:
            if isinstance(step, Stretch):
                for number, equation in enumerate(step.equations):
                    self._call(step, number, equation)
            elif isinstance(step, Evaluated):
                run.evaluate(step, known)
            else:
                run.join(step, known)
        return [run._array(value, known) for value in run.graph.outputs]

    def _call(self, stretch: Stretch, number: int, equation: Equation) -> None:
        (kernel, start), (_, report) = stretch.calls[number], stretch.reports[number]
        arguments = self.run.calls[equation].arguments
        given = self.run.table[start : start + len(arguments)]
        extents = [native._extent(argument) for argument in arguments]
        touched = Touched([], [])
        for thread in self.order:
            marks = [np.zeros(2 * extent, np.uint8) for extent in extents]
            table = np.array([mark.ctypes.data for mark in marks], np.int64)
            report[bounds.MARKS] = table.ctypes.data
            native.SIGNATURE(kernel)(given.ctypes.data, thread, len(self.order))
            assert not report[0], f"{equation.name} leaves an array"
            kept = [(a, *np.split(m, 2)) for a, m, x in zip(given, marks, arguments, strict=True) if x != Fault()]
            touched.reads.append(_joined(_runs(at, read) for at, read, _ in kept))
            touched.writes.append(_joined(_runs(at, written) for at, _, written in kept))
        touched.refuse_meetings(equation.name)
        results = [(a, x) for a, x in zip(given, arguments, strict=True) if x in equation.outputs]
        touched.refuse_gaps(equation.name, [(int(a), native._extent(x)) for a, x in results])


@pytest.fixture(autouse=True)
def recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.VARIABLE, bounds.RECORD)
    monkeypatch.setenv(threads.VARIABLE, str(max(map(len, ORDERS))))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[range]:
    """The orders of few threads, and room for no more."""
    monkeypatch.setenv(threads.VARIABLE, str(max(map(len, ORDERS[:2]))))
    return list(ORDERS[:2])


def check(function: Program, *arrays: Array, tolerance: float = 1e-4, orders: Sequence[Sequence[int]] = ORDERS) -> None:
    """Run it with several numbers of threads, forwards and backwards: NumPy's numbers, and always the same bits."""
    call = Call((tuple(map(from_numpy, arrays)), {}))
    entry, meaning = (Compiled(function, executor).entry(call) for executor in ("native", "interpret"))
    given = [arrays[source] if isinstance(source, int) else source.value for source in entry.traced.sources]
    wanted, runs = meaning.run(given), [Recorder(entry.run, order)(given) for order in orders]
    for found, exact in zip(zip(*runs, strict=True), wanted, strict=True):
        assert len({a.tobytes() for a in found}) == 1
        np.testing.assert_allclose(found[0], exact, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", list(PRIMITIVES))
def test_threads_of_every_primitive_s_kernel(name: str) -> None:
    for arrays, attributes in samples(name, np.float32):
        check(applied(PRIMITIVES[name], attributes), *arrays)


@pytest.mark.parametrize("model", list(MODELS))
def test_threads_of_a_training_step(model: str, few: list[range]) -> None:
    check(Training(MODELS[model], OPTIMIZERS["momentum"]).step, *batches(1)[0], tolerance=1e-3, orders=few)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_threads_of_a_convolution_and_its_gradients(name: str, few: list[range]) -> None:
    image, weights, window, _ = CONVOLUTIONS[name]
    convolved, groups, rng = CONVOLVED[len(image) - 1], image[0] // weights[1], np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(np.float32) for shape in ((3, *image), weights))
    gradients = grad(lambda x, w: (convolved(x, w, window, groups=groups) ** 2).sum(), (0, 1))
    check(gradients, x, w, tolerance=1e-2, orders=few)


def test_threads_of_a_sum_over_a_shared_last_axis() -> None:
    """Where every result lacks the first axes, what is left to share is the axis that is summed in registers."""
    x = np.random.default_rng(0).standard_normal((3, 11, 7)).astype(np.float32)
    for axes in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
        check(lambda x, axes=axes: [(x * 2).sum(axes), ops.max(x, axes)], x)
