"""Several networks for one task, which vote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from descend.engine import Tensor, UsageError, as_tensor, ops
from descend.nn import Module


class Voting(Module):
    """Networks that learn side by side and decide by majority.

    In training every member gives its own scores: x (n, ...) to (n, m, k) for m members; `of_each` makes a loss of
    them. In evaluation they vote: the result is log((votes + mean probability) / (m + 1)), shape (n, k). So each
    member has one vote, and all of them share one more, which decides where votes are equal.

    Args:
        members: modules x (n, ...) to (n, k). Raises: UsageError for none.
    """

    def __init__(self, members: Sequence[Module]) -> None:
        if not members:
            raise UsageError("nobody votes", given="no members", needed="one network or more")
        self.members = list(members)

    def forward(self, x: Any) -> Tensor:
        """The scores of each, or what they decide."""
        scores = ops.stack([member(x) for member in self.members], axis=1)
        return scores if self.training else _decided(scores)


def _decided(scores: Tensor) -> Tensor:
    n_members, classes = scores.shape[1:]
    chosen = ops.equal(ops.argmax(scores, axis=2)[..., None], ops.arange(classes))
    votes = ops.sum(chosen.to(scores.dtype), axis=1)
    shared = ops.mean(ops.softmax(scores), axis=1)
    return ops.log((votes + shared) * (1 / (n_members + 1)))


def of_each(loss: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Any, Any], Tensor]:
    """The mean of the members' losses, and the loss of what they decide. Shapes: (n, m, k) or (n, k), labels (n,)."""

    def mean(scores: Any, labels: Any) -> Tensor:
        scores, labels = as_tensor(scores), as_tensor(labels)
        if scores.ndim == 2:
            return loss(scores, labels)
        n, m, k = scores.shape
        return loss(scores.reshape(n * m, k), ops.expand(labels[:, None], (n, m)).reshape(n * m))

    return mean
