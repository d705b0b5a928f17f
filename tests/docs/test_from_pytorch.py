"""A PyTorch script runs here after the replacements that the documentation lists, and gives PyTorch's numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import descend
from descend import nn

HERE = Path(__file__).parent
DOCUMENT = (HERE.parents[1] / "docs" / "from-pytorch.md").read_text(encoding="utf-8")
REPLACEMENTS = re.findall(r"^\| `(.+?)` \| (?:`(.+?)`)? *\|$", DOCUMENT, re.MULTILINE)
RNG = np.random.default_rng(0)
TEXT = RNG.integers(0, 17, (4, 73))


def ported(source: str) -> str:
    """The source after the listed replacements, in their order."""
    for theirs, ours in REPLACEMENTS:
        source = source.replace(theirs, ours)
    return source


def run(source: str) -> dict[str, Any]:
    """What a script defines."""
    defined: dict[str, Any] = {"__name__": "script"}
    exec(compile(source, "script", "exec"), defined)
    return defined


def images() -> list[tuple[Any, Any]]:
    """Batches of random pictures with labels that can be learned from them."""
    pictures = RNG.standard_normal((8, 16, 784)).astype(np.float32)
    return [(x, np.abs(x[:, :10]).argmax(1)) for x in pictures]


def windows() -> list[tuple[Any, Any]]:
    """Stretches of text that follow one another, each with itself one letter on."""
    return [(TEXT[:, i : i + 9].copy(), TEXT[:, i + 1 : i + 10].copy()) for i in range(0, 63, 9)]


def scenes() -> list[tuple[Any, Any]]:
    """Noise of two brightnesses and what is where; the sides are not divisible by 4."""
    labels = RNG.integers(0, 3, (6, 2, 3, 3)).repeat(5, 2).repeat(6, 3)
    return [((y[:, None] + RNG.standard_normal((2, 1, 15, 18))).astype(np.float32), y) for y in labels]


def sentences() -> list[tuple[Any, Any]]:
    """Sequences of several lengths with 0 behind them, and themselves backwards."""
    found = []
    for _ in range(8):
        lengths = RNG.integers(1, 7, 5)
        words = RNG.integers(1, 17, (5, lengths.max())) * (np.arange(lengths.max()) < lengths[:, None])
        found.append(((words, lengths), words[:, ::-1].copy()))
    return found


BATCHES = {
    "lenet": images, "language_model": windows, "transformer": windows, "unet": scenes, "seq2seq": sentences,
}  # fmt: skip


@pytest.mark.parametrize("name", BATCHES)
def test_a_ported_script_gives_the_same_losses(name: str) -> None:
    source = (HERE / "pytorch" / f"{name}.py").read_text(encoding="utf-8")
    theirs, ours = run(source), run(ported(source))
    torch.manual_seed(0)
    model, twin = theirs["make"](), ours["make"]()
    state = {key: value.numpy() for key, value in model.state_dict().items() if "num_batches" not in key}
    twin.load_state_dict(state)
    batches = BATCHES[name]()
    np.testing.assert_allclose(ours["train"](twin, batches), theirs["train"](model, batches), rtol=1e-4, atol=1e-5)


def test_nothing_of_pytorch_is_left() -> None:
    assert len(REPLACEMENTS) == 30
    for name in BATCHES:
        assert "torch" not in ported((HERE / "pytorch" / f"{name}.py").read_text(encoding="utf-8"))


def test_names_that_are_said_to_differ_are_here() -> None:
    rest = DOCUMENT.partition("## What else is different")[2]
    x = descend.Tensor(np.arange(6.0).reshape(2, 3))
    homes = {"ops": descend.ops, "nn": nn, "optim": descend.optim, "x": x, "descend": descend}
    named = re.findall(r"`(ops|nn|x|descend)\.(\w+)", rest)
    gone = {"clamp", "mm", "clone", "dim", "numel", "t"}
    assert gone == {name for home, name in named if not hasattr(homes[home], name)}
