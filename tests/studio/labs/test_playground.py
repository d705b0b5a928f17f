from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend.engine.errors import UsageError
from descend.studio import plane
from descend.studio.labs.playground import LAB, POINTS, SIDE


def trained(epochs: int, **values: Any) -> LAB:
    lab = LAB(**values)
    for _ in range(epochs):
        lab.advance()
    return lab


def test_a_circle_is_learned_by_four_and_two_units() -> None:
    lab = LAB(data="circle", layers="4 2", activation="tanh")
    epochs = next(epoch for epoch in range(1, 301) if not lab.advance() and lab.test_loss < 0.01)  # type: ignore[func-returns-value]
    assert epochs < 300
    assert lab.frame()["test_loss"] < 0.01


def test_a_straight_line_cannot() -> None:
    assert trained(60, data="circle", activation="linear").test_loss > 0.3


def test_a_straight_line_can_with_the_right_inputs() -> None:
    squares = {"x1": False, "x2": False, "x1_squared": True, "x2_squared": True}
    assert trained(60, data="circle", layers="", lr=0.01, **squares).test_loss < 0.05


def test_xor_needs_the_product() -> None:
    assert trained(40, data="xor", layers="").test_loss > 0.3
    assert trained(40, data="xor", layers="", product=True).test_loss < 0.1


def test_noise_is_learned_by_heart() -> None:
    lab = trained(150, data="gauss", noise=0.5, layers="8 8", lr=0.3, train=0.1, seed=1)
    assert lab.train_loss < 0.5 * lab.test_loss


@pytest.mark.parametrize("kind", ["L1", "L2"])
def test_a_penalty_pulls_weights_to_zero(kind: str) -> None:
    def size(lab: LAB) -> float:
        return float(sum(np.abs(w).sum() for w in plane.weights(lab.model)))

    free, held = trained(30), trained(30, regularisation=kind, penalty=0.03)
    assert size(held) < 0.75 * size(free)
    flat = np.concatenate([w.ravel() for w in plane.weights(held.model)])
    needed = np.abs(flat).sum() if kind == "L1" else 0.5 * (flat**2).sum()
    assert held._size_of_weights().item() == pytest.approx(needed)


def test_the_same_seed_gives_the_same_network() -> None:
    assert trained(5).frame()["train_loss"] == trained(5).frame()["train_loss"]
    begun = [LAB(seed=seed) for seed in (0, 0, 1)]
    first, same, other = (plane.weights(lab.model)[0] for lab in begun)
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()
    assert (begun[0].points != begun[2].points).any()


@pytest.mark.parametrize("data", list(plane.DATA))
@pytest.mark.parametrize("layers", ["", "3", "8-8, 8 8 8 8"])
def test_every_frame_fits_its_network(data: str, layers: str) -> None:
    lab = trained(1, data=data, layers=layers, sin_x1=True, show_test=True)
    shown = lab.frame()
    units = [int(part) for part in layers.replace("-", " ").replace(",", " ").split()]
    sizes = [3, *units, 1]
    assert [shown[f"w{i}"].shape for i in range(len(sizes) - 1)] == list(zip(sizes[1:], sizes[:-1]))
    assert f"w{len(sizes) - 1}" not in shown
    assert len(shown["maps"]) == sum(sizes[:-1])
    assert shown["p"].shape == (SIDE, SIDE)
    assert np.isfinite(shown["p"]).all()
    assert len(shown["points"]) + len(shown["test_points"]) == POINTS
    assert np.abs(shown["points"][:, 2]).max() <= 1
    assert shown["inputs"] == "x1, x2, sin x1"


def test_the_field_is_what_the_network_says() -> None:
    lab = trained(20)
    shown = lab.frame()
    row, column = 7, 33
    axis = np.linspace(-plane.REACH, plane.REACH, SIDE)
    x = np.array([[axis[column], axis[row]]], np.float32)
    assert shown["p"][row, column] == pytest.approx(np.tanh(plane.outputs(lab.model, x)[-1])[0, 0], abs=1e-5)
    hidden = plane.outputs(lab.model, plane.grid(SIDE).astype(np.float32))[0].T.reshape(4, SIDE, SIDE)
    np.testing.assert_allclose(shown["maps"][2:6], 127.5 * hidden[:, ::2, ::2] + 127.5, atol=1)


def test_the_sign_alone_is_shown_where_it_is_asked_for() -> None:
    lab = trained(20)
    plain = lab.frame()["p"]
    lab.set({"discretise": True})
    shown = lab.frame()
    assert lab.steps == 20
    np.testing.assert_array_equal(shown["p"], np.sign(plain))
    assert set(np.unique(shown["maps"])) <= {0, 127, 255}
    assert (np.abs(plain) < 0.9).any()


def test_test_points_are_shown_on_request_and_never_train() -> None:
    lab = LAB()
    assert len(lab.frame()["test_points"]) == 0
    lab.set({"show_test": True})
    shown = lab.frame()
    assert len(shown["test_points"]) == POINTS - len(shown["points"])
    assert not set(map(tuple, shown["test_points"])) & set(map(tuple, shown["points"]))


def test_own_points_take_the_place_of_the_data() -> None:
    lab = LAB()
    lab.on_event("points", [[x, x, 1.0] for x in range(5)] + [[-x, x, -1.0] for x in range(5)])
    assert lab.data == "own"
    assert len(lab.points) + len(lab.test_points) == 10
    lab.on_event("point", {"x": 0.5, "y": -3, "label": 1})
    assert len(lab.points) + len(lab.test_points) == 11
    lab.advance()
    lab.on_event("clear", None)
    assert lab.data == "circle"


def test_a_first_point_needs_no_company() -> None:
    lab = LAB()
    lab.on_event("point", {"x": 1, "y": 1, "label": 1})
    assert lab.frame()["points"].shape == (1, 3)
    lab.advance()


def test_too_high_a_rate_ends_in_a_message() -> None:
    lab = trained(3, data="hills", activation="linear", lr=10, layers="8 8")
    assert lab.wants_pause
    assert "too high" in lab.messages[-1]["text"]


@pytest.mark.parametrize("layers", ["9", "0", "x", "-", "4 2 4 2 4 2 4", "4.5", "1" * 50])
def test_odd_layers_are_refused(layers: str) -> None:
    lab = LAB()
    if layers == "-":
        lab.set({"layers": layers})
        assert "w1" not in lab.frame()
        return
    with pytest.raises(UsageError):
        lab.set({"layers": layers})


def test_nothing_changes_where_something_is_refused() -> None:
    lab = LAB()
    for odd in ({"x1": False, "x2": False}, {"data": "own"}, {"layers": "99", "seed": 3}):
        with pytest.raises(UsageError):
            lab.set(odd)
        assert lab.values() == LAB().values()
        lab.advance()
        assert lab.frame()["inputs"] == "x1, x2"


def test_a_network_without_inputs_is_refused() -> None:
    with pytest.raises(UsageError, match="needs an input"):
        LAB(x1=False, x2=False)


@pytest.mark.parametrize(
    ("name", "data"),
    [("point", None), ("point", {"x": 1, "y": 2}), ("point", {"x": 1, "y": 2, "label": 3}), ("point", [1, 2]),
     ("point", [99, 0, 1]), ("points", "x"), ("points", [[1, 2, "3"]]), ("points", [None]), ("dance", None)],
)  # fmt: skip
def test_odd_points_are_refused(name: str, data: Any) -> None:
    lab = LAB()
    with pytest.raises(UsageError):
        lab.on_event(name, data)
    assert lab.data == "circle"
