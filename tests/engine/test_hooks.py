"""Hooks on gradients, gradients of what is in between, and anomaly mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from descend.engine import GradientError, NonFiniteError, ShapeError, Tensor, detect_anomaly, ops
from tests.engine.leaves import close, gradient_of, leaf


def test_a_hook_sees_the_gradient_and_may_replace_it() -> None:
    x = leaf([1.0, 2.0])
    seen: list[Any] = []
    y = x * 3
    y.register_hook(lambda g: seen.append(g.tolist()))
    remove = y.register_hook(lambda g: g * 10)
    y.sum().backward(retain_graph=True)
    close(gradient_of(x), [30.0, 30.0])
    remove()
    x.grad = None
    y.sum().backward()
    close(gradient_of(x), [3.0, 3.0])
    assert seen == [[1.0, 1.0], [1.0, 1.0]]


def test_hooks_work_in_order_on_the_sum_of_all_uses() -> None:
    x = leaf([1.0])
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    (x * 2 + x * 3).backward()
    close(gradient_of(x), [60.0])


def test_a_hook_may_remove_itself() -> None:
    x = leaf([1.0])
    calls: list[str] = []
    remove = x.register_hook(lambda g: (calls.append("first"), remove())[0])
    x.register_hook(lambda g: calls.append("second"))
    for _ in range(2):
        (x * 2).backward()
    assert calls == ["first", "second", "second"]


def test_removing_a_hook_twice_does_nothing() -> None:
    x = leaf([1.0])
    remove = x.register_hook(lambda g: g * 0)
    remove()
    remove()
    (x * 2).backward()
    close(gradient_of(x), [2.0])


def test_a_hook_may_return_an_array() -> None:
    x = leaf([1.0])
    x.register_hook(lambda g: np.array([5.0]))
    (x * 2).backward()
    close(gradient_of(x), [5.0])


def test_a_hook_that_changes_the_shape_is_refused() -> None:
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: g.sum())
    with pytest.raises(ShapeError, match="hook") as caught:
        (x * 2).sum().backward()
    assert (caught.value.given, caught.value.needed) == ("()", "(2,)")


def test_retain_grad_keeps_the_gradient_of_what_is_in_between() -> None:
    x = leaf([2.0])
    y = (x * 3).retain_grad()
    z = y * y
    z.backward()
    assert y.grad is not None
    close(y.grad, [12.0])
    close(gradient_of(x), [36.0])
    assert z.grad is None


@pytest.mark.parametrize("what", ["retain_grad", "register_hook"])
def test_hooks_are_for_tensors_with_history(what: str) -> None:
    with pytest.raises(GradientError, match=rf"{what}\(\) needs a tensor that requires gradients"):
        getattr(Tensor([1.0]), what)(*[print] * (what == "register_hook"))


# Anomaly mode.


def test_anomaly_mode_names_the_operation_forwards() -> None:
    x = Tensor([4.0, 0.0, 1.0])
    with detect_anomaly(), pytest.raises(NonFiniteError, match=r"log made an infinity at index \(1,\)") as caught:
        x.log() * 2
    assert caught.value.given == "float32(3,) in [0, 4]"
    assert caught.value.needed
    assert caught.value.fix
    with detect_anomaly(), pytest.raises(NonFiniteError, match="sqrt made NaN"):
        (-x).sqrt()


def test_anomaly_mode_tells_what_was_made_from_what_was_given() -> None:
    with (
        detect_anomaly(),
        pytest.raises(NonFiniteError, match="mul was given a number that is not finite and made NaN"),
    ):
        Tensor([np.nan, 1.0]) * 2
    with detect_anomaly(), pytest.raises(NonFiniteError, match="mul was given"):
        Tensor([np.nan]) * 2


@pytest.mark.parametrize("f", [lambda x: x.sqrt(), lambda x: ops.pow(x, 0.5)])
def test_anomaly_mode_names_the_operation_backwards(f: Callable[[Tensor], Tensor]) -> None:
    x = leaf([1.0, 0.0])
    with detect_anomaly():
        y = f(x)
        name = "pow" if y.node is not None and y.node.name == "pow" else "sqrt"
        with pytest.raises(NonFiniteError, match=f"the gradient of {name} is not finite") as caught:
            y.sum().backward()
    assert caught.value.fix


def test_anomaly_mode_sees_a_cotangent_that_is_not_finite() -> None:
    x = leaf([1.0])
    with detect_anomaly(), pytest.raises(NonFiniteError, match="the gradient of add"):
        (x + 1).backward(np.array([np.inf]))


def test_without_anomaly_mode_infinities_pass() -> None:
    assert Tensor([0.0]).log().item() == -np.inf


def test_anomaly_mode_lets_integers_and_finite_numbers_pass() -> None:
    with detect_anomaly():
        assert (Tensor([1, 2]) + 1).tolist() == [2, 3]
        x = leaf([1.0])
        (x.exp() + Tensor(np.zeros((0, 1)))).sum().backward()
