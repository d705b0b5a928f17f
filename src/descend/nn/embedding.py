"""Embeddings: a learned vector for each word, or whatever else is numbered."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from descend.engine import DtypeError, Generator, ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks, init
from descend.nn.module import Module, Parameter


class Embedding(Module):
    """Row `index` of a table, for each index: y[..., :] = weight[x[...]].

    Shapes: x (...) integers in 0 .. num_embeddings - 1; weight (num_embeddings, embedding_dim);
    y (..., embedding_dim). The row `padding_idx` begins as 0 and is not learned. Weights begin standard normal.
    Raises: ShapeError for an index outside the table, DtypeError for indices that are no integers.
    Differs: from PyTorch in not limiting norms (`max_norm`), and in gradients that are never sparse.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None,
        *, generator: Generator | None = None,
    ) -> None:  # fmt: skip
        name = type(self).__name__
        checks.counts(name, num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.padding_idx = _row(name, padding_idx, num_embeddings)
        values = init.normal((num_embeddings, embedding_dim), 1.0, generator)
        if self.padding_idx is not None:
            values[self.padding_idx] = 0.0
        self.weight = Parameter(values)

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None) -> Self:
        """A layer with these rows, (num_embeddings, embedding_dim), which are not learned unless `freeze` is False.

        Raises: ShapeError unless there are two axes.
        """
        rows = as_tensor(embeddings)
        if rows.ndim != 2:
            raise ShapeError(
                "a table has rows of numbers", given=str(rows.shape), needed="(num_embeddings, embedding_dim)",
                fix="stack the vectors, one a row",
            )  # fmt: skip
        layer = cls(rows.shape[0], rows.shape[1], padding_idx=padding_idx)
        layer.weight = Parameter(rows.detach())
        return layer.requires_grad_(not freeze)

    def forward(self, x: Tensor) -> Tensor:
        """A vector for each index."""
        return self._rows(_indices(x, self.weight.shape[0]))

    def _rows(self, places: Tensor) -> Tensor:
        rows = self.weight[places]
        if self.padding_idx is None:
            return rows
        padding = (places == self.padding_idx).reshape(*places.shape, 1)
        return ops.where(padding, rows.detach(), rows)

    def described(self) -> str:
        """The number of rows and their length."""
        text = "{} x {}".format(*self.weight.shape)
        return text if self.padding_idx is None else f"{text}, padding_idx={self.padding_idx}"


class EmbeddingBag(Embedding):
    """The sum, mean or maximum of the embeddings of each row of indices.

    Shapes: x (n, t) integers; y (n, embedding_dim). Indices equal to `padding_idx` do not count; a bag of nothing
    else is 0.
    Raises: ShapeError for an input that is not (n, t), UsageError for another `mode`; as `Embedding` besides.
    Differs: from PyTorch in not taking one row of all bags with `offsets`: pad the bags with `padding_idx`.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, mode: str = "mean", padding_idx: int | None = None,
        *, generator: Generator | None = None,
    ) -> None:  # fmt: skip
        self.mode = checks.one_of("EmbeddingBag", "mode", mode, ("sum", "mean", "max"))
        super().__init__(num_embeddings, embedding_dim, padding_idx, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        """One vector a bag."""
        places = _indices(x, self.weight.shape[0])
        if places.ndim != 2:
            raise ShapeError(
                "each row of indices is a bag", given=str(places.shape), needed="(n, t)", fix="one bag: x[None]"
            )
        rows = self.weight[places]
        counts = (places == places) if self.padding_idx is None else (places != self.padding_idx)
        counts = counts.reshape(*places.shape, 1)
        if self.mode == "max":
            return _largest(rows, counts)
        total = ops.sum(ops.where(counts, rows, 0), 1)
        return total / ops.maximum(ops.sum(counts, 1), 1) if self.mode == "mean" else total

    def described(self) -> str:
        """The table, and what becomes of a bag."""
        return f"{super().described()}, mode={self.mode!r}"


def _largest(rows: Tensor, counts: Tensor) -> Tensor:
    largest = ops.where(counts, rows, -np.inf).max(1)
    return ops.where(ops.sum(counts, 1) > 0, largest, 0)


def _row(layer: str, row: Any, n: int) -> int | None:
    """A row of the table counted from 0. Raises: UsageError unless it is there."""
    if row is None:
        return None
    if isinstance(row, int) and not isinstance(row, bool) and -n <= row < n:
        return row % n
    raise UsageError(
        f"padding_idx of {layer} is a row of its table", given=f"padding_idx={row!r}", needed=f"{-n} to {n - 1}"
    )


def _indices(x: Any, n: int) -> Tensor:
    """The indices as an integer tensor inside the table."""
    places: Tensor = as_tensor(x)
    if places.dtype.kind not in "iu":
        raise DtypeError(
            "an embedding is looked up by integers", given=str(places.dtype), needed="int64",
            fix="number the words, and convert with .to(np.int64)",
        )  # fmt: skip
    value = places.value
    if isinstance(value, np.ndarray) and value.size and not 0 <= value.min() <= value.max() < n:  # not for a trace
        raise ShapeError(
            "an index lies outside the table", given=f"indices from {value.min()} to {value.max()}",
            needed=f"0 to {n - 1}", fix="make the table as long as the vocabulary",
        )  # fmt: skip
    return places
