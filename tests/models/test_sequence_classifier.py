from __future__ import annotations

import numpy as np
import pytest

from descend.engine import from_numpy, grad, ops
from descend.models import SequenceClassifier
from descend.nn import GRU, LSTM, RNN

X = np.random.default_rng(0).standard_normal((5, 7, 3)).astype(np.float32)


@pytest.mark.parametrize("layer", [RNN, LSTM, GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_scores_for_each_sequence(layer: type[LSTM], bidirectional: bool) -> None:
    model = SequenceClassifier(layer(3, 4, batch_first=True, bidirectional=bidirectional), 6)
    scores = model(from_numpy(X))
    assert scores.shape == (5, 6)
    alone = model(from_numpy(X[2:3]))
    np.testing.assert_allclose(alone.numpy()[0], scores.numpy()[2], rtol=1e-5)


def test_every_step_counts() -> None:
    model = SequenceClassifier(LSTM(3, 4, batch_first=True), 2)
    g = grad(lambda x: ops.sum(ops.square(model(x))))(X)
    assert (np.abs(g.numpy()).sum(axis=(0, 2)) > 0).all()
