"""Winograd's convolutions of every size, beside NumPy's in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from descend.engine import PRIMITIVES
from descend.engine.ops import Window
from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.geometry import Geometry
from descend.kernels.winograd import Winograd, cut_of, winograd

ONE = (1, 1)
PADS = st.tuples(st.integers(0, 2), st.integers(0, 2))


@st.composite
def geometries(draw, strides: tuple[int, ...] = (1, 1, 2, 4)) -> Geometry:
    """Any number of channels and results, and images that windows cover without a rest."""
    stride, taps = draw(st.sampled_from(strides)), draw(st.sampled_from([2, 3, 5]))
    pads, places = draw(st.tuples(PADS, PADS)), draw(st.tuples(*[st.integers(2, 18 // stride)] * 2))
    kernel = stride * taps
    size = tuple(stride * (n - 1) + kernel - sum(pair) for n, pair in zip(places, pads, strict=True))
    assume(min(size) > 0)
    channels, out = draw(st.integers(1, 35)), draw(st.sampled_from([1, 3, 16, 32, 37]))
    return Geometry(channels, size, out, (kernel, kernel), (stride, stride), pads, ONE)


SLOWLY = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def drawn(g: Geometry, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, weights, cotangents."""
    rng = np.random.default_rng(0)
    shapes = (n, g.channels, *g.size), (g.out, g.channels, *g.kernel), (n, g.out, *g.places)
    x, w, y = (rng.standard_normal(shape).astype(np.float32) for shape in shapes)
    return x, w, y


def computed(run, kernel: Winograd, g: Geometry, arrays: tuple[np.ndarray, ...], result: tuple, threads: int = 1):
    numbers = kernel.numbers(len(arrays[0]), g)
    room = np.frombuffer(b"\xff" * (numbers["room"] * threads), np.uint8).copy()  # NaN wherever nothing was written
    edge = 64
    found = np.full(int(np.prod(result)) + edge, np.nan, np.float32)
    run("winograd", kernel.source(), *numbers.values(), *arrays, found, room, threads=threads)
    assert np.isnan(found[-edge:]).all()  # nothing was written behind the result
    return found[:-edge].reshape(result)


def exact(name: str, g: Geometry, *arrays: np.ndarray, **attributes) -> np.ndarray:
    wide = [x.astype(np.float64) for x in arrays]
    return PRIMITIVES[name].evaluate(*wide, window=Window(g.stride, g.pads, g.dilation), groups=1, **attributes)


def close(found: np.ndarray, wanted: np.ndarray) -> None:
    # The change of basis costs accuracy: 5e-5 of the largest element, where direct sums keep 1e-5.
    np.testing.assert_allclose(found, wanted, rtol=0, atol=5e-5 * max(1, np.abs(wanted).max(initial=0)))


def kernel(what: str, g: Geometry, vector_bytes: int = 0) -> Winograd:
    return cut_of(what, g, vector_bytes or jit.target().vector_bytes)


@SLOWLY
@given(g=geometries(), n=st.integers(0, 3), threads=st.integers(1, 3))
def test_the_convolution(run, g: Geometry, n: int, threads: int) -> None:
    x, w, y = drawn(g, n)
    close(computed(run, kernel("conv", g), g, (x, w), y.shape, threads), exact("conv2d", g, x, w))


@SLOWLY
@given(g=geometries(), n=st.integers(0, 3), threads=st.integers(1, 3))
def test_the_gradient_of_the_weights(run, g: Geometry, n: int, threads: int) -> None:
    x, w, y = drawn(g, n)
    found = computed(run, kernel("weight", g), g, (x, y), w.shape, threads)
    close(found, exact("conv2d_weight", g, x, y, kernel=g.kernel))


@SLOWLY
@given(g=geometries((1,)), n=st.integers(0, 3), threads=st.integers(1, 3))
def test_turned_weights_give_the_gradient_of_the_input(run, g: Geometry, n: int, threads: int) -> None:
    assume(g.back is not None)
    x, w, y = drawn(g, n)
    found = computed(run, kernel("turned", g), g, (y, w), x.shape, threads)
    close(found, exact("conv2d_input", g, w, y, size=g.size))


@SLOWLY
@given(g=geometries(), n=st.integers(0, 3), threads=st.integers(1, 3))
def test_read_backwards_it_gives_the_gradient_of_the_input(run, g: Geometry, n: int, threads: int) -> None:
    x, w, y = drawn(g, n)
    found = computed(run, kernel("back", g), g, (y, w), x.shape, threads)
    close(found, exact("conv2d_input", g, w, y, size=g.size))


LARGE = Geometry(17, (61, 70), 33, (3, 3), ONE, ((1, 1), (1, 1)), ONE)  # more tiles than are in a block


MANY = Geometry(19, (16, 16), 35, (4, 4), (2, 2), (ONE, ONE), ONE)  # several images in a block, and a last one


@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
@pytest.mark.parametrize("g", [LARGE, MANY], ids=["lines of many tiles", "many images"])
def test_registers_of_every_width_and_images_of_many_blocks(run, g: Geometry, vector_bytes: int) -> None:
    x, w, y = drawn(g, 2 if g is LARGE else 21)
    close(computed(run, kernel("conv", g, vector_bytes), g, (x, w), y.shape), exact("conv2d", g, x, w))
    found = computed(run, kernel("weight", g, vector_bytes), g, (x, y), w.shape)
    close(found, exact("conv2d_weight", g, x, y, kernel=g.kernel))
    found = computed(run, kernel("back", g, vector_bytes), g, (y, w), x.shape)
    close(found, exact("conv2d_input", g, w, y, size=g.size))


def test_the_three_are_the_derivatives_of_one_form(run) -> None:
    """<conv(x, w), g> = <x, gradient of the input> = <w, gradient of the weights>."""
    g = Geometry(19, (13, 11), 35, (5, 5), ONE, ((2, 2), (2, 2)), ONE)
    x, w, y = drawn(g, 3)
    products = [
        np.vdot(computed(run, kernel("conv", g), g, (x, w), y.shape).astype(np.float64), y),
        np.vdot(computed(run, kernel("turned", g), g, (y, w), x.shape).astype(np.float64), x),
        np.vdot(computed(run, kernel("weight", g), g, (x, y), w.shape).astype(np.float64), w),
    ]
    np.testing.assert_allclose(products, products[0], rtol=0, atol=5e-5 * np.linalg.norm(y) * np.linalg.norm(x))


FEW = Geometry(18, (4, 8), 70, (4, 4), (2, 2), (ONE, ONE), ONE)  # fewer tiles than output channels
SHARED = {"by images": Geometry(18, (9, 12), 20, (3, 3), ONE, (ONE, ONE), ONE), "by channels": FEW}


@pytest.mark.parametrize("g", SHARED.values(), ids=SHARED)
@pytest.mark.parametrize("what", ["conv", "back", "weight"])
def test_any_number_of_threads_gives_the_same_bits(run, what: str, g: Geometry) -> None:
    x, w, y = drawn(g, 15)
    arrays, result = {"conv": ((x, w), y), "back": ((y, w), x), "weight": ((x, y), w)}[what]
    assert what == "weight" or kernel(what, g).numbers(len(x), g)["apart"] == (g is FEW)
    alone = computed(run, kernel(what, g), g, arrays, result.shape)
    for threads in (2, 3, 16):
        assert np.array_equal(alone, computed(run, kernel(what, g), g, arrays, result.shape, threads))


def test_it_is_used_where_it_pays() -> None:
    def found(kind: str = FLOAT, n: int = 1, what: str = "conv", **changes) -> Winograd | None:
        settings = {"channels": 32, "size": (16, 16), "out": 32, "kernel": (3, 3), "stride": ONE, "dilation": ONE}
        return winograd(what, kind, n, Geometry(**(settings | {"pads": (ONE, ONE)} | changes)), 32)

    assert found() is not None
    assert found(kernel=(5, 5)) is not None
    assert found(n=4, size=(8, 8)) is not None
    assert found(n=4, kernel=(4, 4), stride=(2, 2)) is not None
    assert found(DOUBLE) is None
    refused = [
        {"channels": 3}, {"out": 8}, {"stride": (2, 1)}, {"dilation": (1, 2)}, {"groups": 2}, {"kernel": (3, 5)},
        {"kernel": (1, 1)}, {"size": (2, 2)}, {"size": (8, 8)}, {"n": 0}, {"n": 4, "stride": (2, 2)},
        {"n": 4, "kernel": (4, 4), "stride": (2, 2), "size": (17, 16)},  # the last line is seen by no window
    ]  # fmt: skip
    assert all(found(**change) is None for change in refused)
    ways = [
        ({}, "turned"),
        ({"size": (10, 10), "pads": ((0, 0),) * 2}, "back"),
        ({"kernel": (4, 4), "stride": (2, 2)}, "back"),
    ]
    for changes, way in ways:
        gradient = found(n=4, what="input", **changes)
        assert gradient is not None
        assert gradient.what == way


def test_panels_are_narrow_where_a_thread_would_have_all_weights() -> None:
    def across(what: str, channels: int, out: int) -> int:
        return cut_of(what, Geometry(channels, (16, 16), out, (3, 3), ONE, (ONE, ONE), ONE), 64).across

    assert [across("conv", 16, out) for out in (16, 17, 32)] == [1, 2, 2]
    assert [across("turned", channels, 32) for channels in (16, 17)] == [1, 2]
    assert [across("weight", 16, out) for out in (16, 32, 33)] == [1, 1, 2]
