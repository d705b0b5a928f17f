"""ReLUs that are 0 for every example, and so never learn again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.engine import Cell, Primitive, Tensor, interpreting
from descend.nn.inspection import undisturbed
from descend.train.doctor.case import Array, Case
from descend.train.doctor.finding import Check, Finding

_SHARE, _LEAST = 0.6, 3  # of a layer's units
_STEPS = 3


@dataclass
class _Rectified:
    """Watches at the one door, so that a function is seen as well as a layer."""

    outputs: list[Array] = field(default_factory=list)

    def bind(self, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        value = np.asarray(primitive.compute(*[x.value for x in inputs], **attributes))
        if primitive.name == "relu" and value.ndim >= 2:
            self.outputs.append(value)
        return value

    def write(self, cell: Cell, value: Any) -> None:
        """Nothing to note."""

    def read(self, tensor: Tensor) -> None:
        """Nothing to note."""


def find(case: Case) -> Finding | None:
    """Whether 60 % of the units behind some ReLU are 0 for all examples."""
    if len(case.steps) < _STEPS:
        return None
    for number, y in enumerate(_rectified(case), 1):
        dead = int((y.reshape(len(y), y.shape[1], -1).max((0, 2)) <= 0).sum())
        if dead >= _LEAST and dead >= _SHARE * y.shape[1]:
            return Finding(
                f"behind ReLU number {number} {dead} of {y.shape[1]} units are 0 for all of {len(y)} examples",
                f"a lower learning rate than {case.steps[-1].lr:.3g}, biases that begin at 0 and weights as He et al. "
                "2015 have them; or LeakyReLU",
            )
    return None


def _rectified(case: Case) -> list[Array]:
    watch = _Rectified()
    with undisturbed(case.model), interpreting(watch):
        case.model(Tensor(case.few))
    return watch.outputs


CHECK = Check("dead_relu", "dead ReLUs", ("look", "epoch"), find, unless=("unscaled_inputs", "symmetric_weights"))
