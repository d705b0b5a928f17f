"""Schedules: the learning rate as a function of the step."""

from descend.optim.schedules.chained import ChainedScheduler, SequentialLR
from descend.optim.schedules.cosine import CosineAnnealingWarmRestarts, CosineSchedule
from descend.optim.schedules.decay import ExponentialLR, InverseSquareRoot, LinearLR, MultiStepLR, PolynomialLR, StepLR
from descend.optim.schedules.one_cycle import OneCycleLR
from descend.optim.schedules.plateau import ReduceLROnPlateau
from descend.optim.schedules.schedule import Schedule

__all__ = [
    "ChainedScheduler", "CosineAnnealingWarmRestarts", "CosineSchedule", "ExponentialLR", "InverseSquareRoot",
    "LinearLR", "MultiStepLR", "OneCycleLR", "PolynomialLR", "ReduceLROnPlateau", "Schedule", "SequentialLR", "StepLR",
]  # fmt: skip
