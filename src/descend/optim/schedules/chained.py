"""Schedules made of schedules: one after the other, or multiplied."""

from __future__ import annotations

from collections.abc import Sequence

from descend.engine import Tensor, UsageError, ops
from descend.optim.optimizer import Optimizer
from descend.optim.schedules.decay import increasing
from descend.optim.schedules.schedule import Schedule


class SequentialLR(Schedule):
    """The first schedule up to the first milestone, then the second, which counts from 0 there, and so on.

    Only this schedule is stepped and saved; those inside give their form.

    Raises: UsageError unless there is one milestone less than there are schedules.
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[Schedule], milestones: Sequence[int]) -> None:
        self.schedulers = _of_one(optimizer, schedulers)
        self.milestones = [int(step) for step in increasing("milestones", milestones)]
        if len(self.milestones) != len(self.schedulers) - 1:
            raise UsageError(
                "a milestone lies between two schedules", given=f"{len(schedulers)} schedules, {len(milestones)} "
                "milestones", needed=f"{len(schedulers) - 1} milestones",
            )  # fmt: skip
        self.shares = [_share(schedule) for schedule in self.schedulers]
        super().__init__(optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """That of the schedule whose turn it is."""
        factor = self.schedulers[0].factor(t) * self.shares[0]
        rest = zip(self.milestones, self.schedulers[1:], self.shares[1:], strict=True)
        for start, schedule, share in rest:
            factor = ops.where(t < start, factor, schedule.factor(ops.maximum(t - start, 0)) * share)
        return factor


class ChainedScheduler(Schedule):
    """The product of the factors of several schedules of one optimiser.

    Only this schedule is stepped and saved; those inside give their form.
    """

    def __init__(self, schedulers: Sequence[Schedule]) -> None:
        if not schedulers:
            raise UsageError("there is nothing to chain", given="no schedules", needed="at least one")
        self.schedulers = _of_one(schedulers[0].optimizer, schedulers)
        self.shares = [_share(schedule) for schedule in self.schedulers]
        super().__init__(schedulers[0].optimizer)

    def factor(self, t: Tensor) -> Tensor:
        """The product."""
        first, *others = (s.factor(t) * share for s, share in zip(self.schedulers, self.shares, strict=True))
        for other in others:
            first = first * other
        return first


def _share(schedule: Schedule) -> float:
    """A schedule's own peak, which OneCycleLR has, as a share of the optimiser's. Raises: UsageError of a rate of 0."""
    peak, lr = float(schedule.peak.item()), schedule.optimizer.initial_lr or 0.0
    if peak == lr:
        return 1.0
    if lr == 0:
        raise UsageError("a schedule's peak is a share of the optimiser's rate", given="lr=0", needed="lr > 0")
    return peak / lr


def _of_one(optimizer: Optimizer, schedulers: Sequence[object]) -> list[Schedule]:
    """The schedules as a list. Raises: UsageError unless all are of this optimiser and give a factor."""
    found = [schedule for schedule in schedulers if isinstance(schedule, Schedule)]
    for schedule in schedulers:
        if schedule not in found or any(one.optimizer is not optimizer for one in found):
            raise UsageError(
                "schedules are joined that give the learning rate of one optimiser as a function of the step",
                given=type(schedule).__name__, needed="schedules of the same optimiser",
                fix="a plateau's schedule depends on what is measured: step it by itself",
            )  # fmt: skip
    return found
