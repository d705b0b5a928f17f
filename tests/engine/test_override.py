"""A learner's answer in place of the framework's."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from descend.engine import (
    DtypeError,
    ShapeError,
    Tensor,
    UsageError,
    check_gradients,
    detect_anomaly,
    ops,
    overridable,
    override,
    override_calls,
    symbols,
)
from descend.engine.override import FUNCTIONS


@pytest.fixture
def step() -> Any:
    """A function that can be replaced."""

    @overridable("test.step")
    def step(p: Tensor, g: Tensor, lr: Tensor) -> Tensor:
        """p - lr g."""
        return p - lr * g

    yield step
    del FUNCTIONS["test.step"]


def test_a_primitive_s_meaning_is_replaced_inside_the_block() -> None:
    x = Tensor([1.0, -2.0])
    with override("relu", lambda x: x * 10):
        assert x.relu().tolist() == [10.0, -20.0]
    assert x.relu().tolist() == [1.0, 0.0]


def test_its_gradient_stays_the_framework_s() -> None:
    x = Tensor([3.0], requires_grad=True)
    with override("square", lambda x: x * x + 100):
        y = ops.square(x)
    assert y.tolist() == [109.0]
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6.0]
    with override("tanh", np.tanh):
        check_gradients(lambda x: x.tanh(), [0.3, -0.7])


def test_a_wrong_replacement_shows_in_the_gradient_check() -> None:
    with override("tanh", np.arctan), pytest.raises(RuntimeError):
        check_gradients(lambda x: x.tanh(), [0.3, -0.7])


def test_calls_are_counted() -> None:
    x = Tensor([1.0])
    with override("tanh", np.tanh):
        assert override_calls("tanh") == 0
        x.tanh()
        x.tanh()
        assert override_calls("tanh") == 2
    assert override_calls("tanh") == 2
    x.tanh()
    assert override_calls("tanh") == 2
    with override("tanh", np.tanh):
        assert override_calls("tanh") == 0
    assert override_calls("never") == 0


def test_overrides_nest() -> None:
    x = Tensor([1.0])
    with override("tanh", lambda x: x + 1):
        with override("tanh", lambda x: x + 2):
            assert x.tanh().item() == 3.0
        assert x.tanh().item() == 2.0
        with override("relu", lambda x: x + 5):
            assert (x.tanh().item(), x.relu().item()) == (2.0, 6.0)


def test_an_error_ends_the_override() -> None:
    with pytest.raises(KeyError), override("tanh", lambda x: x):
        raise KeyError
    assert Tensor([1.0]).tanh().item() != 1.0


def test_an_unknown_symbol_gets_its_near_miss() -> None:
    with (
        pytest.raises(UsageError, match="nothing in the framework is called 'sigmodi'") as caught,
        override("sigmodi", np.tanh),
    ):
        pass
    assert caught.value.fix == "did you mean 'sigmoid'?"
    assert caught.value.needed
    with pytest.raises(UsageError) as caught, override("qqqqqqqq", np.tanh):
        pass
    assert "symbols()" in str(caught.value.fix)


def test_symbols_are_the_primitives_and_the_marked_functions(step: Any) -> None:
    assert {"tanh", "conv2d", "test.step"} <= set(symbols())
    assert symbols() == sorted(symbols())


def test_a_marked_function_can_be_replaced(step: Any) -> None:
    p, g, lr = Tensor([1.0, 2.0]), Tensor([10.0, 20.0]), Tensor(np.array(0.1))
    assert step(p, g, lr).tolist() == [0.0, 0.0]
    with override("test.step", lambda p, g, lr: p + lr * g):
        assert step(p, g, lr).tolist() == [2.0, 4.0]
        assert override_calls("test.step") == 1
        with override("tanh", np.tanh):
            step(p, g, lr)
        assert override_calls("test.step") == 2
    assert step(p, g, lr).tolist() == [0.0, 0.0]
    assert step.__doc__ == "p - lr g."


def test_another_override_leaves_a_marked_function_alone(step: Any) -> None:
    with override("tanh", np.tanh):
        assert step(Tensor([1.0]), Tensor([1.0]), Tensor(1.0)).tolist() == [0.0]


def test_a_replacement_gets_arrays_of_its_own(step: Any) -> None:
    p, x = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])

    def spoil(p: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        p *= 0
        return p

    with override("test.step", spoil), override("tanh", spoil):
        step(p, p, p)
        x.tanh()
    assert p.tolist() == [1.0, 2.0]
    assert x.tolist() == [1.0, 2.0]


def test_a_replacement_keeps_no_hold_on_its_result() -> None:
    kept: list[np.ndarray] = []

    def remember(x: np.ndarray) -> np.ndarray:
        kept.append(x)
        return x

    with override("tanh", remember):
        y = Tensor([1.0]).tanh()
    kept[0][0] = 99.0
    assert y.tolist() == [1.0]


def test_the_type_is_the_framework_s(step: Any) -> None:
    x = Tensor([1.0, 2.0])
    with (
        override("test.step", lambda p, g, lr: p.astype(np.float64)),
        override("tanh", lambda x: np.tanh(x, dtype=np.float64)),
    ):
        assert step(x, x, x).dtype == np.float32
        assert step(x, Tensor(np.ones((2, 1))), x).dtype == np.float32
        assert x.tanh().dtype == np.float32
    with override("less", np.less), override("cast", lambda x, dtype: x.astype(dtype)):
        assert (x < 1).dtype == bool
        assert x.to(np.float64).dtype == np.float64
        assert x.to(np.int64).dtype == np.int64


@pytest.mark.parametrize(
    ("symbol", "call"), [("tanh", lambda step, x: x.tanh()), ("test.step", lambda step, x: step(x, x, x))]
)
def test_another_shape_is_refused(symbol: str, call: Any, step: Any) -> None:
    with (
        override(symbol, lambda x, *rest: x.sum()),
        pytest.raises(ShapeError, match=f"the replacement of {symbol}") as caught,
    ):
        call(step, Tensor([1.0, 2.0]))
    assert (caught.value.given, caught.value.needed) == ("()", "(2,)")
    assert "mean" in str(caught.value.fix)


@pytest.mark.parametrize("result", [None, "text", [None, 1]])
def test_a_forgotten_return_is_named(result: Any, step: Any) -> None:
    with (
        override("test.step", lambda p, g, lr: result),
        pytest.raises(DtypeError, match="returned no numbers") as caught,
    ):
        step(Tensor([1.0]), Tensor([1.0]), Tensor(1.0))
    assert "return" in str(caught.value.fix)


def test_an_error_in_a_replacement_comes_through(step: Any) -> None:
    with override("test.step", lambda p, g, lr: 1 // 0), pytest.raises(ZeroDivisionError):
        step(Tensor([1.0]), Tensor([1.0]), Tensor(1.0))
    with override("tanh", lambda x: unknown), pytest.raises(NameError):  # type: ignore[name-defined]  # noqa: F821
        Tensor([1.0]).tanh()


def test_a_replacement_s_result_is_inspected_in_anomaly_mode() -> None:
    with (
        override("tanh", lambda x: x * np.nan),
        detect_anomaly(),
        pytest.raises(FloatingPointError, match="tanh made NaN"),
    ):
        Tensor([1.0]).tanh()


def test_attributes_reach_the_replacement() -> None:
    with override("sum", lambda x, axes, keepdims: np.max(x, axes, keepdims=keepdims)):
        assert Tensor([[1.0, 5.0], [7.0, 2.0]]).sum(1).tolist() == [5.0, 7.0]


def test_an_override_belongs_to_its_thread() -> None:
    found: list[float] = []
    with override("tanh", lambda x: x + 100):
        thread = threading.Thread(target=lambda: found.append(Tensor([0.0]).tanh().item()))
        thread.start()
        thread.join()
        assert override_calls("tanh") == 0
    assert found == [0.0]


def test_a_marked_function_is_differentiable_until_replaced(step: Any) -> None:
    p = Tensor([1.0], requires_grad=True)
    assert step(p, Tensor([1.0]), Tensor(0.1)).requires_grad
    with override("test.step", lambda p, g, lr: p):
        y = step(p, Tensor([1.0]), Tensor(0.1))
        y.backward()
    assert p.grad is None
