"""Luma and chroma: brightness apart from colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array

RGB_TO_YUV = np.array([[0.299, 0.587, 0.114], [-0.14713, -0.28886, 0.436], [0.615, -0.51499, -0.10001]], np.float64)
"""Rows: luma Y, chroma U and V. Source: ITU-R BT.601, section 2.5."""

YUV_TO_RGB = np.linalg.inv(RGB_TO_YUV)


def rgb_to_yuv(x: Array) -> NDArray[np.float32]:
    """Red, green, blue as luma and two chromas. x: shape (n, 3, h, w), in [0, 1]; so is Y, U and V are around 0."""
    return _mixed(RGB_TO_YUV, x)


def yuv_to_rgb(x: Array) -> NDArray[np.float32]:
    """The way back."""
    return _mixed(YUV_TO_RGB, x)


def _mixed(matrix: Array, x: Array) -> NDArray[np.float32]:
    return np.asarray(np.einsum("dc,nchw->ndhw", matrix, x), np.float32)
