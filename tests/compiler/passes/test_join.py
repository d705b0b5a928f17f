"""Sums of slices' gradients become joined parts, where the slices fill the whole."""

from __future__ import annotations

import numpy as np
import pytest

from descend.compiler.executors.interpret import Interpreted
from descend.compiler.passes import improved
from descend.engine import Tensor, grad
from tests.compiler.programs import graph_of

X = np.random.default_rng(0).standard_normal((2, 6, 9)).astype(np.float32)


def gradient(*keys):
    """The gradient of what is made of these slices."""

    def loss(x: Tensor) -> Tensor:
        total = 0.0
        for i, key in enumerate(keys):
            total = total + (x[key] ** (i + 2)).sum()
        return total

    return grad(loss)


WHOLE = {
    "last axis": ((..., slice(0, 2)), (..., slice(2, 6)), (..., slice(6, 9))),
    "any order": ((..., slice(6, 9)), (..., slice(0, 6))),
    "middle axis": ((slice(None), slice(0, 3)), (slice(None), slice(3, None))),
    "counted from the end": ((..., slice(None, -3)), (..., slice(-3, None))),
}
NOT_WHOLE = {
    "a gap": ((..., slice(0, 2)), (..., slice(3, 9))),
    "twice": ((..., slice(0, 5)), (..., slice(4, 9))),
    "the end is missing": ((..., slice(0, 2)), (..., slice(2, 8))),
    "the beginning is missing": ((..., slice(1, 2)), (..., slice(2, 9))),
    "a gap as long as what is twice": ((..., slice(0, 4)), (..., slice(3, 5)), (..., slice(6, 9))),
    "a step within": ((..., slice(0, 4, 2)), (..., slice(4, 9))),
    "steps": ((..., slice(0, 9, 2)), (..., slice(1, 9, 2))),
    "turned round": ((..., slice(5, None, -1)), (..., slice(6, 9))),
    "two axes": ((slice(0, 1), slice(0, 3)), (slice(1, 2), slice(3, 6))),
    "a number": ((0,), (1,)),
}


@pytest.mark.parametrize("name", list(WHOLE | NOT_WHOLE))
def test_slices_that_fill_the_whole_are_joined(name: str) -> None:
    function = gradient(*(WHOLE | NOT_WHOLE)[name])
    before = graph_of(function, X)
    after = improved(before).verify()
    assert ("concat" in after.operations()) == (name in WHOLE)
    assert ("index_add" in after.operations()) == (name in NOT_WHOLE)
    for found, wanted in zip(Interpreted(after)([X]), Interpreted(before)([X]), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_a_term_that_somebody_else_reads_is_left() -> None:
    def f(x: Tensor) -> list[Tensor]:
        part = grad(lambda x: (x[..., :4] ** 2).sum())(x)
        return [part + grad(lambda x: (x[..., 4:] ** 3).sum())(x), part * 2]

    assert "concat" not in improved(graph_of(f, X)).operations()
