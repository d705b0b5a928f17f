"""Update rules and schedules, one file each."""

from descend.optim.adam import Adam
from descend.optim.optimizer import Optimizer
from descend.optim.schedules import CosineSchedule
from descend.optim.sgd import SGD

__all__ = ["SGD", "Adam", "CosineSchedule", "Optimizer"]
