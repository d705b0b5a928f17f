from __future__ import annotations

import numpy as np
import pytest

from descend.engine import Tensor, UsageError
from descend.nn.losses.reduction import Loss, reduced

VALUES = Tensor(np.array([[1.0, 2.0], [3.0, 6.0]]))


def test_mean_sum_and_none():
    assert reduced("loss", VALUES, "mean").item() == 3
    assert reduced("loss", VALUES, "sum").item() == 12
    assert reduced("loss", VALUES, "none") is VALUES


@pytest.mark.parametrize("word", ["average", None, 1, ""])
def test_other_words_are_refused(word):
    for call in (lambda: reduced("loss", VALUES, word), lambda: Loss(word)):
        with pytest.raises(UsageError, match="no such reduction"):
            call()


def test_a_loss_shows_what_is_not_the_mean():
    assert repr(Loss()) == "Loss()"
    assert repr(Loss("sum")) == "Loss(reduction='sum')"
