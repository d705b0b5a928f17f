"""From a picture of a digit to the 28x28 pixels that MNIST would have made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine.errors import DescendError

SIDE, BOX = 28, 20
_FAINT = 0.2  # ink below this part of the darkest is paper

Grey = NDArray[np.float64]


def digit(path: Path) -> NDArray[np.uint8]:
    """The digit in an image file. Result: uint8, shape (1, 28, 28), light ink on a dark ground.

    A file of 28x28 pixels keeps them. Any other is cropped to its ink, scaled to fit 20x20 pixels in its own
    proportions, and placed with its centre of mass in the middle. Dark ink on light paper is always inverted.
    Raises DescendError where the file is no image, or blank.
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", III.A.
    """
    ink = _light_on_dark(_grey(path))
    if ink.max() - np.median(_border(ink)) < 16:
        raise DescendError(
            f"{path} is blank",
            given=f"{ink.shape[1]}x{ink.shape[0]} pixels of one shade",
            needed="a digit, dark on light or light on dark",
            fix="write it darker, or crop the picture to it",
        )
    if ink.shape != (SIDE, SIDE):
        ink = centred(_stretched(ink))
    return np.round(ink).astype(np.uint8)[None]


def centred(ink: Grey) -> Grey:
    """Light ink on a black ground as MNIST places it: scaled to fit 20x20 pixels, its centre of mass in the middle.

    Shapes: (h, w) to (28, 28). There must be some ink.
    """
    return _placed(_boxed(ink))


def _grey(path: Path) -> Grey:
    """The picture in grey, 0 black to 255 white, turned the right way up. Shape (h, w)."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file).convert("RGBA")
    except FileNotFoundError as error:
        raise DescendError(f"there is no file {path}", fix="check the path") from error
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise DescendError(
            f"{path} cannot be read as an image",
            given=str(error),
            needed="PNG, JPEG, GIF, BMP, WebP or TIFF",
            fix="save the picture as PNG",
        ) from error
    # What is transparent is paper.
    paper = Image.new("RGBA", picture.size, "white")
    grey: Grey = np.asarray(Image.alpha_composite(paper, picture).convert("L"), np.float64)
    return grey


def _light_on_dark(grey: Grey) -> Grey:
    return 255 - grey if np.median(_border(grey)) > 127 else grey


def _border(grey: Grey) -> Grey:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _stretched(ink: Grey) -> Grey:
    """The ground brought to 0 and the strongest ink to 255: photographs have neither."""
    ground = np.median(_border(ink))
    stretched: Grey = np.clip((ink - ground) * (255 / (ink.max() - ground)), 0, 255)
    return stretched


def _boxed(ink: Grey) -> Grey:
    """The part with ink, scaled so that its longer side is 20 pixels. Shape (h, w), both at most 20."""
    from PIL import Image

    rows, columns = (np.flatnonzero((ink > _FAINT * ink.max()).any(axis=axis)) for axis in (1, 0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(ink.shape)
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    return np.asarray(Image.fromarray(ink.astype(np.float32)).resize(size, Image.Resampling.BILINEAR), np.float64)


def _placed(ink: Grey) -> Grey:
    """The same ink on 28x28 pixels, its centre of mass as near to the middle as whole pixels allow."""
    field = np.zeros((SIDE, SIDE))
    corner = [_corner(ink.sum(axis=1 - axis)) for axis in (0, 1)]
    field[corner[0] : corner[0] + ink.shape[0], corner[1] : corner[1] + ink.shape[1]] = ink
    return field


def _corner(mass: NDArray[Any]) -> int:
    # In MNIST's files the mean index of the ink is 14, give or take half a pixel: the middle lies on a pixel.
    centre = (mass * np.arange(len(mass))).sum() / mass.sum()
    return int(np.clip(round(SIDE // 2 - centre), 0, SIDE - len(mass)))
