from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.data import DataError, Dataset, Split
from descend.data.text import PAD, UNKNOWN, Vocabulary, split_words
from descend.engine.errors import UsageError

texts = st.text(min_size=1, max_size=200)


@given(texts)
def test_characters_survive_the_way_there_and_back(text):
    letters = Vocabulary.characters(text)
    assert letters.tokens == tuple(sorted(set(text)))
    ids = letters.encode(text)
    assert ids.dtype == np.int64
    assert ids.tolist() == [letters.number(c) for c in text]
    assert letters.decode(ids) == text


@given(texts, st.permutations(range(5)))
def test_numbers_go_by_the_order_of_the_tokens(text, order):
    letters = Vocabulary(["edcba"[i] for i in order], "characters")
    assert letters.decode(letters.encode("abcde")) == "abcde"
    assert letters.encode(letters.tokens[3]).tolist() == [3]


def test_a_character_that_is_not_there_is_named():
    with pytest.raises(DataError, match=r"'ß' at index 2, the first of 2"):
        Vocabulary.characters("abc").encode("aaßbß")
    with pytest.raises(DataError):
        Vocabulary.characters("abc").encode("\0")


def test_words_are_ranked_by_how_often_they_occur():
    words = Vocabulary.words(["the cat, the dog", "a cat; the end"])
    assert words.tokens == (PAD, UNKNOWN, "the", "cat", ",", ";", "a", "dog", "end")
    assert words.encode("The zebra, the cat").tolist() == [2, 1, 4, 2, 3]
    assert words.decode(words.encode("the dog")) == "the dog"
    assert words.decode([2, 3, 0, 0]) == "the cat"


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1), st.integers(2, 12), st.integers(1, 4))
def test_the_most_frequent_words_are_kept(drawn, size, least):
    words = Vocabulary.words(" ".join(drawn), size, least)
    kept = set(words.tokens) - {PAD, UNKNOWN}
    assert len(words) <= size
    assert all(drawn.count(word) >= least for word in kept)
    left = [word for word in set(drawn) - kept if drawn.count(word) >= least]
    assert not left or len(words) == size
    assert all(drawn.count(a) >= drawn.count(b) for a in kept for b in left)


@given(st.lists(st.sampled_from(["red", "green", "blue's", "!"]), max_size=20))
def test_known_words_survive_the_way_there_and_back(drawn):
    words = Vocabulary.words("red green blue's !")
    ids = words.encode(" ".join(drawn))
    assert words.encode(words.decode(ids)).tolist() == ids.tolist()


def test_words_are_cut_at_punctuation_and_not_inside():
    assert split_words("It's a well-known FACT: 3.5!") == [
        "it's",
        "a",
        "well",
        "-",
        "known",
        "fact",
        ":",
        "3",
        ".",
        "5",
        "!",
    ]


def test_a_vocabulary_makes_sequences_of_a_data_set():
    train, test = (Split(np.array(x, object), [0] * len(x)) for x in (["ab", "b"], ["a"]))
    data = Dataset("toy", train, test, ("one",), "", "", "")
    coded = data.map(Vocabulary.characters("ab"))
    assert [item.tolist() for item in coded.train.x] == [[0, 1], [1]]
    assert [item.tolist() for item in coded.test.x] == [[0]]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Vocabulary(["a", "a"], "characters"),
        lambda: Vocabulary([], "words"),
        lambda: Vocabulary.characters("ab").decode([2]),
        lambda: Vocabulary.characters("ab").decode([-1]),
        lambda: Vocabulary.characters("ab").number("c"),
        lambda: Vocabulary.words("a b", size=1),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(UsageError):
        wrong()
