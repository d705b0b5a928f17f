from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from descend import nn
from descend.engine import Generator, default_generator
from descend.engine.errors import NonFiniteError
from descend.nn.inspection import generators
from descend.train.checkpoint import load, save
from descend.train.position import Position, collect, restore
from tests.train.small import equal_bits, trainer, weights


def test_every_state_is_saved_and_comes_back(tmp_path: Path) -> None:
    trained = trainer(2)
    list(trained.events())
    arrays, meta = collect(trained, Position(epoch=1, batch=2, step=7, loss_total=0.1 + 0.2, examples=3))
    prefixes = {name.partition("/")[0] for name in arrays}
    assert prefixes == {"model", "optimizer", "schedule", "generator"}
    stream = default_generator().state_dict()
    save(tmp_path / "c", arrays, meta)
    fresh = trainer(2)
    assert not equal_bits(weights(fresh), weights(trained))
    position = restore(fresh, load(tmp_path / "c"))
    assert asdict(position) == meta["position"]
    assert equal_bits(weights(fresh), weights(trained))
    assert equal_bits(default_generator().state_dict(), stream)
    assert fresh.lr == trained.lr


def test_random_streams_of_layers_are_saved_too(tmp_path: Path) -> None:
    def build() -> tuple[Generator, object]:
        own, made = Generator(5), trainer(1)
        made.model = nn.Sequential(made.model, nn.Dropout(0.5, generator=own))
        return own, made

    own, made = build()
    assert [path for path, _ in generators(made.model)] != []  # type: ignore[attr-defined]
    own.uniform((10,))
    save(tmp_path / "c", *collect(made, Position()))  # type: ignore[arg-type]
    again, fresh = build()
    assert not equal_bits(again.state_dict(), own.state_dict())
    restore(fresh, load(tmp_path / "c"))  # type: ignore[arg-type]
    assert equal_bits(again.state_dict(), own.state_dict())


def test_the_sums_of_an_epoch_survive_json_exactly() -> None:
    position = Position()
    for loss in (0.1, 1 / 3, 1e-17, 2.5):
        position.take(loss, 3)
    read = Position(**json.loads(json.dumps(asdict(position))))
    assert asdict(read) == asdict(position)


def test_an_epoch_begins_with_empty_sums_and_keeps_the_best() -> None:
    position = Position()
    for value in (0.5, 0.75, 0.6):
        position.take(0.3, 4)
        position.finish_epoch({"test_accuracy": value, "test_loss": 1.0})
    assert (position.epoch, position.batch, position.step, position.loss_total, position.examples) == (3, 0, 3, 0.0, 0)
    assert position.best == {"test_accuracy": 0.75}
    assert position.metrics["test_accuracy"] == 0.6


def test_weights_that_are_not_finite_are_not_saved() -> None:
    trained = trainer(1)
    name, parameter = next(trained.model.named_parameters())
    parameter.write(np.full(parameter.shape, np.inf, np.float32))
    with pytest.raises(NonFiniteError, match="no longer finite") as caught:
        collect(trained, Position(step=12))
    assert name in str(caught.value)
    assert "step 12" in str(caught.value)
    assert "lower the learning rate (now" in str(caught.value)
