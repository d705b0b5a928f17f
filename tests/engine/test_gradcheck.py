"""`check_gradients` accepts right gradient rules and refuses wrong ones."""
# ruff: noqa: E501  a row of the table is a row, however long

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from descend.engine import GradientError, Tensor, autodiff, check_gradients, from_numpy, ops, vjp
from descend.engine.ops.convolution import _conv
from descend.engine.ops.indexing import _add_at
from descend.engine.ops.window import Window
from descend.engine.tensor import box
from tests.engine.conftest import Plant

Rule = Callable[..., Tensor]
RNG = np.random.default_rng(7)


class Case(NamedTuple):
    """A function of arrays, its right gradient rules, and wrong ones by the mistake that was made."""

    evaluate: Callable[..., Any]
    inputs: tuple[np.ndarray, ...]
    right: tuple[Rule, ...]
    wrong: dict[str, tuple[Rule | None, ...]]


def real(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def positive(*shape: int) -> np.ndarray:
    return RNG.uniform(0.5, 2, shape)


def _softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def _columns(x: Tensor) -> Tensor:
    return x.sum(-1, keepdims=True)


def _flipped(w: Tensor) -> Tensor:
    return ops.flip(ops.flip(w, 2), 3)


def _conv_input(g: Tensor, w: Tensor, window: Window, size: tuple[int, int]) -> Tensor:
    x = Tensor(np.zeros((g.shape[0], w.shape[1], *size)), requires_grad=True)
    return vjp(lambda x: ops.conv2d(x, w, window), x.detach())[1](g)


def _last_wins(g: Tensor, places: list[int], n: int) -> Tensor:
    out = np.zeros((n, *g.shape[1:]))
    out[places] = g.numpy()
    return from_numpy(out)


def _normalised(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(0)) / x.std(0)


def _normalised_cotangent(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    centred = g - g.mean(0) - y * (g * y).mean(0)
    return centred / ops.sqrt(x.var(0))


PICK = [4, 4, 0, 2]
PADDED = Window((1, 1), (1, 1))
STRIDED = Window((2, 2))

CASES = {
    "mean": Case(np.mean, (real(7),), (lambda g, y, x: ops.expand(g / 7, (7,)),), {
        "no 1/n": (lambda g, y, x: ops.expand(g, (7,)),),
        "1/(n - 1)": (lambda g, y, x: ops.expand(g / 6, (7,)),),
    }),
    "mean of columns": Case(lambda x: x.mean(0), (real(5, 5),), (lambda g, y, x: g[None, :].expand(5, 5) / 5,), {
        "spread along the other axis": (lambda g, y, x: g[:, None].expand(5, 5) / 5,),
    }),
    "x tanh(x)": Case(lambda x: x * np.tanh(x), (real(7),), (lambda g, y, x: g * (x.tanh() + x * (1 - x.tanh() ** 2)),), {
        "= for +=: the last use only": (lambda g, y, x: g * x * (1 - x.tanh() ** 2),),
        "= for +=: the first use only": (lambda g, y, x: g * x.tanh(),),
    }),
    "softmax": Case(_softmax, (real(3, 5),), (lambda g, y, x: y * (g - _columns(g * y)),), {
        "cross terms dropped": (lambda g, y, x: g * y * (1 - y),),
        "no gradient at all": (lambda g, y, x: 0 * g * y,),
        "sum over the batch": (lambda g, y, x: y * (g - (g * y).sum(0, keepdims=True)),),
    }),
    "log softmax": Case(lambda x: np.log(_softmax(x)), (real(3, 5),), (lambda g, y, x: g - y.exp() * _columns(g),), {
        "without the sum": (lambda g, y, x: g - y.exp(),),
        "without the softmax": (lambda g, y, x: g,),
    }),
    "matmul": Case(np.matmul, (real(3, 3), real(3, 3)), (lambda g, y, a, b: g @ b.T, lambda g, y, a, b: a.T @ g), {
        "weight not transposed": (lambda g, y, a, b: g @ b, lambda g, y, a, b: a.T @ g),
        "operands swapped in the first": (lambda g, y, a, b: b.T @ g, lambda g, y, a, b: a.T @ g),
        "operands swapped in the second": (lambda g, y, a, b: g @ b.T, lambda g, y, a, b: g @ a.T),
        "result transposed": (lambda g, y, a, b: (g @ b.T).T, lambda g, y, a, b: a.T @ g),
    }),
    "bias": Case(np.add, (real(4, 4), real(4)), (lambda g, y, x, b: g, lambda g, y, x, b: g.sum(0)), {
        "summed over the wrong axis": (lambda g, y, x, b: g, lambda g, y, x, b: g.sum(1)),
        "not summed": (lambda g, y, x, b: g, lambda g, y, x, b: g[0]),
        "averaged": (lambda g, y, x, b: g, lambda g, y, x, b: g.mean(0)),
        "no rule": (lambda g, y, x, b: g, None),
    }),
    "convolution, padded": Case(
        lambda x, w: _conv(x, w, PADDED, 1), (real(2, 2, 5, 5), real(2, 2, 3, 3)),
        (lambda g, y, x, w: _conv_input(g, w, PADDED, (5, 5)), lambda g, y, x, w: vjp(lambda w: ops.conv2d(x, w, PADDED), w)[1](g)), {
        "kernel flipped": (lambda g, y, x, w: _conv_input(g, _flipped(w), PADDED, (5, 5)), None),
        "channels exchanged": (lambda g, y, x, w: _conv_input(g, w.transpose(0, 1), PADDED, (5, 5)), None),
        "padding cut from one side": (lambda g, y, x, w: _conv_input(g, w, Window(), (7, 7))[:, :, :5, :5], None),
    }),
    "convolution, strided": Case(
        lambda x, w: _conv(x, w, STRIDED, 1), (real(1, 1, 5, 5), real(1, 1, 3, 3)),
        (lambda g, y, x, w: _conv_input(g, w, STRIDED, (5, 5)), lambda g, y, x, w: vjp(lambda w: ops.conv2d(x, w, STRIDED), w)[1](g)), {
        "stride ignored": (lambda g, y, x, w: ops.pad(_conv_input(g, w, Window(), (4, 4)), ((0, 0), (0, 0), (0, 1), (0, 1))), None),
    }),
    "padding": Case(lambda x: np.pad(x, (1, 0)), (real(7),), (lambda g, y, x: g[1:],), {
        "the wrong end": (lambda g, y, x: g[:-1],),
    }),
    "every second": Case(lambda x: x[::2], (real(6),), (lambda g, y, x: ops.stack([g, 0 * g], 1).flatten(),), {
        "stride ignored": (lambda g, y, x: ops.concat([g, 0 * g]),),
        "repeated": (lambda g, y, x: ops.stack([g, g], 1).flatten(),),
    }),
    "transpose": Case(np.transpose, (real(4, 4),), (lambda g, y, x: g.T,), {"left out": (lambda g, y, x: g,)}),
    "roll": Case(lambda x: np.roll(x, 1), (real(5),), (lambda g, y, x: ops.concat([g[1:], g[:1]]),), {
        "the same way": (lambda g, y, x: ops.concat([g[-1:], g[:-1]]),),
    }),
    "gather": Case(lambda x: x[PICK], (real(5, 2),), (lambda g, y, x: from_numpy(_add_at(g.numpy(), np.array(PICK), key=("index",), shape=(5, 2))),), {
        "= for +=: a place named twice": (lambda g, y, x: _last_wins(g, PICK, 5),),
    }),
    "tanh": Case(np.tanh, (real(7),), (lambda g, y, x: g * (1 - y * y),), {
        "1 - x^2": (lambda g, y, x: g * (1 - x * x),),
        "1 - y": (lambda g, y, x: g * (1 - y),),
    }),
    "sigmoid": Case(lambda x: 1 / (1 + np.exp(-x)), (real(7),), (lambda g, y, x: g * y * (1 - y),), {
        "x (1 - x)": (lambda g, y, x: g * x * (1 - x),),
        "y": (lambda g, y, x: g * y,),
    }),
    "relu": Case(lambda x: np.maximum(x, 0), (np.array([-2.0, -0.7, 0.4, 1.5]),), (lambda g, y, x: ops.where(x > 0, g, 0),), {
        "passes negative inputs": (lambda g, y, x: g,),
        "leaks": (lambda g, y, x: ops.where(x > 0, g, 0.01 * g),),
        "slope y": (lambda g, y, x: g * y,),
    }),
    "sin(3x)": Case(lambda x: np.sin(3 * x), (real(5),), (lambda g, y, x: 3 * g * ops.cos(3 * x),), {
        "chain factor missing": (lambda g, y, x: g * ops.cos(3 * x),),
        "outer derivative at the wrong place": (lambda g, y, x: 3 * g * ops.cos(x),),
    }),
    "sqrt": Case(np.sqrt, (positive(5),), (lambda g, y, x: g / (2 * y),), {"factor 1/2 lost": (lambda g, y, x: g / y,)}),
    "difference": Case(np.subtract, (real(5), real(5)), (lambda g, y, a, b: g, lambda g, y, a, b: -g), {
        "sign": (lambda g, y, a, b: g, lambda g, y, a, b: g),
        "exchanged": (lambda g, y, a, b: -g, lambda g, y, a, b: g),
    }),
    "quotient": Case(np.divide, (real(5), positive(5)), (lambda g, y, a, b: g / b, lambda g, y, a, b: -g * a / b**2), {
        "b not squared": (lambda g, y, a, b: g / b, lambda g, y, a, b: -g * a / b),
        "sign": (lambda g, y, a, b: g / b, lambda g, y, a, b: g * a / b**2),
    }),
    "cube": Case(lambda x: x**3, (positive(5),), (lambda g, y, x: 3 * g * x**2,), {
        "exponent kept": (lambda g, y, x: 3 * g * x**3,),
        "factor forgotten": (lambda g, y, x: g * x**2,),
        "a small error": (lambda g, y, x: 3.00001 * g * x**2,),
        "a constant too much": (lambda g, y, x: 3 * g * x**2 + 1e-4,),
    }),
    "largest of two copies": Case(
        lambda x: np.maximum(x, x), (real(5),), (lambda g, y, x: g,), {"all ties get the gradient": (lambda g, y, x: 2 * g,)},
    ),
    "maximum": Case(lambda x: x.max(1), (real(3, 4),), (lambda g, y, x: ops.where(x == y[:, None], g[:, None], 0),), {
        "to every element": (lambda g, y, x: g[:, None].expand(3, 4),),
        "to the first": (lambda g, y, x: ops.concat([g[:, None], Tensor(np.zeros((3, 3)))], 1),),
    }),
    "centred": Case(lambda x: x - x.mean(), (real(5),), (lambda g, y, x: g - g.mean(),), {
        "the mean taken for a constant": (lambda g, y, x: g,),
    }),
    "batch norm": Case(_normalised, (real(6, 3),), (_normalised_cotangent,), {
        "the variance taken for a constant": (lambda g, y, x: (g - g.mean(0)) / ops.sqrt(x.var(0)),),
        "all statistics taken for constants": (lambda g, y, x: g / ops.sqrt(x.var(0)),),
    }),
    "cumulative sum": Case(np.cumsum, (real(5),), (lambda g, y, x: from_numpy(np.cumsum(g.numpy()[::-1])[::-1]),), {
        "not reversed": (lambda g, y, x: from_numpy(np.cumsum(g.numpy())),),
    }),
    "unit vector": Case(lambda x: x / np.linalg.norm(x), (real(5),), (lambda g, y, x: (g - y * (g * y).sum()) / ops.sqrt((x * x).sum()),), {
        "the length taken for a constant": (lambda g, y, x: g / ops.sqrt((x * x).sum()),),
    }),
    "outer product": Case(np.outer, (real(4), real(4)), (lambda g, y, a, b: g @ b, lambda g, y, a, b: a @ g), {
        "exchanged": (lambda g, y, a, b: a @ g, lambda g, y, a, b: g @ b),
    }),
}  # fmt: skip

MISTAKES = [(name, mistake) for name, case in CASES.items() for mistake in case.wrong]


def completed(case: Case, rules: tuple[Rule | None, ...], mistake: str) -> tuple[Rule | None, ...]:
    """The wrong rules, with the right one where a case says nothing about an input."""
    return tuple(w if w is not None or mistake == "no rule" else r for w, r in zip(rules, case.right, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_right_rule_is_accepted(name: str, plant: Plant) -> None:
    case = CASES[name]
    check_gradients(plant(case.evaluate, case.right), *case.inputs)


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_wrong_rule_is_refused(name: str, mistake: str, plant: Plant) -> None:
    case = CASES[name]
    with pytest.raises(GradientError, match="the gradient of argument"):
        check_gradients(plant(case.evaluate, completed(case, case.wrong[mistake], mistake)), *case.inputs)


def test_there_are_enough_mistakes() -> None:
    assert len(MISTAKES) >= 20


# What the cotangent of ones, the gradient of f(x).sum(), does not see.


def sum_lets_through(f: Callable[..., Tensor], *inputs: np.ndarray) -> bool:
    """Whether the gradient of the sum over f agrees with central differences."""
    claims = vjp(lambda *xs: f(*xs).sum(), *map(Tensor, inputs))[1](1.0)
    for place, x in enumerate(inputs):
        claim = (claims[place] if len(inputs) > 1 else claims).numpy()
        for index in np.ndindex(x.shape):
            e = np.zeros_like(x)
            e[index] = 1e-6
            total = [f(*[x + s * e if i == place else y for i, y in enumerate(inputs)]).numpy().sum() for s in (1, -1)]
            if abs((total[0] - total[1]) / 2e-6 - claim[index]) > 1e-5:
                return False
    return True


# Their gradients are the right numbers in the wrong places, or cancel in the sum: all ones look the same everywhere.
UNSEEN = {
    ("mean of columns", "spread along the other axis"),
    ("softmax", "no gradient at all"),
    ("bias", "summed over the wrong axis"),
    ("padding", "the wrong end"),
    ("transpose", "left out"),
    ("roll", "the same way"),
    ("batch norm", "the variance taken for a constant"),
}


def test_a_cotangent_of_ones_lets_misplaced_gradients_through(plant: Plant) -> None:
    unseen = {
        (name, mistake)
        for number, (name, mistake) in enumerate(MISTAKES)
        if sum_lets_through(
            plant(
                CASES[name].evaluate,
                completed(CASES[name], CASES[name].wrong[mistake], mistake),
                name=f"wrong {number}",
            ),
            *CASES[name].inputs,
        )
    }
    assert len(unseen) > 0
    assert unseen == UNSEEN


def test_a_cotangent_of_ones_accepts_the_right_rules(plant: Plant) -> None:
    assert all(
        sum_lets_through(plant(case.evaluate, case.right, name=f"right {i}"), *case.inputs)
        for i, case in enumerate(CASES.values())
    )


# The driver's own duties.


def test_a_driver_that_overwrites_instead_of_adding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Overwriting(dict):  # type: ignore[type-arg]
        def get(self, key: Any, default: Any = None) -> Any:
            return default

    pull = autodiff.pull
    monkeypatch.setattr(
        autodiff, "pull", lambda order, start, *rest, **named: pull(order, Overwriting(start), *rest, **named)
    )
    with pytest.raises(GradientError, match="argument 0 is wrong"):
        check_gradients(lambda x: x * x, [1.5, -0.5])


def test_broadcasting_that_is_not_undone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autodiff, "_sum_to", lambda g, shape: g)
    with pytest.raises(GradientError, match="argument 1 has another shape") as caught:
        check_gradients(lambda x, b: x + b, real(3, 5), real(5))
    assert (caught.value.given, caught.value.needed) == ("(3, 5)", "(5,)")


# Second order.


def detached(x: Tensor) -> Tensor:
    return box(x.value, None)


SECOND_ORDER = {
    "cube, slope taken for a constant": (lambda x: x**3, lambda g, y, x: g * detached(3 * x**2)),
    "tanh, slope from a value without history": (np.tanh, lambda g, y, x: g * (1 - detached(y) * detached(y))),
    "exp, cotangent without history": (np.exp, lambda g, y, x: detached(g) * y),
    "sin, slope computed in NumPy": (np.sin, lambda g, y, x: g * from_numpy(np.cos(x.numpy()))),
}


@pytest.mark.parametrize("name", SECOND_ORDER)
def test_an_error_of_second_order_is_found_by_order_2_only(name: str, plant: Plant) -> None:
    f = plant(SECOND_ORDER[name][0], (SECOND_ORDER[name][1],))
    x = positive(3)
    check_gradients(lambda x: f(x) * x, x)
    with pytest.raises(GradientError):
        check_gradients(lambda x: f(x) * x, x, order=2)


def test_a_right_second_derivative_is_accepted() -> None:
    check_gradients(lambda x, w: ops.tanh(ops.matmul(x, w)), real(2, 3), real(3, 2), order=2)


def test_third_order() -> None:
    check_gradients(lambda x: ops.sin(x) * x, real(3), order=3)


# Shapes, scales and numbers that are not finite.


def test_a_gradient_of_another_shape_is_refused(plant: Plant) -> None:
    f = plant(lambda x: x.T, (lambda g, y, x: g,), shape=lambda shape: shape[::-1])
    with pytest.raises(GradientError, match="argument 0 has another shape"):
        check_gradients(f, real(2, 3))


@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1.0, 1e4, 1e8])
def test_the_scale_of_the_function_does_not_matter(scale: float, plant: Plant) -> None:
    right = plant(np.tanh, (lambda g, y, x: g * (1 - y * y),), name="right")
    wrong = plant(np.tanh, (lambda g, y, x: 1.0001 * g * (1 - y * y),), name="wrong")
    x = real(5)
    check_gradients(lambda x: right(x) * scale, x, order=2)
    with pytest.raises(GradientError):
        check_gradients(lambda x: wrong(x) * scale, x)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_scale_of_the_input_does_not_matter(scale: float, plant: Plant) -> None:
    right = plant(np.square, (lambda g, y, x: 2 * g * x,), name="right")
    wrong = plant(np.square, (lambda g, y, x: 2.001 * g * x,), name="wrong")
    x = positive(5) * scale
    check_gradients(right, x)
    with pytest.raises(GradientError):
        check_gradients(wrong, x)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_rule_that_gives_no_number_is_refused(wrong: float, plant: Plant) -> None:
    with pytest.raises(GradientError):
        check_gradients(plant(np.tanh, (lambda g, y, x: g * wrong,)), real(3))


def test_an_infinite_gradient_of_one_number_is_refused(plant: Plant) -> None:
    with pytest.raises(GradientError):  # an infinite claim must not become an infinite tolerance
        check_gradients(plant(np.tanh, (lambda g, y, x: g * np.inf,)), [0.5])


@pytest.mark.parametrize("f", [ops.log, lambda x: 1 / (x + 1), lambda x: ops.concat([x, [np.inf]])])
def test_a_function_that_is_not_finite_is_refused(f: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(GradientError, match="not finite"):
        check_gradients(f, np.array([-1.0, 2.0]))


def test_a_function_that_is_not_finite_nearby_is_refused(plant: Plant) -> None:
    def cliff(x: np.ndarray) -> np.ndarray:
        return np.where(x > 1, np.inf, x)

    with pytest.raises(GradientError):
        check_gradients(plant(cliff, (lambda g, y, x: g,)), [1.0])


def test_one_wrong_element_in_a_thousand_is_found(plant: Plant) -> None:
    spoilt = np.ones(1000)
    spoilt[613] = 1.01
    f = plant(np.tanh, (lambda g, y, x: g * (1 - y * y) * spoilt,))
    with pytest.raises(GradientError, match="at a random direction"):
        check_gradients(f, real(1000))


def test_many_elements_are_checked_along_random_directions() -> None:
    calls = []

    def f(x: Tensor) -> Tensor:
        calls.append(x)
        return ops.tanh(x)

    check_gradients(f, real(5000))
    assert len(calls) < 100


def test_nothing_is_right() -> None:
    check_gradients(ops.tanh, np.zeros((0, 3)), order=2)


# What it says.


def test_it_names_the_argument_the_place_and_the_factor(plant: Plant) -> None:
    f = plant(
        lambda a, b: a * b.sum(), (lambda g, y, a, b: g * b.sum(), lambda g, y, a, b: ((g * a).sum() / 2).expand(3))
    )
    with pytest.raises(GradientError, match=r"argument 1 is wrong at index \(0,\)") as caught:
        check_gradients(f, real(3), real(3))
    assert "from the gradient rule" in str(caught.value.given)
    assert "from central differences" in str(caught.value.needed)
    assert "0.5 times the right value everywhere" in str(caught.value.fix)


def test_it_says_when_no_factor_is_common(plant: Plant) -> None:
    with pytest.raises(GradientError) as caught:
        check_gradients(plant(np.tanh, (lambda g, y, x: g * y,)), real(5))
    assert "no common factor" in str(caught.value.fix)


@pytest.mark.parametrize("result", [1.0, None, (Tensor([1.0]),), np.ones(2)])
def test_a_function_that_returns_no_tensor_is_refused(result: Any) -> None:
    with pytest.raises(GradientError, match="returns one tensor") as caught:
        check_gradients(lambda x: result, [1.0])
    assert caught.value.given == type(result).__name__


def test_the_inputs_are_taken_in_float64_and_left_alone() -> None:
    seen = []
    x = Tensor(np.array([1.0, 2.0], np.float32), requires_grad=True)

    def f(x: Tensor) -> Tensor:
        seen.append(x.dtype)
        return x * x

    check_gradients(f, x)
    assert set(seen) == {np.dtype(np.float64)}
    assert x.grad is None


def test_the_tolerance_is_what_is_asked_for(plant: Plant) -> None:
    f = plant(np.tanh, (lambda g, y, x: 1.001 * g * (1 - y * y),))
    check_gradients(f, real(5), rtol=1e-2)
    with pytest.raises(GradientError):
        check_gradients(f, real(5), rtol=1e-4)


def test_the_seed_draws_the_cotangent(plant: Plant) -> None:
    def claimed(seed: int) -> str | None:
        with pytest.raises(GradientError) as caught:
            check_gradients(f, [1.0, 2.0], seed=seed)
        return caught.value.given

    f = plant(np.tanh, (lambda g, y, x: g,))
    assert claimed(1) == claimed(1)
    assert claimed(1) != claimed(2)
