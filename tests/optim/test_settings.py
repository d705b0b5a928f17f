"""Wrong settings of every rule are refused when it is made."""

from __future__ import annotations

import pytest

from descend import nn, optim
from descend.engine import UsageError
from tests.nn.refusal import Mistake, check

WRONG = [
    (optim.SGD, {"lr": 0.1, "nesterov": True}, "momentum=0", "momentum > 0"),
    (optim.Adagrad, {"lr_decay": -1}, "lr_decay=-1", "lr_decay >= 0"),
    (optim.Adagrad, {"initial_accumulator_value": -1}, "initial_accumulator_value=-1", ">= 0"),
    (optim.Adagrad, {"eps": -1}, "eps=-1", "eps >= 0"),
    (optim.Adadelta, {"rho": 1}, "rho=1", "0 <= rho < 1"),
    (optim.Adadelta, {"eps": 0}, "eps=0", "eps > 0"),
    (optim.RMSprop, {"alpha": 1.5}, "alpha=1.5", "0 <= alpha < 1"),
    (optim.RMSprop, {"momentum": 1}, "momentum=1", "0 <= momentum < 1"),
    (optim.Windowgrad, {"rho": -0.1}, "rho=-0.1", "0 <= rho < 1"),
    (optim.Windowgrad, {"eps": 0}, "eps=0", "eps > 0"),
    (optim.Rprop, {"etas": 0.5}, "etas=0.5", "like (0.5, 1.2)"),
    (optim.Rprop, {"etas": (1.2, 0.5)}, "etas=(1.2, 0.5)", "0 < etas[0] < 1 < etas[1]"),
    (optim.Rprop, {"step_sizes": (2, 1)}, "step_sizes=(2, 1)", "sizes increasing"),
    (optim.Adamax, {"eps": 0}, "eps=0", "eps > 0"),
    (optim.Adamax, {"betas": (0.9, 1)}, "betas[1]=1", "0 <= betas[1] < 1"),
    (optim.NAdam, {"momentum_decay": -1}, "momentum_decay=-1", "momentum_decay >= 0"),
    (optim.AdamW, {"weight_decay": -1}, "weight_decay=-1", "weight_decay >= 0"),
    (optim.LBFGS, {"history_size": 0}, "history_size=0", "history_size >= 1"),
    (optim.LBFGS, {"max_iter": 0}, "max_iter=0", "max_iter >= 1"),
    (optim.LBFGS, {"line_search_fn": "armijo"}, "line_search_fn='armijo'", "'strong_wolfe' or None"),
    (optim.ConjugateGradient, {"tolerance_grad": -1}, "tolerance_grad=-1", "tolerance_grad >= 0"),
    (optim.EMA, {"decay": 1}, "decay=1", "0 <= decay < 1"),
]


@pytest.mark.parametrize(("rule", "settings", "given", "needed"), WRONG)
def test_wrong_settings(rule, settings, given, needed):
    check(Mistake(lambda: rule([nn.Parameter([1.0])], **settings), UsageError, "", given, needed))


UNKNOWN = [
    (optim.Adam, {"amsgrad": True}, "optim.AMSGrad is a rule of its own"),
    (optim.SGD, {"lr": 0.1, "momentun": 0.9}, "did you mean 'momentum'?"),
    (optim.LBFGS, {"maximize": True}, "minimise the negative of the loss"),
    (lambda p, **named: optim.Lookahead(optim.SGD(p, 0.1), **named), {"steps": 3}, "leave it out"),
    (lambda p, **named: optim.OneCycleLR(optim.SGD(p, 0.1), 0.3, **named), {"epochs": 3}, "total_steps=epochs * "),
    (
        lambda p, **named: optim.ReduceLROnPlateau(optim.SGD(p, 0.1), **named),
        {"patienc": 3},
        "did you mean 'patience'?",
    ),
    (optim.EMA, {"decays": 0.9}, "did you mean 'decay'?"),
]


@pytest.mark.parametrize(("rule", "settings", "fix"), UNKNOWN)
def test_unknown_settings_are_answered_with_what_was_meant(rule, settings, fix):
    with pytest.raises(UsageError, match="has no setting") as refused:
        rule([nn.Parameter([1.0])], **settings)
    assert refused.value.fix is not None
    assert fix in refused.value.fix


def test_settings_of_a_rule_of_ones_own_pass():
    class Mine(optim.SGD):
        def __init__(self, parameters, **named):
            self.named = named
            super().__init__(parameters, 0.1)

    assert Mine([nn.Parameter([1.0])], anything=1).named == {"anything": 1}


@pytest.mark.parametrize(
    ("settings", "given", "needed"), [({"k": 0}, "k=0", "k >= 1"), ({"alpha": 1.5}, "alpha=1.5", "0 <= alpha <= 1")]
)
def test_wrong_settings_of_lookahead(settings, given, needed):
    inner = optim.SGD([nn.Parameter([1.0])], 0.1)
    check(Mistake(lambda: optim.Lookahead(inner, **settings), UsageError, "", given, needed))


@pytest.mark.parametrize("limit", [{"norm": 0}, {"value": -1}, {"norm": float("nan")}])
def test_wrong_limits(limit):
    name = next(iter(limit))
    optimizer = optim.SGD([nn.Parameter([1.0])], 0.1)
    check(Mistake(lambda: optimizer.clip(**limit), UsageError, name, f"{name}={limit[name]}", f"{name} > 0"))
