from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from scipy.special import softmax

from descend.engine import UsageError, from_numpy
from descend.models import Voting, of_each
from descend.nn import Linear, Module, cross_entropy
from descend.optim import SGD
from descend.train import export_onnx

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((7, 3)).astype(np.float32), RNG.integers(0, 4, 7)


class Says(Module):
    """Gives the scores that it was made with, whatever it is shown."""

    def __init__(self, scores: np.ndarray) -> None:
        self.scores = scores.astype(np.float32)

    def forward(self, x: object) -> object:
        return from_numpy(self.scores)


def test_the_class_with_most_votes_wins_and_ties_fall_to_the_mean_probability() -> None:
    scores = 3 * RNG.standard_normal((3, 400, 4))
    model = Voting([Says(one) for one in scores])
    decided = model.eval()(from_numpy(X)).numpy()
    shared = softmax(scores, axis=-1).mean(0)
    for i, row in enumerate(decided):
        votes = Counter(scores[:, i].argmax(-1).tolist())
        most = [k for k in votes if votes[k] == max(votes.values())]
        assert row.argmax() == max(most, key=lambda k: shared[i, k])
    np.testing.assert_allclose(np.exp(decided).sum(-1), 1, rtol=1e-5)


def test_the_decision_can_be_exported(tmp_path: Path) -> None:
    model = Voting([Linear(3, 4) for _ in range(3)]).eval()
    export_onnx(model, X, tmp_path / "m.onnx")
    (found,) = onnxruntime.InferenceSession(tmp_path / "m.onnx").run(None, {"input": X[:5]})
    np.testing.assert_allclose(found, model(from_numpy(X[:5])).numpy(), rtol=1e-5)


def test_members_learn_as_if_each_were_alone() -> None:
    members = [Linear(3, 4) for _ in range(3)]
    alone = [Linear(3, 4) for _ in range(3)]
    for one, twin in zip(alone, members):
        one.load_state_dict(twin.state_dict())
    together = Voting(members)
    optimizer = SGD(together.parameters(), lr=0.1 * 3)
    for _ in range(4):
        optimizer.zero_grad()
        of_each(cross_entropy)(together(from_numpy(X)), Y).backward()
        optimizer.step()
    for one, twin in zip(alone, members):
        rule = SGD(one.parameters(), lr=0.1)
        for _ in range(4):
            rule.zero_grad()
            cross_entropy(one(from_numpy(X)), Y).backward()
            rule.step()
        np.testing.assert_allclose(twin.weight.numpy(), one.weight.numpy(), rtol=1e-5, atol=1e-7)


def test_the_loss_is_the_members_mean_or_that_of_the_decision() -> None:
    model = Voting([Linear(3, 4), Linear(3, 4)])
    single = [cross_entropy(member(from_numpy(X)), Y).item() for member in model.members]
    assert of_each(cross_entropy)(model(from_numpy(X)), Y).item() == pytest.approx(np.mean(single), rel=1e-5)
    decided = model.eval()(from_numpy(X)).numpy()
    expected = -decided[np.arange(len(Y)), Y].mean()
    assert of_each(cross_entropy)(from_numpy(decided), Y).item() == pytest.approx(expected, rel=1e-5)


def test_nobody_cannot_vote() -> None:
    with pytest.raises(UsageError, match="nobody votes"):
        Voting([])
