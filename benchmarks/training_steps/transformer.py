"""A causal language model: four transformer layers on embedded tokens with learned places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.training_steps.workload import Arrays, Library, Workload


def transformer(n: int, time: int, width: int, heads: int, layers: int, vocabulary: int) -> Workload:
    def network(library: Library) -> Any:
        nn = library.nn

        class Language(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(time, width)
                layer = nn.TransformerEncoderLayer(
                    width, heads, 4 * width, 0.0, activation="gelu", batch_first=True, norm_first=True
                )
                self.body = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width))
                self.head = nn.Linear(width, vocabulary)

            def forward(self, x: Any, place: Any, mask: Any) -> Any:
                return self.head(self.body(self.tokens(x) + self.places(place), mask=mask)).reshape(-1, vocabulary)

        return Language()

    def losses(library: Library, model: Any, x: Any, place: Any, mask: Any, y: Any) -> Iterator[Any]:
        yield library.functional.cross_entropy(model(x, place, mask), y)

    def batch(rng: np.random.Generator) -> Arrays:
        text = rng.integers(0, vocabulary, (n, time + 1))
        hidden = np.triu(np.ones((time, time), bool), 1)
        return text[:, :-1].copy(), np.arange(time), hidden, text[:, 1:].reshape(-1)

    return Workload(network, losses, batch, numbers={"heads": heads})


FULL, TINY = transformer(32, 128, 128, 4, 4, 65), transformer(2, 5, 8, 2, 2, 7)
