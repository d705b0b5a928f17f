"""A loss that is no number any more: where it came from."""

from __future__ import annotations

import numpy as np

from descend.engine import Tensor, detect_anomaly
from descend.engine.errors import NonFiniteError
from descend.nn.inspection import undisturbed
from descend.train.doctor.case import Case
from descend.train.doctor.finding import Check, Finding


def find(case: Case) -> Finding | None:
    """NaN or infinity in the data, in the weights, or made by an operation on the way to the loss."""
    if not np.isfinite(case.x).all():
        return Finding(
            f"{int((~np.isfinite(case.x)).any(tuple(range(1, case.x.ndim))).sum())} of {len(case.x)} training examples "
            "hold NaN or infinity", "remove or replace those values in the data",
        )  # fmt: skip
    spoilt = [name for name, p in case.model.named_parameters() if not np.isfinite(p.numpy()).all()]
    if spoilt:
        lr = case.steps[-1].lr if case.steps else float("nan")
        return Finding(
            f"{len(spoilt)} parameters, the first {spoilt[0]}, hold NaN or infinity after step {len(case.steps)}",
            f"a learning rate below {lr:.3g}, and optimizer.clip(norm=1.0)",
        )
    return Finding(
        _culprit(case), "keep away from log(0), 0 / 0 and exp of large numbers; nn's losses take logits for that reason"
    )


def _culprit(case: Case) -> str:
    """What the anomaly mode says about the examples."""
    try:
        with undisturbed(case.model), detect_anomaly():
            case.trainer.loss(case.model(Tensor(case.x)), Tensor(case.y))
    except NonFiniteError as error:
        return error.problem
    return f"data and weights are finite, and so is the loss of {len(case.x)} other examples"


CHECK = Check("not_finite", "the loss is no number any more", ("lost",), find)
