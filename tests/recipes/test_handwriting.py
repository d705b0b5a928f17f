from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from descend.data import load
from descend.engine.errors import DescendError
from descend.recipes.handwriting import digit

DIGITS = load("digits").test.x[:20, 0]


def _saved(folder: Path, pixels: NDArray[np.uint8], name: str = "digit.png") -> Path:
    Image.fromarray(pixels).save(folder / name)
    return folder / name


@pytest.mark.parametrize("image", DIGITS[:5])
def test_28x28_pixels_are_kept_and_dark_ink_is_inverted(image: NDArray[np.uint8], tmp_path: Path) -> None:
    assert np.array_equal(digit(_saved(tmp_path, image)), image[None])
    assert np.array_equal(digit(_saved(tmp_path, 255 - image)), image[None])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    index=st.integers(0, len(DIGITS) - 1),
    left=st.integers(1, 60),
    top=st.integers(1, 60),
    room=st.integers(30, 90),
    dark=st.booleans(),
)
def test_where_the_digit_stands_and_its_polarity_do_not_matter(
    index: int, left: int, top: int, room: int, dark: bool, tmp_path: Path
) -> None:
    page = np.zeros((top + 28 + room, left + 28 + room), np.uint8)
    page[top : top + 28, left : left + 28] = DIGITS[index]
    alone = np.pad(DIGITS[index], 1)
    found = digit(_saved(tmp_path, 255 - page if dark else page))
    assert found.shape == (1, 28, 28)
    assert found.dtype == np.uint8
    assert np.array_equal(found, digit(_saved(tmp_path, alone)))


def _enlarged(folder: Path, image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What becomes of a digit of MNIST that is shown large, dark on light. Shape (28, 28)."""
    large = np.asarray(Image.fromarray(image).resize((203, 203), Image.Resampling.BICUBIC))
    return digit(_saved(folder, 255 - large))[0].astype(np.float64)


@pytest.mark.parametrize("image", DIGITS)
def test_a_digit_is_centred_and_boxed_as_those_of_mnist_are(image: NDArray[np.uint8], tmp_path: Path) -> None:
    ink = _enlarged(tmp_path, image)
    rows, columns = (np.flatnonzero((ink > 50).any(axis=axis)) for axis in (1, 0))
    assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    # As in MNIST's own files: there the mean index of the ink is 14, give or take half a pixel.
    centre = [(ink.sum(axis=1 - axis) * np.arange(28)).sum() / ink.sum() for axis in (0, 1)]
    assert np.abs(np.array(centre) - 14).max() <= 0.51


def test_an_enlarged_digit_of_mnist_comes_back(tmp_path: Path) -> None:
    gaps = [np.abs(_enlarged(tmp_path, image) - image).mean() for image in DIGITS]
    assert np.mean(gaps) < 10  # of 255; half a pixel to the side makes 15


def test_what_is_transparent_is_paper(tmp_path: Path) -> None:
    ink = np.zeros((40, 40, 4), np.uint8)
    ink[8:32, 18:22, 3] = 255
    Image.fromarray(ink).save(tmp_path / "ink.png")
    opaque = np.full((40, 40), 255, np.uint8)
    opaque[8:32, 18:22] = 0
    assert np.array_equal(digit(tmp_path / "ink.png"), digit(_saved(tmp_path, opaque)))


def test_a_photograph_lying_on_its_side_is_turned(tmp_path: Path) -> None:
    upright = Image.fromarray(255 - np.asarray(Image.fromarray(DIGITS[0]).resize((112, 112))))
    upright.save(tmp_path / "upright.png")
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    exif = turned.getexif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise
    turned.save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(digit(tmp_path / "turned.png"), digit(tmp_path / "upright.png"))


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_page_is_refused(shade: int, tmp_path: Path) -> None:
    with pytest.raises(DescendError, match="is blank"):
        digit(_saved(tmp_path, np.full((50, 60), shade, np.uint8)))


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("a digit")
    with pytest.raises(DescendError, match="cannot be read as an image"):
        digit(tmp_path / "notes.png")
    whole = _saved(tmp_path, DIGITS[0]).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DescendError, match="cannot be read as an image"):
        digit(tmp_path / "cut.png")
    with pytest.raises(DescendError, match="cannot be read as an image"):
        digit(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DescendError, match=r"no file .*seven\.png"):
        digit(tmp_path / "seven.png")
