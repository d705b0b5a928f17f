"""`show`: a live view in the studio of the user's own network while it trains."""

from __future__ import annotations

import math
import os
import sys
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from time import monotonic
from types import TracebackType
from typing import Any, Self

import numpy as np

from descend.engine import Tensor
from descend.engine.errors import DescendError, UsageError
from descend.studio.shown import server
from descend.studio.shown.answers import Task
from descend.studio.shown.declaration import About, declaration
from descend.studio.shown.examples import Examples, examples
from descend.studio.shown.exhibit import EXHIBITS, Exhibit
from descend.studio.shown.ground import Ground, ground
from descend.studio.shown.look import Look, Loss
from descend.studio.shown.network import Network, network
from descend.studio.shown.outputs import in_words
from descend.studio.shown.picture import kept
from descend.studio.shown.snapshot import Snapshot, named, snapshot
from descend.studio.shown.torch_module import is_torch_tensor
from descend.studio.shown.wall import Wall
from descend.train.events import Event, Step

INTERVAL = 0.5  # seconds between two looks at least
SHARE, SHARE_ALONE = 0.1, 0.05  # of the program's time that looks may take: with a page open, and without
_AFTER_TROUBLE = 5.0  # seconds
_CROWD = 400  # examples that are drawn as points


class Stopped(KeyboardInterrupt):
    """Stop was pressed on the page. It is a KeyboardInterrupt: what a program does at Ctrl-C, it does here."""


class Show:
    """A network on show; made by `show`. Call it from the thread that trains.

    As a context manager it closes at the end of the block, and a stop from the page just ends the block.

    Attributes:
        step: how many steps were told of.
    """

    def __init__(self, sight: _Sight, exhibit: Exhibit, serving: server.Serving) -> None:
        self._sight, self._exhibit, self._serving = sight, exhibit, serving
        self.step = 0
        self._quiet = False  # whether a stop ends the loop of `watch` instead of raising
        self._pending: Any = None  # a loss on another device, which is read with the next look
        self._marked, self._finite = False, True
        self._due = 0.0
        self._finalizer = weakref.finalize(self, exhibit.end, "finished")
        self._look()

    @property
    def address(self) -> str:
        """Where the page is. It opens in a browser that has opened a `link` of this program."""
        return self._serving.page(self._exhibit.id)

    def link(self) -> str:
        """The address with a token in it, which is good once, for a few minutes."""
        return self._serving.key(self._exhibit.id)

    def update(self, loss: Any = None, *, step: int | None = None, **metrics: Any) -> None:
        """Tell of one training step, after the optimiser's. Costs microseconds, but for a look now and then.

        It waits while the page has paused training.

        Args:
            loss: of this step: a number, or a tensor with one.
            step: the number of the step; by default they are counted.
            metrics: other numbers to draw, at most six, by name: accuracy=0.9.

        Raises:
            Stopped: Stop was pressed on the page.
            UsageError: the show is closed, or what is given is no number.
        """
        if not self._finalizer.alive:
            raise UsageError("this show is closed", given="update() after close()", fix="begin a new one: show(...)")
        self.step = self.step + 1 if step is None else _whole(step)
        exhibit = self._exhibit
        exhibit.steps = self.step
        if loss is not None:
            self._note_loss(loss)
        for name, value in metrics.items():
            exhibit.metric(name).add(self.step, _number(name, value))
        if exhibit.interrupted:
            self._attend()
        elif self._marked or monotonic() >= self._due:
            self._look_around()

    def watch(self, batches: Iterable[Any]) -> Iterator[Any]:
        """The batches, one after the other, each counted as a step; a stop from the page ends the loop.

        `update` may be called in the loop for the loss; where it is not, it is called at the end of each turn. Of a
        `Trainer`'s events the steps are told of, with their loss.
        """
        for batch in batches:
            before, self._quiet = self.step, True
            try:
                yield batch
                if isinstance(batch, Step):
                    self.update(batch.loss, step=batch.step)
                elif self.step == before and not isinstance(batch, Event):
                    self.update()
            finally:
                self._quiet = False
            if self._exhibit.stopping:
                return

    def wait(self) -> None:
        """Keep the page open after training: until Stop is pressed there, or Ctrl-C here."""
        try:
            self.close()
            server.say(f"{self._exhibit.name}: the page stays open. Ctrl-C ends the program.")
            self._exhibit.wait()
        except KeyboardInterrupt:
            server.say("")

    def close(self) -> None:
        """Training is over. The page stays as long as the program lives; to close twice is no mistake."""
        if self._finalizer.alive:
            self._look()
            self._exhibit.end("stopped" if self._exhibit.stopping else "finished")
            self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if error is None:
            self.close()
        else:
            self._exhibit.end("stopped" if isinstance(error, KeyboardInterrupt) else "failed")
            self._finalizer()
        return isinstance(error, Stopped)

    def __repr__(self) -> str:
        return f"<{self._exhibit.name} on show at {self.address}, step {self.step}>"

    def _repr_html_(self) -> str:
        """A link, for notebooks."""
        link, name = escape(self.link()), escape(self._exhibit.name)
        return f'<a href="{link}" target="_blank" rel="noopener">{name} in the studio</a> (step {self.step})'

    # ------------------------------------------------------------------------------------------ looking

    def _note_loss(self, loss: Any) -> None:
        if loss.__class__ is float:
            self._add_loss(loss)
        elif is_torch_tensor(loss) and loss.device.type != "cpu":
            # To read it waits for the device: not at every step. Without its graph, which would be kept alive.
            self._pending = loss.detach()
        else:
            self._add_loss(_number("loss", loss))

    def _add_loss(self, loss: float) -> None:
        self._exhibit.losses.add(self.step, loss)
        if self._finite and not math.isfinite(loss):
            self._finite = False
            self._exhibit.warn(f"The loss is no number any more from step {self.step} on.")

    def _look_around(self) -> None:
        """A look takes two steps: in the first the weights are noted, in the second it is seen how far they moved."""
        if self._marked:
            self._look()
        else:
            self._sight.network.mark()
            self._marked = True

    def _look(self) -> None:
        began = monotonic()
        self._marked = False
        if self._pending is not None:
            self._add_loss(_number("loss", self._pending))
            self._pending = None
        try:
            self._exhibit.put(self._sight.frame(self.step))
        except Exception as error:  # noqa: BLE001 - training goes on whatever happens to a look; the page says what
            self._exhibit.complain(in_words(error))
            self._due = monotonic() + _AFTER_TROUBLE
            return
        share = SHARE if self._exhibit.pages else SHARE_ALONE
        now = monotonic()
        self._due = now + max(INTERVAL, (now - began) * (1 / share - 1))

    def _attend(self) -> None:
        """Wait out a pause, having shown how things stand. Raises Stopped where Stop was pressed."""
        self._exhibit.awaited = False
        self._due = 0.0
        if not (self._exhibit.playing or self._exhibit.stopping):
            self._look()
            self._look_around()
            self._exhibit.hold()
        if self._exhibit.stopping and not self._quiet:
            raise Stopped("Stop was pressed on the page")


class _Sight:
    """What is looked at: a network with its examples."""

    def __init__(self, model: Any, data: Any, loss: Loss | None, classes: Sequence[str] | None) -> None:
        self.network: Network = network(model)
        self.data: Examples = examples(data)
        if self.data.x.ndim > 2:
            self.network.sight = tuple(self.data.x.shape[1:])
        first = self._first(loss)
        self.task = Task(self.data.y, first.output, classes)
        self.loss: Loss | str | None = loss or self.task.loss
        self.layers = named(first)
        self.place: Ground | None = ground(self.data)
        self.crowd = examples(data, _CROWD) if self.place else self.data

    def _first(self, loss: Loss | None) -> Look:
        """The first look, in which what does not fit is the user's to mend."""
        try:
            look = self.network.look(self.data.inputs, self.data.y, loss)
        except Exception as error:
            told = ", ".join(f"{part.dtype} {tuple(part.shape)}" for part in self.data.inputs)
            fix = "give the examples as your network gets them: the same shape, type and scale as in training"
            raise UsageError(
                f"the network cannot be run on these examples: {in_words(error)}", given=told, fix=fix
            ) from error
        if look.trouble:
            raise UsageError(f"the loss cannot be computed: {look.trouble}", needed="loss(output, y), one number")
        if look.output.ndim == 0 or len(look.output) != len(self.data):
            given = f"output {look.output.shape} for {len(self.data)} examples"
            raise UsageError("the network gives out no row for each example", given=given, needed="(n, ...)")
        return look

    def frame(self, step: int) -> Snapshot:
        """One look, as a frame."""
        look = self.network.look(self.data.inputs, self.data.y, self.loss)
        found = snapshot(step, look, self.layers.names, self.task.answers(look.output, self.data.y))
        if self.place is None:
            return found
        there = self.place.answers(self.network.answer((self.place.inputs(),)), self.task)
        if self.place.axes == 1:
            return replace(found, arrays={**found.arrays, "ground": there})
        thin = kept(there)
        arrays, values = {**found.arrays, "ground": thin.code}, {**found.values, "ground": thin.size}
        return replace(found, arrays=arrays, values=values)

    def about(self) -> About:
        """What there is to say of the network in a line."""
        net, data = self.network, self.data
        return About(net.framework, net.title, net.parameters, server.program(), os.getpid(), len(data), data.of)


def show(
    model: Any,
    data: Any,
    *,
    name: str | None = None,
    loss: Loss | None = None,
    classes: Sequence[str] | None = None,
    browser: bool | None = None,
    port: int | None = None,
) -> Show:
    """A live view of the user's own network in the studio, while their own program trains it.

        with descend.studio.show(model, (x, y)) as view:
            for batch in batches:
                loss = train_on(batch)
                view.update(loss)

    The first call of a program starts the studio's server in a thread, prints its address, and opens it in a browser.
    In `update` the network is run on up to 32 examples of `data`, in evaluation mode, at most twice a second and for
    at most a tenth of the time: a pass apart from training, which changes no weight, gradient, buffer, mode or random
    stream. Forward hooks of the program's own run in it too. Gradients are those that the last step left in `grad`;
    where it left none, of `loss`, or of the loss that fits outputs and targets. The page may pause training, take
    single steps, look back in time, and stop it (see `Stopped`).

    Args:
        model: a `descend.nn.Module` or a `torch.nn.Module`.
        data: examples as the network gets them: (x, y) or x alone, arrays or tensors; x may be a tuple of several
            inputs. Or a Split, a Loader, or a Dataset or DataLoader of PyTorch, of which the first batch is taken.
        name: what the page calls it; by default the name of the model's class.
        loss: loss(output, y), where it cannot be guessed.
        classes: the names of the classes.
        browser: whether to open one; by default everywhere but in a notebook, which shows a link.
        port: where the studio listens; by default 8573, or any that is free.

    Raises:
        UsageError: what is given is no network or no data, or the network cannot be run on it.
    """
    if name is not None and not str(name).strip():
        raise UsageError("a name has a letter at least", given=repr(name)[:60], needed="a name for the page, or none")
    sight = _Sight(model, data, loss, classes)
    told = declaration(sight.about(), sight.layers, sight.data, sight.task, sight.place)
    wall = Wall(sight.data, sight.crowd, sight.task, sight.place)
    exhibit = Exhibit(str(name or sight.network.title), told, wall, sight.layers)
    serving = server.serving(port)
    EXHIBITS.add(exhibit)
    view = Show(sight, exhibit, serving)
    serving.announce(exhibit.id, exhibit.name, browser=_wanted(browser))
    return view


def _wanted(browser: bool | None) -> bool:
    return "ipykernel" not in sys.modules if browser is None else browser


def _number(name: str, value: Any) -> float:
    """The value as a number. NaN and infinities are some."""
    try:
        return float(value.item() if isinstance(value, Tensor) or hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError, DescendError):
        given = f"{type(value).__name__} {getattr(value, 'shape', '')}".strip()
        raise UsageError(f"{name} is no number", given=given, needed="a number, or a tensor with one") from None


def _whole(step: Any) -> int:
    if isinstance(step, bool) or not isinstance(step, int | np.integer) or step < 0:
        raise UsageError("a step is counted", given=repr(step)[:40], needed="a whole number from 0 on")
    return int(step)
