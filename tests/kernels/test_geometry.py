"""Where the numbers of a convolution lie: every product of a tap and a pixel is found once, and nothing else."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given

from descend.kernels.geometry import Geometry, Layout, backwards, forwards
from tests.kernels.convolutions import SLOWLY, geometries

Products = list[tuple[tuple[int, ...], tuple[int, ...], int]]  # of a result: source, result, number of the tap


def products(layout: Layout) -> Products:
    """Every product that is neither with padding nor for a result that there is not."""
    found = []
    for phase in layout.phases:
        for q in product(*map(range, layout.count)):
            result = tuple(np.add(phase.first, np.multiply(layout.step, q)).tolist())
            if any(np.greater_equal(result, layout.result)):
                continue
            for tap, place in phase.taps:
                padded = np.add(place, np.multiply(layout.move, q))
                assert (padded >= 0).all()
                assert (padded < layout.padded).all()
                source = tuple(np.subtract(padded, [before for before, _ in layout.pads]).tolist())
                if all(0 <= at < n for at, n in zip(source, layout.size, strict=True)):
                    found.append((source, result, tap))
    return sorted(found)


@SLOWLY
@given(g=geometries())
def test_the_way_back_has_the_same_products(g: Geometry) -> None:
    there, back = products(forwards(g)), products(backwards(g))
    assert there == sorted((result, source, tap) for source, result, tap in back)
    assert len(set(there)) == len(there)


@SLOWLY
@given(g=geometries())
def test_every_result_belongs_to_one_phase(g: Geometry) -> None:
    layout = backwards(g)
    firsts = [phase.first for phase in layout.phases]
    results = [tuple(np.add(first, np.multiply(layout.step, q))) for first in firsts
               for q in product(*map(range, layout.count))]  # fmt: skip
    assert len(set(results)) == len(results)
    assert set(product(*map(range, layout.result))) <= set(results)


def test_where_the_stride_is_one_the_way_back_is_a_convolution_of_cotangents() -> None:
    g = Geometry(2, (5, 6), 3, (3, 2), (1, 1), ((1, 0), (0, 1)), (1, 2))
    assert g.back == Geometry(3, g.places, 2, (3, 2), (1, 1), ((1, 2), (2, 1)), (1, 2))
    assert g.back.places == g.size


def test_more_padding_than_the_window_reaches_has_no_convolution_back() -> None:
    assert Geometry(1, (5, 5), 1, (3, 3), (1, 1), ((3, 0), (0, 0)), (1, 1)).back is None
    assert Geometry(1, (5, 5), 1, (3, 3), (2, 1), ((0, 0), (0, 0)), (1, 1)).back is None
