"""The values of pictures between their pixels."""

from __future__ import annotations

import numpy as np

from descend.data.checks import Array


def bilinear(x: Array, rows: Array, columns: Array, fill: float = 0.0) -> Array:
    """The pictures at fractional places: the mean of the four pixels around, weighted by nearness; `fill` outside.

    x: shape (b, c, h, w). rows, columns: places counted from pixel (0, 0), shape (b, h', w').
    The result: shape (b, c, h', w') with the dtype of x; bytes are rounded.
    """
    b, c, h, w = x.shape
    exact = np.float64 if x.dtype == np.float64 else np.float32
    # One pixel of `fill` around: every place, held to the frame, has four neighbours.
    frame = ((0, 0), (0, 0), (1, 1), (1, 1))
    planes = np.pad(x.transpose(1, 0, 2, 3), frame, constant_values=fill).reshape(c, -1)
    rows, columns = (np.clip(p + 1, 0, n + 1).astype(exact) for p, n in ((rows, h), (columns, w)))
    top, left = np.minimum(rows.astype(np.intp), h), np.minimum(columns.astype(np.intp), w)
    down, right = rows - top.astype(exact), columns - left.astype(exact)
    corner = (np.arange(b)[:, None, None] * (h + 2) + top) * (w + 2) + left
    values = np.zeros((b, c, *rows.shape[1:]), exact)
    for step, weight in (
        (0, (1 - down) * (1 - right)), (1, (1 - down) * right), (w + 2, down * (1 - right)), (w + 3, down * right),
    ):  # fmt: skip
        place = corner + step
        # Plane by plane: twice as fast as all colours of a place at once.
        for k, plane in enumerate(planes):
            values[:, k] += plane.take(place) * weight
    return np.rint(values).astype(x.dtype) if x.dtype.kind in "ui" else values.astype(x.dtype, copy=False)
