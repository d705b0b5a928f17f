from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descend import nn
from descend.engine import DtypeError, ShapeError, Tensor, UsageError, manual_seed, override, override_calls
from descend.optim import SGD
from tests.nn.refusal import Mistake, check
from tests.optim.peer import agree, arrays, backward, network, train

RULES = [{}, {"momentum": 0.9}, {"weight_decay": 0.1}, {"momentum": 0.5, "weight_decay": 0.01}]


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-10)])
def test_agrees_with_pytorch(rule, dtype, tolerance):
    agree(lambda p: SGD(p, 0.1, **rule), lambda p: torch.optim.SGD(p, 0.1, **rule), dtype, tolerance)


@settings(max_examples=25)
@given(st.floats(1e-3, 1), st.floats(0, 0.95), st.floats(0, 0.5))
def test_follows_its_formula(lr, momentum, weight_decay):
    rng = np.random.default_rng(0)
    p, v = rng.standard_normal(5), np.zeros(5)
    cell = nn.Parameter(p)
    optimizer = SGD([cell], lr, momentum, weight_decay)
    for g in rng.standard_normal((7, 5)):
        cell.grad = Tensor(g)
        optimizer.step()
        v = momentum * v + g + weight_decay * p
        p = p - lr * v
        assert np.abs(cell.numpy() - p).max() < 1e-13


def test_one_step_on_a_parabola_with_the_right_rate_ends_at_the_bottom():
    p = nn.Parameter([3.0, -1.0])
    (p * p * 2).backward(np.ones(2))
    SGD([p], 0.25).step()
    assert np.array_equal(p.numpy(), [0, 0])


@pytest.mark.parametrize(
    ("settings", "given", "needed"),
    [
        ({"momentum": 1}, "momentum=1", "0 <= momentum < 1"),
        ({"momentum": -0.1}, "momentum=-0.1", "0 <= momentum < 1"),
        ({"momentum": "high"}, "momentum='high'", "0 <= momentum < 1"),
        ({"weight_decay": -1e-4}, "weight_decay=-0.0001", "weight_decay >= 0"),
        ({"weight_decay": None}, "weight_decay=None", "weight_decay >= 0"),
    ],
)
def test_wrong_settings(settings, given, needed):
    call = lambda: SGD([nn.Parameter([1.0])], 0.1, **settings)
    check(Mistake(call, UsageError, next(iter(settings)), given, needed))


def test_a_state_with_momentum_is_not_one_without():
    plain, moving = SGD([nn.Parameter([1.0])], 0.1), SGD([nn.Parameter([1.0])], 0.1, momentum=0.9)
    check(
        Mistake(
            lambda: plain.load_state_dict(moving.state_dict()), UsageError, "optimiser", "velocity", "lr, t", "settings"
        )
    )
    check(
        Mistake(
            lambda: moving.load_state_dict(plain.state_dict()), UsageError, "optimiser", "lr, t", "velocity", "settings"
        )
    )


# The learner's line in place of the library's.


def test_the_learners_function_gets_arrays_and_its_result_is_used():
    model, calls = network(nn), []

    def update(p, g, lr):
        calls.append((p, g, lr))
        return p - 3 * lr * g

    theirs = network(nn)
    theirs.load_state_dict(model.state_dict())
    with override("optim.sgd.update", update):
        train(model, SGD(model.parameters(), 0.1), 5)
        assert override_calls("optim.sgd.update") == 5
    train(theirs, SGD(theirs.parameters(), 0.3), 5)
    for a, b in zip(model.parameters(), theirs.parameters(), strict=True):
        assert np.allclose(a.numpy(), b.numpy(), atol=1e-6)
    assert len(calls) == 5
    for p, g, lr in calls:
        assert type(p) is type(g) is type(lr) is np.ndarray
        assert p.dtype == g.dtype == np.float32
        assert p.shape == g.shape == (32,)
        assert lr.shape == ()
        assert lr == 0.1


def test_the_librarys_rule_comes_back_after_the_block_and_after_an_error():
    model, twin = network(nn), network(nn)
    twin.load_state_dict(model.state_dict())
    optimizer = SGD(model.parameters(), 0.1)
    with override("optim.sgd.update", lambda p, g, lr: p):
        train(model, optimizer, 2)
    assert arrays(model) == arrays(twin)
    with pytest.raises(ZeroDivisionError), override("optim.sgd.update", lambda p, g, lr: 1 / 0):
        train(model, optimizer, 1)
    train(model, optimizer, 2)
    train(twin, SGD(twin.parameters(), 0.1), 2)
    assert arrays(model) == arrays(twin)


def test_a_learners_line_that_is_the_librarys_gives_the_same_bits():
    manual_seed(1)
    model, twin = network(nn), network(nn)
    twin.load_state_dict(model.state_dict())
    with override("optim.sgd.update", lambda p, g, lr: p - lr * g):
        train(model, SGD(model.parameters(), 0.1, momentum=0.5), 10)
    train(twin, SGD(twin.parameters(), 0.1, momentum=0.5), 10)
    assert all(
        np.allclose(np.frombuffer(a, "f"), np.frombuffer(b, "f"), atol=1e-6)
        for a, b in zip(arrays(model), arrays(twin))
    )


def test_a_learner_who_works_in_place_or_in_float64_is_right_too():
    model, twin = network(nn), network(nn)
    twin.load_state_dict(model.state_dict())

    def in_place(p, g, lr):
        p -= lr * g
        g[:], lr[...] = 1e9, 0
        return p.astype(np.float64)

    with override("optim.sgd.update", in_place):
        train(model, SGD(model.parameters(), 0.1, momentum=0.5), 3)
    train(twin, SGD(twin.parameters(), 0.1, momentum=0.5), 3)
    for a, b in zip(model.parameters(), twin.parameters(), strict=True):
        assert a.dtype == np.float32
        assert np.allclose(a.numpy(), b.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("update", "kind", "problem", "given", "needed", "fix"),
    [
        (lambda p, g, lr: (p - lr * g).sum(), ShapeError, "another shape", "()", "(32,)", "whole arrays"),
        (lambda p, g, lr: (p - lr * g)[:-1], ShapeError, "another shape", "(31,)", "(32,)", "whole arrays"),
        (lambda p, g, lr: None, DtypeError, "no numbers", "object", "an array of numbers", "return"),
    ],
    ids=["a sum", "one too few", "nothing"],
)
def test_a_result_that_does_not_fit_is_refused_and_the_weights_stay(update, kind, problem, given, needed, fix):
    model = network(nn)
    before = arrays(model)
    optimizer = SGD(model.parameters(), 0.1)
    backward(model)
    with override("optim.sgd.update", update):
        check(Mistake(optimizer.step, kind, f"optim.sgd.update returned {problem}", given, needed, fix))
    assert arrays(model) == before
