from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from descend.data import DataError
from descend.data.formats.pictures import decode

rng = np.random.default_rng(0)
COLOUR, GREY = rng.integers(0, 256, (6, 5, 3), np.uint8), rng.integers(0, 256, (6, 5), np.uint8)


def encoded(pixels: np.ndarray, kind: str = "png", **choices: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **choices)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff"])
def test_what_loses_nothing_gives_the_pixels(kind):
    assert np.array_equal(decode(encoded(COLOUR, kind), "x"), COLOUR.transpose(2, 0, 1))
    assert np.array_equal(decode(encoded(GREY, kind), "x"), GREY[None])


def test_jpeg_gives_about_the_pixels():
    smooth = np.add.outer(np.arange(32), np.arange(32)).astype(np.uint8) * 4
    made = decode(encoded(smooth, "jpeg", quality=95), "x")
    assert made.shape == (1, 32, 32)
    assert np.abs(made[0].astype(int) - smooth).max() < 12


def test_colours_are_made_as_asked():
    assert np.array_equal(decode(encoded(GREY), "x", colour=True), np.repeat(GREY[None], 3, axis=0))
    assert decode(encoded(COLOUR), "x", colour=False).shape == (1, 6, 5)


def test_of_sixteen_bits_the_upper_half_is_kept():
    deep = rng.integers(0, 2**16, (6, 5), np.uint16)
    assert np.array_equal(decode(encoded(deep), "x"), (deep >> 8).astype(np.uint8)[None])


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_of_thirty_two_bits_it_is_not_said_what_is_white(dtype):
    with pytest.raises(DataError, match="32 bits"):
        decode(encoded(GREY.astype(dtype), "tiff"), "x")


def test_palettes_and_transparency_become_colours():
    palette = io.BytesIO()
    Image.fromarray(COLOUR).quantize(200).save(palette, "png")
    assert decode(palette.getvalue(), "x").shape == (3, 6, 5)
    clear = np.dstack([COLOUR, np.full((6, 5), 9, np.uint8)])
    assert np.array_equal(decode(encoded(clear), "x"), COLOUR.transpose(2, 0, 1))


def test_a_size_is_height_and_width():
    assert decode(encoded(COLOUR), "x", size=(3, 9)).shape == (3, 3, 9)


def test_a_photograph_is_turned_as_its_camera_noted():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    made = decode(encoded(COLOUR, exif=exif.tobytes()), "x")
    assert np.array_equal(made, np.rot90(COLOUR, -1).transpose(2, 0, 1))


@pytest.mark.parametrize("part", [0.6, 0.9])
def test_a_picture_that_is_cut_short_is_named(part):
    data = encoded(rng.integers(0, 256, (40, 40, 3), np.uint8))
    with pytest.raises(DataError, match=r"^cat\.png is damaged"):
        decode(data[: int(part * len(data))], "cat.png")


@pytest.mark.parametrize("data", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_named(data):
    with pytest.raises(DataError, match=r"^cat\.png is"):
        decode(data, "cat.png")


def test_a_picture_too_large_for_memory_is_refused(monkeypatch):
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 10)
    with pytest.raises(DataError, match="too large"):
        decode(encoded(COLOUR), "cat.png")


def test_a_path_is_read(tmp_path):
    (tmp_path / "x.png").write_bytes(encoded(GREY))
    assert np.array_equal(decode(tmp_path / "x.png", "x"), GREY[None])
    with pytest.raises(DataError, match="gone"):
        decode(tmp_path / "gone.png", "gone.png")
