from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import Tensor, ops
from descend.guide.placement import place, questions
from descend.guide.sections import sections

RIGHT = {one.id: one.right for one in questions()}


def said(id: str) -> str:
    """The option that counts as right."""
    one = next(one for one in questions() if one.id == id)
    return one.options[one.right]


def test_there_are_five_in_the_order_of_the_sections() -> None:
    order = [one.id for one in sections()]
    places = [order.index(one.section) for one in questions()]
    assert len(places) == 5
    assert places == sorted(places)
    assert all(0 <= one.right < len(one.options) for one in questions())
    assert {one.right for one in questions()} == {0, 1, 2}


def test_the_first_wrong_one_is_the_place() -> None:
    for wrong in questions():
        chosen = RIGHT | {wrong.id: (wrong.right + 1) % len(wrong.options)}
        assert place(chosen) == wrong.section
    assert place(RIGHT) == "autoencoders"


def test_an_open_question_keeps_the_place_open() -> None:
    first, second = questions()[:2]
    assert place({}) is None
    assert place({first.id: first.right}) is None
    assert place({second.id: second.right + 1}) is None
    assert place({first.id: (first.right + 1) % 3}) == first.section


# What counts as right is computed here.


def test_a_polynomial_through_all_points_fails_between_them() -> None:
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(200):
        x, new = np.linspace(-1, 1, 10), rng.uniform(-1, 1, 200)
        y, at_new = x + 0.2 * rng.standard_normal(10), new + 0.2 * rng.standard_normal(200)
        errors = [np.mean((np.polyval(np.polyfit(x, y, degree), new) - at_new) ** 2) for degree in (9, 1)]
        ratios.append(errors[0] / errors[1])
    assert np.median(ratios) > 3
    assert "many times" in said("overfit")


def test_the_sigmoid_is_flat_where_it_is_wrong() -> None:
    z = Tensor(np.array([-10.0]), requires_grad=True)
    (0.5 * ops.sum(ops.square(ops.sigmoid(z) - 1))).backward()
    assert z.grad.numpy()[0] == pytest.approx(-0.000045, abs=1e-6)
    assert "0.00005" in said("saturated")


def test_too_long_a_step_bounces_farther() -> None:
    walked = [1.0]
    for _ in range(10):
        walked.append(walked[-1] - 0.25 * 10 * walked[-1])
    assert walked[1] == -1.5
    assert abs(walked[-1]) > 50
    assert "farther" in said("bounce")


def test_the_weights_of_a_convolution_are_counted() -> None:
    assert nn.Conv2d(3, 16, 5).weight.numpy().size == int(said("weights"))
    assert f"{3 * 32 * 32 * 400:,}".replace(",", " ") == questions()[3].options[2]


def test_a_state_forgets() -> None:
    assert abs(194 * 0.9**50 - 1) < 0.01
    assert "two-hundredth" in said("vanishing")
    assert round(1.1**50) == 117
