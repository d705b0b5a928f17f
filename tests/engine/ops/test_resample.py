"""Interpolation, adaptive pooling, pixels and channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import UsageError, ops
from tests.engine.ops.agreement import agrees, distinct, real
from tests.engine.ops.refusal import check_refused

OLD = {1: (7,), 2: (5, 6), 3: (3, 4, 2)}
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
ADAPTIVE_AVG = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}
ADAPTIVE_MAX = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}


def sizes(d: int) -> Any:
    return st.tuples(*[st.integers(1, 9)] * d)


@settings(max_examples=20)
@given(st.integers(1, 3), st.booleans(), st.data())
def test_linear_interpolation_is_pytorch_s(d: int, corners: bool, data: st.DataObject) -> None:
    size, mode = data.draw(sizes(d)), LINEAR[d]
    agrees(
        lambda x: ops.interpolate(x, size, mode=mode, align_corners=corners),
        lambda x: F.interpolate(x, size, mode=mode, align_corners=corners), real(2, 2, *OLD[d]),
    )  # fmt: skip


@settings(max_examples=20)
@given(st.integers(1, 3), st.data())
def test_the_nearest_pixel_is_pytorch_s(d: int, data: st.DataObject) -> None:
    size = data.draw(sizes(d))
    agrees(lambda x: ops.interpolate(x, size), lambda x: F.interpolate(x, size), real(2, 2, *OLD[d]))


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("scale", [2, 3, (2, 1), 0.5])
def test_scale_factors(mode: str, scale: Any) -> None:
    agrees(
        lambda x: ops.interpolate(x, scale_factor=scale, mode=mode),
        lambda x: F.interpolate(x, scale_factor=scale, mode=mode), real(1, 2, 4, 6),
    )  # fmt: skip


def test_whole_numbers_stay_whole_numbers() -> None:
    x = np.arange(4).reshape(1, 1, 2, 2)
    assert ops.interpolate(x, 3).dtype == np.int64
    assert ops.interpolate(x, 3, mode="bilinear").dtype == np.float32


@settings(max_examples=20)
@given(st.integers(1, 3), st.data())
def test_adaptive_pooling_is_pytorch_s(d: int, data: st.DataObject) -> None:
    size = data.draw(sizes(d))
    agrees(lambda x: ops.adaptive_avg_pool(x, size), lambda x: ADAPTIVE_AVG[d](x, size), real(2, 2, *OLD[d]))
    agrees(lambda x: ops.adaptive_max_pool(x, size), lambda x: ADAPTIVE_MAX[d](x, size), distinct(2, 2, *OLD[d]))


def test_an_axis_may_be_left_as_it_is() -> None:
    agrees(
        lambda x: ops.adaptive_avg_pool(x, (None, 2)), lambda x: F.adaptive_avg_pool2d(x, (None, 2)), real(2, 2, 5, 6)
    )
    assert ops.adaptive_max_pool(real(2, 2, 5, 6), 3).shape == (2, 2, 3, 3)


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_pixels_and_channels(factor: int) -> None:
    x = real(2, 2 * factor**2, 3, 5)
    agrees(lambda x: ops.pixel_shuffle(x, factor), lambda x: F.pixel_shuffle(x, factor), x)
    y = real(2, 2, 3 * factor, 5 * factor)
    agrees(lambda x: ops.pixel_unshuffle(x, factor), lambda x: F.pixel_unshuffle(x, factor), y)


@pytest.mark.parametrize("call", [
    lambda: ops.interpolate(real(1, 1, 4), (3, 3)), lambda: ops.interpolate(real(1, 1, 4), 0),
    lambda: ops.interpolate(real(1, 1, 4), scale_factor=0.1), lambda: ops.adaptive_avg_pool(real(1, 1, 4), 0),
    lambda: ops.adaptive_avg_pool(real(1, 4), 2), lambda: ops.adaptive_max_pool(real(1, 1, 4, 4), (2, 2, 2)),
    lambda: ops.adaptive_avg_pool(real(1, 1, 0), 2), lambda: ops.pixel_shuffle(real(1, 3, 2, 2), 2),
    lambda: ops.pixel_shuffle(real(4, 2, 2), 2), lambda: ops.pixel_unshuffle(real(1, 1, 3, 4), 2),
])  # fmt: skip
def test_what_does_not_fit_is_refused(call: Any) -> None:
    check_refused(call)


@pytest.mark.parametrize("options", [{}, {"size": 2, "scale_factor": 2.0}, {"size": 2, "mode": "bilinaer"}])
def test_one_size_and_a_known_way_are_needed(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        ops.interpolate(real(1, 1, 4, 4), **options)
    assert caught.value.fix
