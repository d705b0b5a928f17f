from __future__ import annotations

import random

import numpy as np
import pytest

from descend.studio.shown.streams import streams_kept


def test_both_streams_are_where_they_were_also_after_an_error() -> None:
    random.seed(1), np.random.seed(1)
    wanted = random.random(), np.random.rand()
    random.seed(1), np.random.seed(1)
    with pytest.raises(ZeroDivisionError), streams_kept():
        random.random(), np.random.rand(3)
        raise ZeroDivisionError
    assert (random.random(), np.random.rand()) == wanted
