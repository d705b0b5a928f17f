"""Texts as numbers: each character, or each word, has one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from descend.data.checks import Array, whole
from descend.data.errors import DataError
from descend.data.items import sequences
from descend.engine.errors import UsageError, near_miss

Unit = Literal["characters", "words"]

PAD, UNKNOWN = "<pad>", "<unk>"
_WORD = re.compile(r"\w+(?:'\w+)*|[^\w\s]")


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, and each sign of punctuation by itself: "It's fun!" -> it's, fun, !"""
    return _WORD.findall(text.lower())


class Vocabulary:
    """The tokens of a language and their numbers 0 .. len - 1.

    tokens: distinct. unit: what they are; words are cut out of a text by `split_words`.
    A vocabulary is a function from texts to sequences of numbers too: `data.map(vocabulary)`.
    Raises UsageError where a token comes twice.
    """

    def __init__(self, tokens: Iterable[str], unit: Unit) -> None:
        self.tokens, self.unit = tuple(tokens), unit
        if len(self.numbers) < len(self.tokens) or not self.tokens:
            twice = [token for token, n in Counter(self.tokens).items() if n > 1]
            raise UsageError("the tokens are not distinct", given=f"{twice[:3]} more than once", needed="one or more")

    @classmethod
    def characters(cls, texts: str | Iterable[str]) -> Vocabulary:
        """All characters of the texts, in the order of their code points. Others cannot be encoded."""
        return cls(sorted(set().union(*_several(texts))), "characters")

    @classmethod
    def words(cls, texts: str | Iterable[str], size: int | None = None, min_count: int = 1) -> Vocabulary:
        """Words by falling frequency, equals alphabetically, behind <pad> (number 0) and <unk> (number 1).

        size: how many tokens at most, with these two. min_count: how often a word must occur. What is left out is
        encoded as <unk>.
        """
        counts = Counter(word for text in _several(texts) for word in split_words(text))
        ranked = sorted((word for word, n in counts.items() if n >= min_count), key=lambda word: (-counts[word], word))
        return cls((PAD, UNKNOWN, *ranked[: None if size is None else whole(size, "size", 2) - 2]), "words")

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each token."""
        return {token: i for i, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} {self.unit})"

    def __call__(self, texts: Array) -> Array:
        """Each text as a sequence of numbers, in an array of dtype object."""
        return sequences(self.encode(text) for text in texts)

    def encode(self, text: str) -> NDArray[np.int64]:
        """The numbers of the tokens of a text. Shape (t,). DataError for a character that is not in the vocabulary."""
        return self._encode_characters(text) if self.unit == "characters" else self._encode_words(text)

    def decode(self, numbers: ArrayLike) -> str:
        """The text of these tokens; words are put together with spaces, padding is left out."""
        ids = np.asarray(numbers, np.int64).ravel()
        if ids.size and not 0 <= ids.min() <= ids.max() < len(self):
            raise UsageError(
                "a number stands for no token", given=f"{ids.min()} to {ids.max()}", needed=f"0 to {len(self) - 1}"
            )
        if self.unit == "characters":
            return "".join(map(self.tokens.__getitem__, ids))
        return " ".join(self.tokens[i] for i in ids if self.tokens[i] != PAD)

    def number(self, token: str) -> int:
        """The number of one token; UsageError where it has none."""
        if token not in self.numbers:
            raise UsageError(f"{token!r} is not in the vocabulary", fix=near_miss(token, self.tokens) or None)
        return self.numbers[token]

    @cached_property
    def _codes(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        # Code points in rising order and the token of each: text becomes numbers by one binary search.
        order = sorted(range(len(self)), key=self.tokens.__getitem__)
        return _code_points("".join(self.tokens[i] for i in order)), np.array(order, np.int64)

    def _encode_characters(self, text: str) -> NDArray[np.int64]:
        codes, order = self._codes
        points = _code_points(text)
        place = np.minimum(np.searchsorted(codes, points), len(codes) - 1)
        wrong = np.flatnonzero(codes[place] != points)
        if len(wrong):
            raise DataError(
                "the text holds a character that is not in the vocabulary",
                given=f"{text[wrong[0]]!r} at index {wrong[0]}, the first of {len(wrong)}",
                fix="build the vocabulary from this text too, or leave such characters out",
            )
        return order[place]

    def _encode_words(self, text: str) -> NDArray[np.int64]:
        words = split_words(text)
        if UNKNOWN in self.numbers:
            return np.array([self.numbers.get(word, self.numbers[UNKNOWN]) for word in words], np.int64)
        return np.array([self.number(word) for word in words], np.int64)


def _several(texts: str | Iterable[str]) -> Iterable[str]:
    return (texts,) if isinstance(texts, str) else texts


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
