"""Text: vocabularies of characters and words, and streams for recurrent networks.

>>> from descend.data.text import Streams, Vocabulary
>>> letters = Vocabulary.characters("hello world")
>>> letters.decode(letters.encode("low"))
'low'
>>> x, y = next(Streams(letters.encode("hello world"), batch_size=2, steps=3).epoch(0))
>>> [letters.decode(row) for row in x], [letters.decode(row) for row in y]
(['hel', ' wo'], ['ell', 'wor'])
"""

from __future__ import annotations

from descend.data.text.streams import Streams
from descend.data.text.vocabulary import PAD, UNKNOWN, Vocabulary, split_words

__all__ = ["PAD", "UNKNOWN", "Streams", "Vocabulary", "split_words"]
