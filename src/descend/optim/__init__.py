"""Update rules, one file each; schedules of the learning rate; clipping; averages of weights."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from descend.optim.adadelta import Adadelta
from descend.optim.adagrad import Adagrad
from descend.optim.adam import Adam
from descend.optim.adamax import Adamax
from descend.optim.adamw import AdamW
from descend.optim.amsgrad import AMSGrad
from descend.optim.averages import EMA, SWA
from descend.optim.clipping import clip_grad_norm_, clip_grad_value_
from descend.optim.conjugate_gradient import ConjugateGradient
from descend.optim.lbfgs import LBFGS
from descend.optim.lookahead import Lookahead
from descend.optim.nadam import NAdam
from descend.optim.optimizer import Optimizer
from descend.optim.radam import RAdam
from descend.optim.rmsprop import RMSprop
from descend.optim.rprop import Rprop
from descend.optim.schedules import (
    ChainedScheduler,
    CosineAnnealingWarmRestarts,
    CosineSchedule,
    ExponentialLR,
    InverseSquareRoot,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)
from descend.optim.sgd import SGD
from descend.optim.windowgrad import Windowgrad

__all__ = [
    "AMSGrad", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ChainedScheduler", "ConjugateGradient",
    "CosineAnnealingWarmRestarts", "CosineSchedule", "EMA", "ExponentialLR", "InverseSquareRoot", "LBFGS", "LinearLR",
    "Lookahead", "MultiStepLR", "NAdam", "OneCycleLR", "Optimizer", "PolynomialLR", "RAdam", "RMSprop",
    "ReduceLROnPlateau", "Rprop", "SGD", "SWA", "Schedule", "SequentialLR", "StepLR", "Windowgrad", "clip_grad_norm_",
    "clip_grad_value_",
]  # fmt: skip

_ELSEWHERE = {
    "ASGD": "optim.SWA averages the weights of any rule",
    "CosineAnnealingLR": "optim.CosineSchedule(optimizer, steps), with a warm-up and a floor if wanted",
    "LambdaLR": "a class of yours: class Mine(optim.Schedule) with def factor(self, t)",
    "lr_scheduler": "the schedules are in optim itself: optim.StepLR(optimizer, ...)",
}

if not _TYPE_CHECKING:  # for a type checker, only the names above are there

    def __getattr__(name: str) -> object:
        from descend.engine.errors import unknown_name

        raise unknown_name(__name__, name, __all__, _ELSEWHERE)
