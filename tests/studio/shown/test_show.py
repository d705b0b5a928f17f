from __future__ import annotations

import gc
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from descend import data, nn, optim
from descend.engine import Tensor, default_generator, manual_seed
from descend.engine.errors import DescendError, UsageError
from descend.studio.shown.exhibit import Exhibit
from descend.studio.shown.show import Show, Stopped, show
from descend.train.trainer import Trainer
from tests.studio.shown.conftest import Quiet, same

pytestmark = pytest.mark.usefixtures("quiet")
Listed = Callable[[], list[Exhibit]]
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 6)).astype(np.float32), RNG.integers(0, 3, 40)


def network() -> nn.Module:
    manual_seed(7)
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))


def torch_network() -> torch.nn.Module:
    torch.manual_seed(7)
    t = torch.nn
    return t.Sequential(t.Linear(6, 8), t.BatchNorm1d(8), t.ReLU(), t.Dropout(0.3), t.Linear(8, 3))


class Page:
    """A page that is open and writes down what it is told."""

    def __init__(self, exhibit: Exhibit) -> None:
        self.said: list[str] = []
        self.changes = 0
        exhibit.join(self)

    def changed(self, frame: bool) -> None:
        self.changes += 1

    def say(self, text: str, kind: str) -> None:
        self.said.append(text)

    def leave(self) -> None:
        self.said.append("left")


def train(model: nn.Module, steps: int, view: Show | None) -> dict[str, Any]:
    """Weights, buffers, gradients and random state after some steps."""
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for i in range(steps):
        chosen = slice(i % 4 * 10, i % 4 * 10 + 10)
        loss = nn.cross_entropy(model(Tensor(X[chosen])), Tensor(Y[chosen]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if view:
            view.update(loss, accuracy=0.5)
    grads = {f"{name}.grad": p.grad.numpy() for name, p in model.named_parameters() if p.grad is not None}
    return {**model.state_dict(), **grads, **default_generator().state_dict()}


def train_torch(model: torch.nn.Module, steps: int, view: Show | None) -> dict[str, Any]:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.tensor(X), torch.tensor(Y)
    for i in range(steps):
        chosen = slice(i % 4 * 10, i % 4 * 10 + 10)
        loss = torch.nn.functional.cross_entropy(model(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if view:
            view.update(loss, accuracy=0.5)
    grads = {f"{name}.grad": p.grad.numpy() for name, p in model.named_parameters() if p.grad is not None}
    weights = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    return {**weights, **grads, "random": torch.get_rng_state().numpy()}


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize(("make", "run"), [(network, train), (torch_network, train_torch)])
def test_training_is_the_same_to_the_last_bit(make: Any, run: Any, exhibits: Listed) -> None:
    alone = run(make(), 20, None)
    model = make()
    with show(model, (X, Y), browser=False) as view:
        shown = run(model, 20, view)
    (exhibit,) = exhibits()
    assert len(exhibit.history) >= 10  # it was looked at
    assert same(alone, shown)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("make", [network, torch_network])
def test_modes_and_flags_stay(make: Any) -> None:
    model = make()
    parts = list(model.modules())
    parts[1].training, parts[2].training = False, True
    before = [part.training for part in parts]
    first = next(iter(model.parameters()))
    first.requires_grad_(False)
    view = show(model, (X, Y), browser=False)
    view.update(0.5)
    view.update(0.5)
    assert [part.training for part in parts] == before
    assert not first.requires_grad
    assert [p.grad for p in model.parameters()] == [None] * len(list(model.parameters()))
    for part in parts:
        assert not part._forward_hooks


def test_between_looks_nothing_is_looked_at(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    view._due = math.inf
    for i in range(100):
        view.update(1 / (i + 1))
    (exhibit,) = exhibits()
    assert len(exhibit.history) == 1
    assert exhibit.steps == view.step == 100
    assert len(exhibit.losses.array()) == 100


def test_a_look_takes_no_more_than_its_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from descend.studio.shown import show as module

    clock = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: clock[0])
    view = show(network(), (X, Y), browser=False)
    view._sight.frame = lambda step: (clock.__setitem__(0, clock[0] + 2.0), _frame(view))[1]  # type: ignore[method-assign]
    view._look()
    assert view._due == clock[0] + 2.0 * (1 / module.SHARE_ALONE - 1)
    Page(view._exhibit)
    view._look()
    assert view._due == clock[0] + 2.0 * (1 / module.SHARE - 1)


def _frame(view: Show) -> Any:
    return view._exhibit.frame(None)


def test_a_pause_waits_and_a_step_lets_one_through(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    (exhibit,) = exhibits()
    Page(exhibit)
    exhibit.switch("pause")
    done: list[int] = []

    def work() -> None:
        for i in range(1, 6):
            view.update(0.5)
            done.append(i)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        _until(lambda: exhibit.span[1] == 1)
        thread.join(0.1)
        assert done == []
        exhibit.switch("step")
        _until(lambda: exhibit.span[1] == 2)
        thread.join(0.1)
        assert done == [1]
        exhibit.switch("play")
        thread.join(10)
        assert done == [1, 2, 3, 4, 5]
    finally:
        exhibit.switch("play")
        thread.join(10)


def _until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("not so after 10 s")


def test_a_pause_ends_when_nobody_looks_any_more(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    (exhibit,) = exhibits()
    exhibit.patience = 0.0
    exhibit.switch("pause")
    view.update(0.5)  # comes back
    assert exhibit.playing


def test_stop_is_a_keyboard_interrupt(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    (exhibit,) = exhibits()
    exhibit.switch("stop")
    with pytest.raises(KeyboardInterrupt) as raised:
        view.update(0.5)
    assert isinstance(raised.value, Stopped)


def test_stop_ends_the_block_quietly(exhibits: Listed) -> None:
    with show(network(), (X, Y), browser=False) as view:
        (exhibit,) = exhibits()
        exhibit.switch("stop")
        view.update(0.5)
        raise AssertionError("not reached")
    assert exhibit.status == "stopped"
    assert not exhibit.stopping


def test_what_fails_in_the_block_comes_out_of_it(exhibits: Listed) -> None:
    with pytest.raises(ZeroDivisionError), show(network(), (X, Y), browser=False):
        raise ZeroDivisionError
    assert exhibits()[0].status == "failed"


def test_watch_counts_steps_and_ends_at_a_stop(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    (exhibit,) = exhibits()
    seen = []
    for i in view.watch(range(10)):
        seen.append(i)
        if i == 3:
            exhibit.switch("stop")
            view.update(0.25)  # of one's own: does not raise here, and is not counted twice
    assert seen == [0, 1, 2, 3]
    assert view.step == 4
    view.close()
    assert exhibit.status == "stopped"


def test_watch_takes_a_trainers_steps(exhibits: Listed) -> None:
    model = network()
    loader = data.Loader(data.Split(X, Y), 10)
    trainer = Trainer(model, optim.SGD(model.parameters(), 0.1), nn.cross_entropy, loader, epochs=2)
    view = show(model, loader, browser=False)
    kinds = [event.kind for event in view.watch(trainer.events())]
    assert kinds.count("step") == view.step == 8
    assert len(exhibits()[0].losses.array()) == 8


def test_losses_may_be_any_kind_of_number(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    for loss in (1, 2.0, np.float32(3), Tensor(4.0), torch.tensor(5.0, requires_grad=True), np.array([6.0])):
        view.update(loss)
    view.update(math.nan)
    assert exhibits()[0].losses.array()[:-1, 1].tolist() == [1, 2, 3, 4, 5, 6]
    view.update(math.inf)
    assert Page(exhibits()[0]).said == ["The loss is no number any more from step 7 on."]


@pytest.mark.parametrize("loss", ["low", [1, 2], np.zeros(3), Tensor([1.0, 2.0]), torch.zeros(2), object()])
def test_what_is_no_number_is_refused(loss: Any) -> None:
    with pytest.raises(UsageError, match="loss is no number"):
        show(network(), (X, Y), browser=False).update(loss)


@pytest.mark.parametrize("step", [-1, 1.5, True, "3"])
def test_a_step_is_counted(step: Any) -> None:
    with pytest.raises(UsageError, match="step"):
        show(network(), (X, Y), browser=False).update(step=step)


def test_there_is_room_for_six_numbers() -> None:
    view = show(network(), (X, Y), browser=False)
    with pytest.raises(UsageError, match="at most 6"):
        view.update(**{f"m{i}": i for i in range(7)})


def test_after_close_nothing_is_told(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    view.update(1.0)
    view.close()
    view.close()
    assert exhibits()[0].status == "finished"
    assert exhibits()[0].span == (0, 1)  # the end was looked at
    with pytest.raises(UsageError, match="closed"):
        view.update(1.0)


def test_a_show_that_is_forgotten_ends(exhibits: Listed) -> None:
    view = show(network(), (X, Y), browser=False)
    assert exhibits()[0].status == "training"
    del view
    gc.collect()
    assert exhibits()[0].status == "finished"


def test_two_networks_of_one_name_get_two(exhibits: Listed, quiet: Quiet) -> None:
    first, second = show(network(), (X, Y)), show(network(), (X, Y), browser=False)
    assert [one.name for one in exhibits()] == ["Sequential 2", "Sequential"]
    assert first.address != second.address
    assert quiet.announced == [("Sequential", True), ("Sequential 2", False)]
    first.close()
    third = show(network(), (X, Y), browser=False)  # as when a cell of a notebook runs again
    assert [one.name for one in exhibits()] == ["Sequential", "Sequential 2"]
    del second, third


def test_a_notebook_gets_a_link() -> None:
    text = show(network(), (X, Y), browser=False, name="<b>")._repr_html_()
    assert 'href="http://127.0.0.1:1/show/my-1?token=secret"' in text
    assert "&lt;b&gt;" in text


class Moody(nn.Module):
    """A network that fails when it is told to."""

    def __init__(self) -> None:
        self.inside, self.fails = nn.Linear(6, 3), False

    def forward(self, x: Tensor) -> Tensor:
        if self.fails:
            raise ZeroDivisionError("planted")
        return self.inside(x)


@pytest.mark.usefixtures("often")
def test_a_model_that_fails_in_a_look_does_not_end_training(exhibits: Listed) -> None:
    model = Moody()
    view = show(model, (X, Y), browser=False)
    page = Page(exhibits()[0])
    model.fails = True
    for _ in range(6):
        view.update(0.5)
        view._due = 0.0
    assert page.said == ["The network could not be looked into: ZeroDivisionError: planted"]  # once
    late = Page(exhibits()[0])
    assert late.said == page.said
    model.fails = False
    before = exhibits()[0].span[1]
    view.update(0.5)
    view.update(0.5)
    assert exhibits()[0].span[1] > before


@pytest.mark.parametrize(
    ("model", "given", "what"),
    [
        (nn.Linear, (X, Y), "class of a network"),
        (lambda x: x, (X, Y), "no network"),
        (network(), (X[:, :5], Y), "cannot be run"),
        (network(), (X, Y[:7]), "one row an example"),
        (network(), (X[:0], Y[:0]), "one row an example"),
        (network(), "digits", "no data"),
        (network(), {"x": X}, "no data"),
        (network(), (np.array(["a", "b"]), Y), "holds no examples"),
        (network(), (X.tolist(), [[1], [2, 3]]), "no array"),
        (torch.nn.LazyLinear(3), (X, Y), "without a shape"),
        (torch.nn.Linear(5, 3), (X, Y), "cannot be run"),
    ],
)
def test_what_cannot_be_shown_is_said_at_once(model: Any, given: Any, what: str) -> None:
    with pytest.raises(DescendError, match=what):
        show(model, given, browser=False)


def test_a_loss_of_ones_own_is_tried_at_once() -> None:
    with pytest.raises(UsageError, match="loss cannot be computed"):
        show(network(), (X, Y), loss=lambda output, y: output + "x", browser=False)
    seen = show(network(), (X, Y), loss=lambda output, y: nn.cross_entropy(output, y), browser=False)
    assert seen._exhibit.frame(None).note("gradients") == "your loss"  # type: ignore[union-attr]


def test_the_example_program_is_what_the_page_shows() -> None:
    root = Path(__file__).parents[3]
    page = (root / "ui" / "src" / "pages" / "Shows.svelte").read_text(encoding="utf-8")
    for name in ("show_my_network.py", "show_my_torch_network.py"):
        assert f"examples/{name}" in page
        assert "view.update(loss" in (root / "examples" / name).read_text(encoding="utf-8")
