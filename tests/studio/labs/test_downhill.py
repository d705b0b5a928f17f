from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend.engine.errors import UsageError
from descend.studio.labs.downhill import LAB


def walk(lab: LAB, steps: int) -> list[float]:
    errors = [lab.error]
    for _ in range(steps):
        lab.advance()
        errors.append(lab.error)
    return errors


def test_square_feet_stall_far_above_the_bottom() -> None:
    errors = walk(LAB(), 2000)
    assert errors[0] > 100_000
    assert 1900 < errors[-1] < 2020
    assert errors[100] - errors[-1] < 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_no_learning_rate_helps_in_square_feet(share: float) -> None:
    lab = LAB()
    lab.set({"lr": share * lab.critical})
    assert walk(lab, 3000)[-1] > 1900


def test_standardised_it_is_down_in_six_steps() -> None:
    lab = LAB()
    lab.set({"units": "standardised"})
    errors = walk(lab, 6)
    assert lab.frame()["mse"] == errors[-1] < 799
    assert next(i for i, error in enumerate(errors) if error < 799) in (3, 4, 5)
    assert lab.frame()["lowest"] == pytest.approx(447.29, abs=0.01)


def test_the_condition_number_says_why() -> None:
    raw, standard = LAB(), LAB()
    standard.set({"units": "standardised"})
    assert raw.frame()["condition_number"] == pytest.approx(1.655e8, rel=1e-3)
    assert standard.frame()["condition_number"] == pytest.approx(1)


@pytest.mark.parametrize("units", ["square feet", "standardised"])
def test_it_explodes_above_the_critical_rate_and_not_below(units: str) -> None:
    for factor, explodes in ((0.98, False), (1.02, True)):
        lab = LAB()
        lab.set({"units": units})
        lab.set({"lr": factor * lab.critical})
        errors = walk(lab, 400)
        assert (errors[-1] > 2 * errors[0]) == explodes
        assert lab.wants_pause == explodes


def test_a_predicted_explosion_is_kept_and_answered() -> None:
    lab = LAB()
    lab.on_event("predict", {"what": "explodes", "value": 3e-7})
    assert lab.frame()["explodes_above"] is None  # a prediction is not to be answered before it is tried
    lab.set({"lr": 1e-6})
    walk(lab, 20)
    assert lab.frame()["explodes_above"] == pytest.approx(2.3535e-7, rel=1e-3)
    lab.set({"units": "standardised"})
    assert lab.frame()["explodes_above"] is None
    lab.set({"units": "square feet"})
    assert "above 2.35·10⁻⁷. You predicted 3·10⁻⁷." in lab.messages[-1]["text"]
    assert lab.frame()["predicted_explodes"] == 3e-7
    assert lab.frame()["outcome_explodes"] == pytest.approx(2.3535e-7, rel=1e-3)


def test_a_stall_is_told_only_once_it_has_come() -> None:
    lab = LAB()
    walk(lab, 8)
    assert lab.frame()["outcome_stalls"] is None
    walk(lab, 50)
    assert 1900 < lab.frame()["outcome_stalls"] < 2100
    climbing = LAB(lr=1.001 * lab.critical)
    walk(climbing, 25)
    assert climbing.error > climbing.first
    assert climbing.frame()["outcome_stalls"] is None


def test_what_was_said_is_there_at_the_next_visit() -> None:
    lab = LAB()
    lab.on_event("predict", {"what": "stalls", "value": 500})
    lab.on_event("guess", {"x": 0.2, "y": 10})
    again = LAB().frame()
    assert again["marks"][0, 1] == 500
    assert again["guess"].tolist() == [0.2, 10]
    assert again["predicted_stalls"] == 500
    assert LAB(units="standardised").frame()["error_of_guess"] is None  # a guess belongs to its units


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"predictions": 3, "guesses": [1]}', '{"guesses": {"square feet": ["x"]}}']
)
def test_damaged_notes_do_not_stop_the_lab(text: str) -> None:
    lab = LAB()
    lab.notes.path.parent.mkdir(parents=True)
    lab.notes.path.write_text(text)
    again = LAB()
    assert np.isnan(again.frame()["guess"]).all()
    assert ("cannot be read" in str(again.messages)) == (text in ("{", "[1]"))


@pytest.mark.parametrize("units", ["square feet", "standardised"])
def test_the_line_is_turned_to_where_it_is_dragged(units: str) -> None:
    lab = LAB(units=units)
    lab.on_event("stand", {"x": 0.1, "y": 300})
    lab.on_event("turn", {"x": 2400, "y": 369})
    (x0, y0), (x1, y1) = lab.frame()["line"]
    assert y0 + (y1 - y0) / (x1 - x0) * (2400 - x0) == pytest.approx(369)
    assert lab.position[1] == 300
    lab.on_event("turn", {"x": lab.mean, "y": 1e5})  # at the pivot there is nothing to turn
    assert lab.position[1] == 300
    assert lab.steps == 0


def test_a_predicted_stall_is_drawn_on_the_chart() -> None:
    lab = LAB()
    assert lab.frame()["marks"].shape == (0, 2)
    lab.on_event("predict", {"what": "stalls", "value": 500})
    lab.reset()
    (mark,) = lab.frame()["marks"]
    assert np.isnan(mark[0])
    assert mark[1] == 500


def test_the_guess_is_drawn_and_weighed() -> None:
    lab = LAB()
    assert np.isnan(lab.frame()["guess"]).all()
    lab.on_event("guess", {"x": 0.18, "y": 0})
    shown = lab.frame()
    assert shown["guess"].tolist() == [0.18, 0]
    assert shown["error_of_guess"] == pytest.approx(2057.73, abs=0.01)  # the average price a square foot
    lab.set({"lr": 1e-8})
    assert lab.guesses["square feet"] == (0.18, 0)


def test_one_can_stand_anywhere() -> None:
    lab = LAB()
    walk(lab, 3)
    lab.on_event("stand", {"x": 0.0585, "y": 247.3})
    shown = lab.frame()
    assert shown["path"].tolist() == [[0.0585, 247.3]]
    assert shown["mse"] < 450
    assert lab.steps == 0


def test_the_landscape_is_the_error() -> None:
    lab = LAB()
    shown = lab.frame()
    left, right, bottom, top = shown["extent"]
    row, column = 17, 41
    w = np.linspace(left, right, shown["landscape"].shape[1])[column]
    b = np.linspace(bottom, top, shown["landscape"].shape[0])[row]
    lab.on_event("stand", {"x": w, "y": b})
    assert shown["landscape"][row, column] == pytest.approx(lab.frame()["mse"], rel=1e-5)


def test_the_line_goes_through_what_is_shown() -> None:
    lab = LAB()
    lab.set({"units": "standardised"})
    walk(lab, 30)
    (x0, y0), (x1, y1) = lab.frame()["line"]
    slope = (y1 - y0) / (x1 - x0)
    assert slope == pytest.approx(0.058488, abs=1e-4)  # least squares, per square foot


@pytest.mark.parametrize(
    ("name", "data"),
    [("guess", None), ("guess", {"x": 1}), ("guess", {"x": "1", "y": 2}), ("guess", {"x": float("nan"), "y": 0}),
     ("stand", [1, 2]), ("predict", {"what": "stalls"}),
     ("predict", {"what": "x", "value": 1}), ("predict", {"what": ["x"], "value": 1}),
     ("predict", {"what": "explodes", "value": 0}), ("dance", None)],
)  # fmt: skip
def test_nonsense_is_refused(name: str, data: Any) -> None:
    with pytest.raises(UsageError):
        LAB().on_event(name, data)
