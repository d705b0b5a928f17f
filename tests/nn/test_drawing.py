from __future__ import annotations

import re

from descend.nn.drawing import chain, layer, listed, page, side, straight


def box(detail: str = "", learned: int = 0):
    return layer(("Kind", "name"), detail, learned, "")


def test_a_column_is_as_wide_as_its_widest_piece_and_higher_than_all_together():
    pieces = [box(), box("a setting that is quite long, and another one")]
    column, close = chain(pieces, ["5 × 3"]), listed(pieces)
    assert column.width == max(piece.width for piece in pieces)
    assert column.height > close.height > sum(piece.height for piece in pieces)


def test_a_row_is_wider_than_its_pieces_together():
    row = side([box(), straight(), box("x")], "+")
    assert row.width > 2 * box().width + straight().width
    assert row.height > box("x").height


def test_long_settings_are_broken_after_commas():
    assert box(", ".join(["setting=1"] * 12)).height > box("setting=1").height
    assert box(", ".join(["setting=1"] * 12)).width < 400


def test_what_is_drawn_moves_with_its_corner():
    first, moved = ("".join(box("s", 5).at(*corner)) for corner in ((0.0, 0.0), (10.0, 0.0)))
    numbers = lambda text: [float(n) for n in re.findall(r' x="([\d.]+)"', text)]
    assert [b - a for a, b in zip(numbers(first), numbers(moved), strict=True)] == [10.0] * len(numbers(first))


def test_words_from_outside_are_escaped():
    svg = page(layer(("<b>", 'a"&'), "<script>", 0, ""), "", "")
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_the_page_uses_no_colour_that_belongs_to_the_data():
    colours = re.findall(r"#([0-9a-f]{6})", page(box(), "", ""))
    for colour in colours:
        channels = [int(colour[i : i + 2], 16) for i in (0, 2, 4)]
        assert max(channels) - min(channels) < 24, f"#{colour} is not a grey"
