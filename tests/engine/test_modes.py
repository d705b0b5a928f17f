"""Per-thread modes: recording, the anomaly mode, interpreters."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from descend.engine import Cell, Primitive, Tensor, detect_anomaly, interpreting, no_grad, override
from descend.engine.modes import recording, state


def records() -> bool:
    return (Tensor([1.0], requires_grad=True) * 2).requires_grad


def test_no_grad_records_nothing_inside() -> None:
    assert records()
    with no_grad():
        assert not records()
    assert records()


def test_no_grad_nests_even_one_object_in_itself() -> None:
    mode = no_grad()
    with mode:
        with mode:
            assert not records()
        assert not records()
    assert records()


def test_recording_can_be_switched_on_again_inside() -> None:
    with no_grad():
        with recording(True):
            assert records()
        assert not records()


def test_an_error_ends_the_mode() -> None:
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert records()
    with pytest.raises(KeyError), recording(False):
        raise KeyError
    assert records()


def test_no_grad_is_a_decorator() -> None:
    @no_grad()
    def evaluate(depth: int) -> list[bool]:
        """Its name is kept."""
        return [records(), *(evaluate(depth - 1) if depth else [])]

    assert evaluate(2) == [False] * 3
    assert records()
    assert evaluate.__doc__ == "Its name is kept."


def test_a_decorated_function_may_run_in_two_threads_at_once() -> None:
    both = threading.Barrier(2, timeout=10)
    after: dict[str, bool] = {}

    @no_grad()
    def wait() -> None:
        both.wait()

    def inside() -> None:
        with no_grad():
            wait()
            after["inside"] = records()

    def outside() -> None:
        wait()
        after["outside"] = records()

    threads = [threading.Thread(target=target) for target in (inside, outside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert after == {"inside": False, "outside": True}


def in_another_thread(function: Any) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_modes_belong_to_a_thread() -> None:
    with no_grad(), detect_anomaly(), override("tanh", lambda x: x):
        assert in_another_thread(records)
        assert not in_another_thread(lambda: state.anomaly or state.special)
        assert in_another_thread(lambda: Tensor([0.0]).tanh().item()) == 0.0
    assert in_another_thread(lambda: Tensor([1.0]).tanh().item()) != 1.0


def test_leaves_may_be_made_under_no_grad() -> None:
    with no_grad():
        w = Tensor([1.0], requires_grad=True)
    assert (w * 2).requires_grad


def test_the_common_path_tests_one_flag() -> None:
    assert not state.special
    with detect_anomaly():
        assert state.special
        with detect_anomaly(), override("tanh", np.tanh):
            pass
        assert state.special
        assert state.anomaly
    assert not state.special
    with override("tanh", np.tanh):
        assert state.special
    assert not state.special


class Counting:
    """An interpreter that computes and notes what passes through the door."""

    def __init__(self) -> None:
        self.bound: list[str] = []
        self.written: list[tuple[Cell, Any]] = []

    def bind(self, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        self.bound.append(primitive.name)
        with np.errstate(divide="ignore"):
            return np.asarray(primitive.evaluate(*[x.value for x in inputs], **attributes))

    def write(self, cell: Cell, value: Any) -> None:
        self.written.append((cell, value))

    def read(self, tensor: Tensor) -> None:
        """It watches operations and writes only."""


def test_an_interpreter_sees_every_operation_and_every_write() -> None:
    seen = Counting()
    w = Cell([2.0], requires_grad=True)
    with interpreting(seen):
        y = (w * 3).sum()
        y.backward()
        w.write([5.0])
    assert seen.bound[:2] == ["mul", "sum"]
    assert "mul" in seen.bound[2:]  # the gradient goes through the same door
    assert [cell for cell, _ in seen.written] == [w]
    assert seen.written[0][1].tolist() == [5.0]
    assert w.tolist() == [5.0]
    Tensor([1.0]) * 2
    assert len(seen.written) == 1
    assert not state.special


def test_an_interpreter_s_results_are_inspected_too() -> None:
    with interpreting(Counting()), detect_anomaly(), pytest.raises(FloatingPointError):
        Tensor([0.0]).log()
    assert state.interpreter is None


def test_interpreters_nest() -> None:
    outer, inner = Counting(), Counting()
    with interpreting(outer):
        with interpreting(inner):
            Tensor([1.0]) * 2
        Tensor([1.0]) + 2
    assert (outer.bound, inner.bound) == (["add"], ["mul"])
