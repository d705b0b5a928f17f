"""From the training thread to what a page is sent."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from descend import data, nn
from descend.engine import Tensor
from descend.engine.errors import UsageError
from descend.studio.protocol import Command, decode
from descend.studio.session import CREDIT
from descend.studio.shown.show import Show, show
from descend.studio.shown.viewer import Viewer

pytestmark = pytest.mark.usefixtures("quiet", "often")
RNG = np.random.default_rng(0)


class Page:
    """The other side of a viewer."""

    def __init__(self, view: Show, acknowledge: bool = True) -> None:
        self.acknowledge, self.woken, self.over = acknowledge, 0, 0
        self.frames: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.texts: list[dict[str, Any]] = []
        self.viewer = Viewer(view._exhibit, self._wake, self._end)
        self.viewer.start()

    def _wake(self) -> None:
        self.woken += 1

    def _end(self) -> None:
        self.over += 1

    def do(self, kind: str, value: Any, given: Any = None) -> Page:
        self.viewer.post(Command(kind, value, given))
        return self.take()

    def take(self) -> Page:
        texts, frame = self.viewer.take()
        self.texts += texts
        json.dumps(texts, allow_nan=False)
        if frame is not None:
            self.frames.append(decode(frame))
            if self.acknowledge:
                self.viewer.post(Command("ack", 1))
        return self

    @property
    def state(self) -> dict[str, Any]:
        return next(text["state"] for text in reversed(self.texts) if "state" in text)

    @property
    def arrays(self) -> dict[str, Any]:
        return self.frames[-1][1]

    @property
    def values(self) -> dict[str, Any]:
        return self.frames[-1][0]["values"]  # type: ignore[no-any-return]


def conv() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))


@pytest.fixture(scope="module")
def digits() -> Any:
    found = data.load("digits").test
    return data.scale(found.x[:100]), found.y[:100]


def trained(view: Show, model: nn.Module, digits: Any, steps: int) -> None:
    for _ in range(steps):
        model.zero_grad()
        loss = nn.cross_entropy(model(Tensor(digits[0][:10])), Tensor(digits[1][:10]))
        loss.backward()
        for p in model.parameters():
            p.write(p.read() - 0.01 * p.grad)
        view.update(loss, accuracy=0.5)


def test_everything_that_a_page_shows(digits: Any) -> None:
    model = conv()
    view = show(model, digits, browser=False)
    trained(view, model, digits, 5)
    page = Page(view).take()
    declared = view._exhibit.declaration()
    json.dumps(declared, allow_nan=False)
    assert (declared["place"], declared["task"]) == ("shows", "classes")
    shapes = {name: a.shape for name, a in page.arrays.items()}
    assert shapes["examples"] == (12, 28, 28)
    assert shapes["bars"] == (10,)
    assert shapes["activation"] == (4, 26, 26)
    assert shapes["weight"] == shapes["gradient"] == (4, 3, 3)
    assert shapes["loss"] == shapes["metric0"] == (4, 2)  # up to the last look
    assert shapes["metric1"] == (0, 2)
    assert page.values["name0"] == "accuracy"
    assert len(page.values["layers"]) == len(declared["layers"]) == 4
    assert page.values["layers"][0][:2] == pytest.approx(
        [page.arrays[name][-1, 1] for name in ("mean", "std")], rel=1e-3
    )
    assert page.arrays["bars"].sum() == pytest.approx(1, abs=0.01)


def test_what_is_drawn_is_what_the_layer_gives_out(digits: Any) -> None:
    model = conv()
    view = show(model, digits, browser=False)
    page = Page(view).take().do("set", {"layer": "1", "example": 5})
    number = view._exhibit.declaration()["numbers"][5]
    direct = model[1](model[0](Tensor(digits[0][number : number + 1]))).numpy()[0]  # type: ignore[index]
    assert np.abs(page.arrays["activation"] - direct).max() <= direct.max() / 127
    assert page.arrays["weight"].size == 0
    assert page.values["example"] == 5
    page.do("event", "example", 7)
    assert page.state["params"] == {"layer": "1", "example": 7}


@pytest.mark.parametrize("values", [{"layer": "9"}, {"example": 12}, {"example": -1}, {"example": "a"}, {"size": 1}])
def test_what_is_not_there_cannot_be_chosen(digits: Any, values: dict[str, Any]) -> None:
    page = Page(show(conv(), digits, browser=False))
    with pytest.raises(UsageError):
        page.do("set", values)


@pytest.mark.parametrize("command", [("do", "reset"), ("speed", 2.0), ("event", "draw"), ("do", "seek")])
def test_what_a_show_does_not_do(digits: Any, command: tuple[str, Any]) -> None:
    page = Page(show(conv(), digits, browser=False))
    with pytest.raises(UsageError):
        page.do(*command)


def test_the_past_can_be_looked_at_while_training_goes_on(digits: Any) -> None:
    model = conv()
    view = show(model, digits, browser=False)
    trained(view, model, digits, 10)
    page = Page(view).take()
    before = page.arrays["weight"]
    page.do("do", "seek", 3)
    step = page.frames[-1][0]["step"]
    assert step <= 3
    assert page.arrays["loss"][-1, 0] <= 3
    assert not np.array_equal(page.arrays["weight"], before)
    assert page.state["history"] == {"first": 0, "last": 10, "at": step}
    assert page.state["playing"]
    trained(view, model, digits, 4)
    page.take()
    assert page.frames[-1][0]["step"] == step
    page.do("do", "seek", 14)
    assert page.frames[-1][0]["step"] == view._exhibit.span[1] > 10
    trained(view, model, digits, 2)
    assert page.take().frames[-1][0]["step"] == view._exhibit.span[1] > 13


def test_two_pages_look_at_different_things(digits: Any) -> None:
    view = show(conv(), digits, browser=False)
    a, b = Page(view).take(), Page(view).take()
    a.do("set", {"layer": "3"})
    assert a.arrays["weight"].shape[:2] == (1, 10)
    assert b.take().arrays["weight"].shape == (4, 3, 3)
    a.viewer.stop()
    b.viewer.stop()
    assert view._exhibit.pages == ()


def test_without_credit_nothing_is_sent(digits: Any) -> None:
    model = conv()
    view = show(model, digits, browser=False)
    page = Page(view, acknowledge=False).take()
    for _ in range(6):
        trained(view, model, digits, 2)
        page.take()
    assert len(page.frames) == CREDIT
    woken = page.woken
    page.do("ack", 1)
    assert page.woken > woken
    assert page.frames[-1][0]["step"] == view._exhibit.span[1] >= 11  # the newest


def test_stop_and_the_end_of_the_program(digits: Any) -> None:
    view = show(conv(), digits, browser=False)
    page = Page(view).do("event", "stop")
    assert page.state["values"] == {"status": "training", "stopping": True, "waiting": False}
    view.close()
    assert page.take().state["values"] == {"status": "stopped", "stopping": False, "waiting": False}
    with pytest.raises(UsageError, match="has ended"):
        page.do("event", "stop")
    with pytest.raises(UsageError, match="has ended"):
        page.do("do", "play")
    view._exhibit.close()
    assert page.over == 1


def shown(model: Any, given: Any) -> Page:
    view = show(model, given, browser=False)
    view.update(0.5)
    view.update(0.5)
    return Page(view).take()


t = torch.nn
COLOUR, WORDS = RNG.normal(size=(9, 3, 8, 8)), np.ones((7, 6), int)


@pytest.mark.parametrize(
    ("model", "given", "there"),
    [
        (nn.Linear(2, 2), (RNG.normal(size=(50, 2)), RNG.integers(0, 2, 50)), {"plane", "points", "bars"}),
        (nn.Linear(2, 4), (RNG.normal(size=(50, 2)), RNG.integers(0, 4, 50)), {"plane", "points", "bars"}),
        (nn.Linear(2, 1), (RNG.normal(size=(50, 2)), RNG.integers(0, 2, 50)), {"plane", "points", "bars"}),
        (nn.Linear(2, 1), (RNG.normal(size=(50, 2)), RNG.normal(size=50)), {"plane", "points"}),
        (nn.Linear(1, 1), (RNG.normal(size=(50, 1)), RNG.normal(size=(50, 1))), {"line", "points"}),
        (nn.Linear(5, 3), RNG.normal(size=(50, 5)), {"bars", "activation"}),
        (nn.Sequential(nn.Flatten(), nn.Linear(192, 3)), (COLOUR, np.arange(9) % 3), {"examples"}),
        (nn.ReLU(), RNG.normal(size=(50, 5)), {"activation"}),
        (t.Sequential(t.Embedding(9, 4), t.Flatten(), t.Linear(24, 2)), (WORDS, WORDS[:, 0]), {"weight"}),
        (t.LSTM(3, 4, batch_first=True), np.ones((5, 7, 3), np.float32), {"activation"}),
        (t.LSTM(3, 4), np.ones((5, 5, 3), np.float32), {"activation"}),
        (t.Conv1d(2, 3, 3), np.ones((5, 2, 9), np.float32), {"activation", "weight"}),
        (t.Sequential(t.Linear(2, 8), t.Linear(8, 1), t.Sigmoid()), (RNG.normal(size=(9, 2)), np.ones(9)), {"plane"}),
        (t.Bilinear(3, 4, 2), ((np.ones((5, 3)), np.ones((5, 4))), np.ones(5, int)), {"weight"}),
        (t.Linear(3, 50_000), np.ones((5, 3)), {"weight", "activation"}),
    ],
)  # fmt: skip
def test_all_kinds_of_data(model: Any, given: Any, there: set[str]) -> None:
    page = shown(model, given)
    sizes = {name: array.size for name, array in page.arrays.items()}
    assert all(sizes.get(name) for name in there), sizes
    assert sum(sizes.values()) < 400_000
    for layer in page.viewer.exhibit.layers.names:
        for example in range(len(page.viewer.exhibit.told["numbers"])):
            page.do("set", {"layer": layer, "example": example})
    assert len(page.frames) > 1


def test_weights_that_are_no_numbers_are_told() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    model[0].weight.write(np.full((3, 2), np.nan, np.float32))
    page = shown(model, (RNG.normal(size=(20, 2)), RNG.integers(0, 3, 20)))
    assert np.isnan(page.arrays["weight"]).all()
    nonfinite = [row[4] for row in page.values["layers"]]
    assert nonfinite[0] == 60


def test_a_network_with_more_layers_than_can_be_listed() -> None:
    model = nn.Sequential(*[nn.Sequential(nn.Linear(3, 3), nn.ReLU()) for _ in range(50)])
    page = shown(model, RNG.normal(size=(20, 3)))
    rows = page.viewer.exhibit.layers.rows
    assert len(rows) == 64
    assert sum(row["parameters"] > 0 for row in rows) == 50
