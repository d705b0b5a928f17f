"""Features without correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.engine.errors import ShapeError, UsageError


@dataclass(frozen=True, eq=False)
class Whitening:
    """W (x - mean): features with covariance I, as far as eps allows. Use it as on_examples(whitening).

    mean: shape (d,). matrix: W, shape (d, d), or (k, d) for PCA with k components. Pictures are taken as rows of
    numbers, and ZCA gives pictures back.
    """

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @classmethod
    def fit(
        cls, x: Array, kind: Literal["zca", "pca"] = "zca", eps: float = 1e-2, components: int | None = None
    ) -> Whitening:
        """W = U (S + eps)^(-1/2) Uᵀ for ZCA, (S + eps)^(-1/2) Uᵀ for PCA; covariance of x = U S Uᵀ.

        eps: added to the variances, so that directions of noise are not blown up; in squared units of x.
        components: how many of the largest directions PCA keeps, by default all.
        ZCA is the whitening that moves x least, so a picture stays a picture.
        Source: Bell, Sejnowski 1997, "The 'independent components' of natural scenes are edge filters".
        """
        if kind not in ("zca", "pca") or (kind == "zca" and components is not None):
            raise UsageError("no such whitening", given=f"kind {kind!r}, {components=}", needed="zca, or pca")
        rows = x.reshape(len(x), -1).astype(np.float64)
        variances, directions = np.linalg.eigh(np.atleast_2d(np.cov(rows, rowvar=False)))
        order = np.argsort(-variances, kind="stable")[:components]
        shrunk = directions[:, order] / np.sqrt(np.maximum(variances[order], 0) + eps)
        matrix = shrunk @ directions[:, order].T if kind == "zca" else shrunk.T
        return cls(rows.mean(axis=0).astype(np.float32), matrix.astype(np.float32))

    def __call__(self, x: Array) -> NDArray[np.float32]:
        rows = x.reshape(len(x), -1)
        if rows.shape[1] != len(self.mean):
            raise ShapeError(
                "the examples are not of the kind that the whitening was fitted to",
                given=f"{rows.shape[1]} numbers each",
                needed=f"{len(self.mean)}",
            )
        white = (rows - self.mean) @ self.matrix.T
        return np.asarray(white.reshape(x.shape) if white.shape == rows.shape else white, np.float32)
