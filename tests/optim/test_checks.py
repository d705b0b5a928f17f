from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend import nn
from descend.engine import Cell, GradientError, Tensor, UsageError
from descend.optim import SGD, Adam, Lookahead, StepLR, checks
from tests.nn.refusal import Mistake, check

A, B = nn.Parameter(np.ones((2, 3), np.float32)), nn.Parameter(np.ones(2, np.float32))
DOUBLE = nn.Parameter(np.ones(2))
LINEAR = nn.Linear(2, 3)


def used_up():
    parameters = LINEAR.parameters()
    SGD(parameters, 0.1)
    return SGD(parameters, 0.1)


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(
            lambda: SGD([], 0.1), UsageError, "nothing to optimise", "no parameters", "at least one", "parameters()"
        ),
        Mistake(used_up, UsageError, "nothing to optimise", "no parameters", "at least one", "once only"),
        Mistake(
            lambda: SGD(LINEAR, 0.1), UsageError, "takes the parameters", "Linear", "nn.Parameter", "model.parameters()"
        ),
        Mistake(
            lambda: SGD(nn.Sequential(LINEAR), 0.1),
            UsageError,
            "takes",
            "Sequential",
            "nn.Parameter",
            "model.parameters()",
        ),
        Mistake(
            lambda: SGD(LINEAR.named_parameters(), 0.1), UsageError, "takes", "tuple", "nn.Parameter", "model.param"
        ),
        Mistake(lambda: SGD({"params": [A]}, 0.1), UsageError, "takes", "str", "nn.Parameter", "model.parameters()"),
        Mistake(lambda: StepLR([A], 2), UsageError, "on top of an optimiser", "a list", "an optimiser", "make one"),
        Mistake(lambda: Lookahead(SGD), UsageError, "on top of an optimiser", "a type", "an optimiser", "make one"),
        Mistake(lambda: SGD(A, 0.1), UsageError, "takes", "Parameter", "a list", "[p]"),
        Mistake(
            lambda: SGD([Tensor([1.0])], 0.1), UsageError, "takes", "Tensor", "nn.Parameter", "make it an nn.Parameter"
        ),
        Mistake(lambda: SGD([np.ones(2)], 0.1), UsageError, "takes", "ndarray", "nn.Parameter", "model.parameters()"),
        Mistake(
            lambda: SGD([A, nn.Buffer([1.0])], 0.1), GradientError, "without gradients", "Buffer of shape (1,)", "nn.P"
        ),
        Mistake(
            lambda: SGD([Cell([1.0])], 0.1), GradientError, "without gradients", "Cell of shape (1,)", "nn.Parameter"
        ),
        Mistake(
            lambda: SGD([A, B, A], 0.1), UsageError, "listed twice", "parameters 0 and 2, both of shape (2, 3)", "once"
        ),
        Mistake(lambda: Adam([B, DOUBLE]), UsageError, "of one type", "float32, float64", "one", "two optimisers"),
    ],
    ids=lambda mistake: f"{mistake.given}-{mistake.fix}",
)
def test_wrong_parameters(mistake):
    check(mistake)


def test_frozen_parameters_are_named_as_such():
    frozen = nn.Parameter([1.0])
    frozen.requires_grad_(False)
    check(
        Mistake(
            lambda: SGD([A, frozen], 0.1),
            GradientError,
            "without gradients",
            "Parameter",
            "frozen",
            "if p.requires_grad",
        )
    )


def test_parameters_come_from_any_iterable_in_its_order():
    for parameters in ([A, B], (A, B), iter([A, B]), {"a": A, "b": B}.values()):
        assert [id(p) for p in checks.parameters(parameters)] == [id(A), id(B)]


@pytest.mark.parametrize("rule", [SGD, Adam])
@pytest.mark.parametrize("lr", [-0.1, float("nan"), float("inf"), "0.1", None, 1j, np.ones(1)])
def test_wrong_learning_rates(rule, lr):
    check(Mistake(lambda: rule([A], lr), UsageError, "lr must be a number", f"lr={lr!r}", "lr >= 0"))


@pytest.mark.parametrize("lr", [0, 1, 0.5, np.float32(0.5), np.float64(0.5), np.int64(2)])
def test_right_learning_rates(lr):
    optimizer = SGD([A], lr)
    assert optimizer.lr.item() == lr
    assert optimizer.lr.shape == ()


@given(st.floats(-2, 2))
def test_a_fraction_is_at_least_0_and_less_than_1(x):
    if 0 <= x < 1:
        assert checks.fraction("x", x) == x
    else:
        check(Mistake(lambda: checks.fraction("x", x), UsageError, "x must lie in [0, 1)", f"x={x}", "0 <= x < 1"))


@given(st.integers(-3, 5), st.integers(0, 3))
def test_a_count_is_a_whole_number_from_the_least_up(n, least):
    if n >= least:
        assert checks.count("n", np.int64(n), least) == n
    else:
        check(
            Mistake(
                lambda: checks.count("n", n, least), UsageError, "n must be a whole number", f"n={n}", f"n >= {least}"
            )
        )


@pytest.mark.parametrize("n", [True, 1.0, "1", None])
def test_nothing_else_is_a_count(n):
    check(Mistake(lambda: checks.count("n", n, 0), UsageError, "whole number", f"n={n!r}", "n >= 0"))
