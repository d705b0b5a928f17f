"""What a loss compares with: class numbers, or numbers of the prediction's shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import DtypeError, ShapeError, Tensor, UsageError, as_tensor


def class_numbers(scores: Tensor, numbers: Any) -> Tensor:
    """Labels as an integer tensor, one for each row of scores. Raises: ShapeError, DtypeError."""
    labels: Tensor = as_tensor(numbers)
    if labels.shape != scores.shape[:-1]:
        raise ShapeError(
            "one class number is needed for each row of scores", given=f"scores {scores.shape}, labels {labels.shape}",
            needed=f"labels {scores.shape[:-1]}", fix=_label_fix(scores, labels),
        )  # fmt: skip
    if labels.dtype.kind not in "iu":
        raise DtypeError(
            "labels are class numbers", given=str(labels.dtype), needed="integers, 0 for the first class",
            fix="labels.to(np.int64), or labels.astype(np.int64) for an array; for measured numbers use mse_loss",
        )  # fmt: skip
    return labels


def _label_fix(scores: Tensor, labels: Tensor) -> str:
    if labels.shape == (*scores.shape[:-1], 1):
        return "take the extra axis away: labels[..., 0]"
    if labels.shape == scores.shape:
        return "one-hot rows have their class numbers in labels.argmax(-1)"
    if labels.shape[:-1] == scores.shape:
        return "the scores come first: cross_entropy(logits, labels)"
    if scores.ndim > 2 and labels.shape == (scores.shape[0], *scores.shape[2:]):
        return "the classes are on the last axis here: logits.moveaxis(1, -1)"
    return "take labels and input from the same batch"


def numbers_like(loss: str, prediction: Tensor, numbers: Any) -> Tensor:
    """The target as a tensor of the prediction's type. Raises: ShapeError unless the shapes are equal."""
    target: Tensor = as_tensor(numbers)
    if prediction.shape != target.shape:  # (n, 1) and (n,) would broadcast to (n, n) and train on nonsense
        raise ShapeError(
            f"{loss} compares equal shapes", given=f"prediction {prediction.shape}, target {target.shape}",
            needed="equal shapes", fix=_target_fix(prediction, target),
        )  # fmt: skip
    dtype = prediction.dtype
    return target if target.dtype is dtype or dtype.kind != "f" else target.to(dtype)


def signs_like(loss: str, prediction: Tensor, numbers: Any) -> Tensor:
    """`numbers_like`, of -1 and 1. Raises: ShapeError, UsageError where there is a 0, unless they are traced."""
    target = numbers_like(loss, prediction, numbers)
    if isinstance(target.value, np.ndarray) and (target.value == 0).any():
        raise _other_numbers(loss, target.value, "-1 and 1", "of 0 and 1 make 2 * target - 1")
    return target


def chances_like(loss: str, prediction: Tensor, numbers: Any) -> Tensor:
    """`numbers_like`, from 0 to 1. Raises: ShapeError, UsageError for other numbers, unless they are traced."""
    target = numbers_like(loss, prediction, numbers)
    value = target.value
    if isinstance(value, np.ndarray) and value.size and not 0 <= value.min() <= value.max() <= 1:
        raise _other_numbers(loss, value, "0 to 1", "(target > 0) for -1 and 1; cross_entropy for more classes")
    return target


def _other_numbers(loss: str, value: Any, needed: str, fix: str) -> UsageError:
    given = f"numbers from {value.min():.3g} to {value.max():.3g}"
    return UsageError(f"{loss} knows no such targets", given=given, needed=needed, fix=fix)


def _target_fix(prediction: Tensor, target: Tensor) -> str:
    if prediction.size == target.size:
        return f"target.reshape{prediction.shape}"
    if prediction.shape[:1] == target.shape[:1]:
        return "end the network with as many outputs as a target has numbers"
    return "take prediction and target from the same batch"


def alike(loss: str, **tensors: Tensor) -> None:
    """The tensors have one shape. Raises: ShapeError naming them."""
    if len({x.shape for x in tensors.values()}) > 1:
        raise ShapeError(
            f"{loss} compares equal shapes", given=", ".join(f"{name} {x.shape}" for name, x in tensors.items()),
            needed="equal shapes", fix="take all of them from the same batch",
        )  # fmt: skip
