"""Every update rule under several settings, with PyTorch's of the same name where there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from descend import optim

T = torch.optim


class Rule(NamedTuple):
    """A name, and functions from parameters to an optimiser: ours, and PyTorch's."""

    name: str
    ours: Callable[[Any], optim.Optimizer]
    theirs: Callable[[Any], T.Optimizer] | None = None

    def __repr__(self) -> str:
        return self.name


def _pair(ours: type, theirs: type, *settings: Any, **named: Any) -> Rule:
    words = [*map(str, settings), *(f"{k}={v}" for k, v in named.items())]
    name = f"{ours.__name__}({', '.join(words)})"
    return Rule(name, lambda p: ours(p, *settings, **named), lambda p: theirs(p, *settings, **named))


RULES = [
    _pair(optim.SGD, T.SGD, 0.1),
    _pair(optim.SGD, T.SGD, 0.1, momentum=0.9, weight_decay=0.01),
    _pair(optim.SGD, T.SGD, 0.05, momentum=0.9, nesterov=True),
    _pair(optim.SGD, T.SGD, 0.1, momentum=0.5, weight_decay=0.1, nesterov=True),
    _pair(optim.Adagrad, T.Adagrad, 0.1),
    _pair(optim.Adagrad, T.Adagrad, 0.1, lr_decay=0.01, weight_decay=0.1, initial_accumulator_value=0.1, eps=1e-3),
    _pair(optim.Adadelta, T.Adadelta, 1.0),
    _pair(optim.Adadelta, T.Adadelta, 0.5, rho=0.7, eps=1e-3, weight_decay=0.1),
    _pair(optim.RMSprop, T.RMSprop, 0.01),
    _pair(optim.RMSprop, T.RMSprop, 0.01, momentum=0.5, weight_decay=0.1),
    _pair(optim.RMSprop, T.RMSprop, 0.01, alpha=0.9, eps=1e-3, centered=True),
    _pair(optim.RMSprop, T.RMSprop, 0.01, momentum=0.9, centered=True),
    _pair(optim.Rprop, T.Rprop, 0.01),
    _pair(optim.Rprop, T.Rprop, 0.1, etas=(0.4, 1.5), step_sizes=(1e-3, 0.2)),
    _pair(optim.Adam, T.Adam, 0.01),
    _pair(optim.AdamW, T.AdamW, 0.01),
    _pair(optim.AdamW, T.AdamW, 0.01, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.5),
    _pair(optim.Adamax, T.Adamax, 0.01),
    _pair(optim.Adamax, T.Adamax, 0.01, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1),
    _pair(optim.NAdam, T.NAdam, 0.01),
    _pair(optim.NAdam, T.NAdam, 0.01, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1, momentum_decay=0.1),
    _pair(optim.RAdam, T.RAdam, 0.01),
    _pair(optim.RAdam, T.RAdam, 0.01, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1),
    Rule("AMSGrad", lambda p: optim.AMSGrad(p, 0.01), lambda p: T.Adam(p, 0.01, amsgrad=True)),
    Rule(
        "AMSGrad of falling gradients", lambda p: optim.AMSGrad(p, 0.05, (0.9, 0.6), 1e-3, 0.1),
        lambda p: T.Adam(p, 0.05, (0.9, 0.6), 1e-3, 0.1, amsgrad=True),
    ),
    Rule("Windowgrad", lambda p: optim.Windowgrad(p, 0.02, weight_decay=0.01)),
    Rule("Lookahead of SGD", lambda p: optim.Lookahead(optim.SGD(p, 0.1, momentum=0.9), k=3, alpha=0.6)),
    Rule("Lookahead of Adam", lambda p: optim.Lookahead(optim.Adam(p, 0.02))),
    Rule("clipped", lambda p: optim.SGD(p, 0.5).clip(norm=0.1, value=0.05)),
    Rule("groups", lambda p: optim.AdamW(_two_groups(p), 0.02)),
]  # fmt: skip

# These look at the loss in several places: their step is given a closure, and Python chooses by numbers.
SEARCHING = [
    Rule("LBFGS", lambda p: optim.LBFGS(p, max_iter=2)),
    Rule("LBFGS without a search", lambda p: optim.LBFGS(p, 0.5, max_iter=2, line_search_fn=None, history_size=3)),
    Rule("ConjugateGradient", lambda p: optim.ConjugateGradient(p, max_iter=2)),
]


def _two_groups(parameters: Any) -> list[dict[str, Any]]:
    first, *others = parameters
    return [{"params": [first], "lr": 0.01, "weight_decay": 0.5}, {"params": others, "weight_decay": 0}]
