"""Pictures as arrays, through Pillow."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from descend.data.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".pgm", ".ppm", ".tif", ".tiff", ".webp"})
_GREY = frozenset({"1", "L", "LA", "I;16", "I;16L", "I;16B"})


def decode(
    file: Path | bytes, name: str, *, colour: bool | None = None, size: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """The picture as uint8 of shape (c, h, w): c = 1 for grey, 3 for colour; transparency is dropped.

    A photograph is turned as its camera noted (EXIF). colour: what it is made into, by default what it is.
    size: (h, w) that it is resized to, bilinear. Raises DataError, naming the file, for what is no whole picture.
    """
    # Imported here: most programs read no pictures.
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as opened:
                # In place: otherwise pictures without a note are copied.
                ImageOps.exif_transpose(opened, in_place=True)
                grey = opened.mode in _GREY if colour is None else not colour
                picture = _bytes(opened).convert("L" if grey else "RGB")
    except UnidentifiedImageError:
        raise DataError(f"{name} is not a picture", needed="PNG, JPEG or another format that Pillow reads") from None
    except (OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError) as error:
        raise DataError(f"{name} is damaged, cut short or too large", given=str(error)) from error
    if size is not None:
        picture = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    pixels = np.asarray(picture, np.uint8)
    return pixels[None] if grey else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _bytes(picture: Image) -> Image:
    """The picture with 8 bits for each value: of 16, the upper half. Pillow's own way cuts off what is above 255.

    ValueError for numbers of 32 bits: what is black and what is white in them is not said.
    """
    if picture.mode in ("I", "F"):
        raise ValueError("it has 32 bits for each value")
    if not picture.mode.startswith("I;16"):
        return picture
    from PIL.Image import fromarray

    return fromarray((np.asarray(picture) >> 8).astype(np.uint8))
