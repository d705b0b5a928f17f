"""Learning the training examples by heart."""

from __future__ import annotations

from descend.train.doctor.case import Case
from descend.train.doctor.finding import Check, Finding

_CLIMBED = 1.2  # the validation loss over its best value
_GAP = 2.0  # the validation loss over the training loss
_MATTERS = 0.3  # times the loss of the best constant answer: below that a climb from little to less little is none
_EPOCHS = 3


def find(case: Case) -> Finding | None:
    """Whether the validation loss has climbed from its best value while it is far above the training loss."""
    measured = [e for e in case.epochs if {"validation_loss", "train_loss"} <= set(e.metrics)]
    if len(measured) < _EPOCHS:
        return None
    validation, training = ([e.metrics[f"{name}_loss"] for e in measured] for name in ("validation", "train"))
    best = min(range(len(validation)), key=validation.__getitem__)
    now, low = validation[-1], validation[best]
    matters = not now < _MATTERS * case.constant
    if not (matters and now > _CLIMBED * low and now > _GAP * training[-1] and best < len(validation) - 1):
        return None
    return Finding(
        f"the validation loss was {low:.3g} after epoch {measured[best].epoch} and is {now:.3g} now, the training loss "
        f"{training[-1]:.3g}",
        "early stopping, weight decay, dropout, augmentation, more data, or a smaller network",
    )


CHECK = Check("overfitting", "overfitting", ("end",), find, unless=("rate_high", "wrong_mode", "batchnorm"))
