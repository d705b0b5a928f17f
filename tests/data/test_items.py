from __future__ import annotations

import numpy as np
import pytest

from descend.data import DataError, described, each, sequences, unlabelled

TEXTS = np.array(["one", "two words", "three"], object)
WAVES = [np.arange(n, dtype=np.float32) for n in (3, 5, 3)]


def test_sequences_of_one_length_are_not_stacked():
    assert sequences([np.ones(2), np.ones(2)]).shape == (2,)


def test_a_sequence_cannot_be_written_to_and_the_given_one_can():
    given = np.ones(3)
    held = sequences([given])
    with pytest.raises(ValueError, match="read-only"):
        held[0][0] = 2
    given[0] = 5
    assert held[0][0] == 5, "it is not copied"


def test_each_sequence_is_changed_by_itself():
    doubled = each(lambda wave: 2 * wave)(sequences(WAVES))
    assert [item.tolist() for item in doubled] == [[0, 2, 4], [0, 2, 4, 6, 8], [0, 2, 4]]


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([np.ones(2), np.ones(2, np.float32)], "another kind"),
        ([np.ones((2, 3)), np.ones((2, 4))], "another kind"),
        ([np.ones(2), np.ones(0)], "another kind"),
        ([np.float64(1), np.ones(2)], "another kind"),
        ([np.array([1, np.nan])], "item 0"),
        ([np.array(["a"])], "no real numbers"),
    ],
)
def test_sequences_of_unlike_kinds_are_refused(items, reason):
    with pytest.raises(DataError, match=reason):
        sequences(items)


def test_examples_in_words():
    assert described(np.zeros((3, 1, 2, 2), np.uint8)) == "uint8 (3, 1, 2, 2)"
    assert described(TEXTS) == "texts of 3 to 9 characters"
    assert described(sequences(WAVES)) == "sequences of 3 to 5 times float32"
    assert described(sequences([np.ones((4, 7))])) == "sequences of 4 times (7,)"
    assert "texts of 3" in repr(unlabelled(TEXTS))
