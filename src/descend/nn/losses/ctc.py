"""Connectionist temporal classification: a label sequence for a longer input, without knowing which belongs where."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import DtypeError, ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.losses.reduction import Loss, reduced

Integers = NDArray[np.int64]
NEVER = -1e30  # stands for the logarithm of 0: with -inf the gradient would be 0 times infinity


def ctc_loss(
    log_probs: Tensor, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0,
    *, reduction: str = "mean", zero_infinity: bool = False,
) -> Tensor:  # fmt: skip
    """-log of the probability that the input reads as the target: the sum over all alignments.

    An alignment names a class at each time; it reads as a target when repetitions are merged and then blanks are
    left out. With the target written l = blank, c1, blank, c2, ... blank, the sum runs over time:

        a[t, s] = log p[t, l[s]] + log(exp a[t-1, s] + exp a[t-1, s-1] + exp a[t-1, s-2])

    where the last term is left out if l[s] is blank or equal to l[s-2].

    Shapes: log_probs (t, n, k), targets (n, s) or all in one row, input_lengths (n,), target_lengths (n,). "mean"
    divides each loss by its target's length and averages, as PyTorch does. A target that fits no alignment costs
    infinity, or 0 with `zero_infinity`.
    Raises: ShapeError, DtypeError, UsageError for labels or lengths that cannot be.
    Source: Graves et al. 2006, "Connectionist temporal classification", Eqs. 6 to 8.
    """
    chances = as_tensor(log_probs)
    labels, times, lengths = _checked(chances, targets, input_lengths, target_lengths, blank)
    costs = -_likelihood(chances, _with_blanks(labels, blank), times, lengths)
    costs = ops.where(costs > -0.5 * NEVER, 0.0 if zero_infinity else np.inf, costs)
    if reduction == "mean":
        return ops.mean(costs * (1 / np.maximum(lengths, 1)).astype(costs.dtype))
    return reduced("ctc_loss", costs, reduction)


def _likelihood(chances: Tensor, labels: Integers, times: Integers, lengths: Integers) -> Tensor:
    """The logarithm of the probability of each target. labels (n, 2 s + 1), blanks between."""
    rows = np.arange(len(labels))
    emitted = ops.maximum(chances, NEVER)[:, rows[:, None], labels]  # (t, n, 2 s + 1)
    skips = _skips(labels).astype(chances.dtype)
    first = np.where(np.arange(labels.shape[1]) < 2, 0.0, NEVER).astype(chances.dtype)
    state = emitted[0] + first
    states = [state]
    for t in range(1, chances.shape[0]):
        state = ops.logsumexp(ops.stack([state, _later(state, 1), _later(state, 2) + skips]), 0) + emitted[t]
        states.append(state)
    last = ops.stack(states)[times - 1, rows]  # (n, 2 s + 1): the state when each input ended
    at_blank, at_label = last[rows, 2 * lengths], last[rows, np.maximum(2 * lengths - 1, 0)]
    return ops.logsumexp(ops.stack([at_blank, ops.where(lengths > 0, at_label, NEVER)]), 0)


def _later(state: Tensor, steps: int) -> Tensor:
    """The states `steps` places further on in the target."""
    return ops.pad(state, ((0, 0), (steps, 0)), NEVER)[:, : state.shape[1]]


def _with_blanks(labels: Integers, blank: int) -> Integers:
    """(n, s) to (n, 2 s + 1): a blank before, between and after."""
    n, s = labels.shape
    wide = np.full((n, 2 * s + 1), blank, np.int64)
    wide[:, 1::2] = labels
    return wide


def _skips(labels: Integers) -> NDArray[np.float64]:
    """0 where a blank may be skipped on the way to a label, `NEVER` elsewhere."""
    allowed = np.zeros(labels.shape, bool)
    allowed[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    return np.where(allowed, 0.0, NEVER)


def _checked(
    chances: Tensor, targets: Any, input_lengths: Any, target_lengths: Any, blank: int
) -> tuple[Integers, Integers, Integers]:
    """The labels as (n, s), and the lengths of inputs and targets."""
    if chances.ndim != 3:
        raise ShapeError(
            "ctc_loss reads the probabilities of a batch", given=f"log_probs {chances.shape}", needed="(t, n, k)",
            fix="time comes first: log_probs.permute(1, 0, 2); one sequence: log_probs[:, None]",
        )  # fmt: skip
    t, n, k = chances.shape
    times = _lengths("input_lengths", input_lengths, n, 1, t, "time first: log_probs.moveaxis(1, 0) of (n, t, k)")
    flat = _whole("targets", targets)
    longest = flat.shape[-1] if flat.ndim == 2 else flat.size
    lengths = _lengths("target_lengths", target_lengths, n, 0, longest, "count before padding")
    labels = _rows(flat, lengths, blank)
    if not 0 <= blank < k:
        raise UsageError("the blank is one of the classes", given=f"blank={blank}, {k} classes", needed=f"0 to {k - 1}")
    used = labels[np.arange(labels.shape[1]) < lengths[:, None]]
    if used.size and not (used.min() >= 0 and used.max() < k and blank not in used):
        raise UsageError(
            "a target is made of the classes that are no blank", given=f"labels {sorted(set(used.tolist()))[:8]}",
            needed=f"0 to {k - 1} without {blank}", fix="number the symbols from 1 and leave 0 to the blank",
        )  # fmt: skip
    inside = np.arange(labels.shape[1]) < lengths[:, None]
    return np.where(inside, labels, blank), times, lengths


def _rows(flat: Integers, lengths: Integers, blank: int) -> Integers:
    """Targets as (n, s), from that or from all of them in one row."""
    if flat.ndim == 2 and len(flat) == len(lengths):
        return flat
    if flat.ndim != 1 or flat.size != lengths.sum():
        raise ShapeError(
            "there is one target for each sequence of the batch",
            given=f"targets {flat.shape}, target_lengths {lengths.tolist()}",
            needed=f"({len(lengths)}, s), or all in one row of {lengths.sum()}", fix="pad the targets to one length",
        )  # fmt: skip
    rows = np.full((len(lengths), max(lengths.max(initial=0), 0)), blank, np.int64)
    for row, part in zip(rows, np.split(flat, np.cumsum(lengths)[:-1]), strict=True):
        row[: len(part)] = part
    return rows


def _lengths(name: str, numbers: Any, n: int, least: int, most: int, fix: str) -> Integers:
    found = _whole(name, numbers)
    if found.shape != (n,) or (n and not least <= found.min() <= found.max() <= most):
        raise ShapeError(
            f"{name} says how long each sequence of the batch is", given=f"{found.tolist()}",
            needed=f"{n} numbers from {least} to {most}", fix=fix,
        )  # fmt: skip
    return found


def _whole(name: str, numbers: Any) -> Integers:
    found = np.asarray(numbers.numpy() if isinstance(numbers, Tensor) else numbers)
    if found.dtype.kind not in "iu" and found.size:
        raise DtypeError(
            f"{name} are whole numbers", given=str(found.dtype), needed="integers", fix=".astype(np.int64)"
        )
    return found.astype(np.int64)


class CTCLoss(Loss):
    """`ctc_loss` as a module."""

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        checks.counts("CTCLoss", **{"blank + 1": blank + 1})
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs: Tensor, targets: Any, input_lengths: Any, target_lengths: Any) -> Tensor:
        """-log of the probability that each input reads as its target, averaged."""
        return ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank,
            reduction=self.reduction, zero_infinity=self.zero_infinity,
        )  # fmt: skip

    def described(self) -> str:
        """The blank."""
        return ", ".join(filter(None, [f"blank={self.blank}", super().described()]))
