from __future__ import annotations

from descend.engine.ops import Window
from descend.nn.window import shown


def test_equal_sizes_are_one_number_and_usual_ones_are_left_out():
    assert shown((3, 3), Window(), usual_stride=(1, 1)) == "kernel 3"
    assert shown((3, 5), Window((2, 2), (1, 0)), usual_stride=(1, 1)) == "kernel (3, 5), stride 2, padding (1, 0)"
    assert shown((2, 2), Window((1, 1))) == "kernel 2, stride 1"
