"""One of two functions."""

from __future__ import annotations

import numpy as np
import pytest

from descend.engine import ShapeError, Tensor, check_gradients, cond, grad, ops


@pytest.mark.parametrize("x", [-1.5, 2.0])
def test_the_chosen_function_is_computed_and_differentiated(x: float) -> None:
    """|x|³ by its two branches."""
    cube = lambda x: cond(x > 0, lambda x: x**3, lambda x: -(x**3), x)
    assert cube(Tensor(x)).item() == abs(x) ** 3
    assert grad(cube)(x).item() == 3 * x * abs(x)
    check_gradients(cube, np.array(x), order=2)


def test_the_other_function_does_not_run() -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    assert cond(True, lambda a, b: a + b, refuse, 1, 2) == 3
    assert cond(Tensor(0), refuse, lambda: {"nested": [1]}) == {"nested": [1]}


def test_a_choice_is_made_by_one_number() -> None:
    with pytest.raises(ShapeError, match="one number") as caught:
        cond(Tensor([True, False]), ops.exp, ops.log, 1.0)
    assert caught.value.given == "shape (2,)"
