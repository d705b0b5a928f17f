"""Eager evaluation by kernels gives what NumPy's gives, and the same bits everywhere."""

from __future__ import annotations

import os
import signal
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from descend.compiler import compile, eager
from descend.compiler.executors import native
from descend.engine import (
    PRIMITIVES,
    Costly,
    NonFiniteError,
    ShapeError,
    Tensor,
    check_gradients,
    detect_anomaly,
    from_numpy,
    ops,
    reference,
)
from descend.kernels import jit
from tests.compiler.programs import MODELS, OPTIMIZERS, Training, applied, batches, samples, trajectory

COSTLY = [primitive for primitive in PRIMITIVES.values() if isinstance(primitive, Costly)]
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}
WITH_KERNELS = ["conv2d", "conv2d_input", "conv2d_weight", "max_pool", "pool_places", "pool_put", "pool_sum"]


@pytest.fixture(autouse=True)
def by_kernels(by_meaning: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kernels are used whatever the size."""
    for kind in {Costly, *map(type, COSTLY)}:
        monkeypatch.setattr(kind, "large", 0)
    eager._program.cache_clear()
    with reference(False):
        yield
    eager._program.cache_clear()


def programs() -> int:
    return eager._program.cache_info().currsize


def image(*shape: int) -> Tensor:
    return from_numpy(np.random.default_rng(0).standard_normal(shape).astype(np.float32))


def convolved(x: Tensor) -> Tensor:
    return ops.conv2d(x, image(5, x.shape[1], 3, 3), ops.sliding((3, 3), 1, 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [primitive.name for primitive in COSTLY])
def test_every_costly_primitive_agrees_with_its_meaning(name: str, dtype: type) -> None:
    for arrays, attributes in samples(name, dtype):
        found = applied(PRIMITIVES[name], attributes)(*map(from_numpy, arrays)).numpy()
        wanted = PRIMITIVES[name].evaluate(*arrays, **attributes)
        assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE[dtype] * np.abs(wanted).max(initial=1))


@pytest.mark.parametrize("name", WITH_KERNELS)
def test_a_kernel_is_used_where_there_is_one(name: str) -> None:
    arrays, attributes = next(samples(name, np.float32))
    assert isinstance(eager.faster(PRIMITIVES[name], tuple(arrays), attributes), eager.Program)


@pytest.mark.parametrize("model", ["lenet", "recurrent"])
def test_interpret_is_eager_bit_for_bit(model: str) -> None:
    data = batches(3)
    alone, interpreted = (Training(MODELS[model], OPTIMIZERS["momentum"]) for _ in range(2))
    step = compile(interpreted.step, executor="interpret")
    for a, b in zip(trajectory(alone, alone.step, data), trajectory(interpreted, step, data), strict=True):
        assert all(np.array_equal(a[name], b[name]) for name in a)


def test_a_training_step_is_numpy_s_to_rounding() -> None:
    data = batches(3)
    with reference():
        plain = Training(MODELS["lenet"], OPTIMIZERS["momentum"])
        wanted = trajectory(plain, plain.step, data)[-1]
    assert not programs()
    quick = Training(MODELS["lenet"], OPTIMIZERS["momentum"])
    found = trajectory(quick, quick.step, data)[-1]
    assert programs()
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=1e-5 * max(1, np.abs(wanted[name]).max()))


def test_gradients_are_those_of_the_function() -> None:
    x, w = (np.random.default_rng(i).standard_normal(n) for i, n in enumerate([(2, 3, 6, 5), (4, 3, 3, 3)]))
    check_gradients(lambda x, w: ops.max_pool(ops.conv2d(x, w), (2, 2), ops.sliding((2, 2), 2)), x, w)
    assert programs()


def test_any_number_of_threads_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "WORTH_THREADS", 0.0)
    found = []
    for count in ("1", "2", "5"):
        monkeypatch.setenv("DESCEND_THREADS", count)
        eager._program.cache_clear()
        training = Training(MODELS["lenet"], OPTIMIZERS["Adam"])
        found.append(trajectory(training, training.step, batches(4))[-1])
    for name in found[0]:
        assert all(np.array_equal(found[0][name], other[name]) for other in found)


def test_results_are_arrays_of_their_own() -> None:
    first = convolved(image(2, 3, 8, 8)).numpy()
    before = first.copy()
    second = convolved(image(2, 3, 8, 8) * 2).numpy()
    assert not np.shares_memory(first, second)
    assert np.array_equal(first, before)
    assert programs() == 1


def test_no_array_is_kept_when_its_tensor_is_gone() -> None:
    arrays, attributes = next(samples("max_pool", np.float32))
    program = eager.faster(PRIMITIVES["max_pool"], tuple(arrays), attributes)
    freed = weakref.ref(program(*arrays).base)
    assert freed() is None


def test_inputs_need_not_be_contiguous() -> None:
    x = image(2, 8, 8, 3)
    turned = ops.permute(x, (0, 3, 1, 2))
    assert np.array_equal(convolved(turned).numpy(), convolved(ops.copy(turned)).numpy())


def test_threads_of_python_do_not_disturb_each_other() -> None:
    inputs = [image(3, 4, 9, 9) * (i + 1) for i in range(4)]
    wanted = [convolved(x).numpy() for x in inputs]
    with ThreadPoolExecutor(4) as pool:
        for found in (list(pool.map(convolved, inputs)) for _ in range(20)):
            assert all(np.array_equal(a.numpy(), b) for a, b in zip(found, wanted, strict=True))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "WORTH_THREADS", 0.0)
    monkeypatch.setenv("DESCEND_THREADS", "2")
    x = image(2, 3, 8, 8)
    for _ in range(4):  # with one thread and with two, in turns
        convolved(x)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)  # a child that waits for its parent's threads would wait for ever
        found = [convolved(x).numpy().sum() for _ in range(4)]
        os._exit(7 if np.isfinite(found).all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_what_does_not_fit_is_refused_as_by_numpy() -> None:
    said = []
    for on in (True, False):
        with reference(on), pytest.raises(ShapeError) as refused:
            ops.conv2d(image(1, 3, 8, 8), image(2, 4, 3, 3))
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_an_infinity_is_found_by_the_anomaly_mode() -> None:
    x = Tensor(np.full((1, 1, 4, 4), 3e38, np.float32))
    with detect_anomaly(), pytest.raises(NonFiniteError, match="conv2d made an infinity"):
        ops.conv2d(x, Tensor(np.ones((1, 1, 2, 2), np.float32)))


def test_numpy_computes_what_has_no_kernel() -> None:
    whole = Tensor(np.arange(16).reshape(1, 1, 4, 4))
    assert ops.max_pool(whole, (2, 2), ops.sliding((2, 2), 2)).tolist() == [[[[5, 7], [13, 15]]]]
    at = {"kernel": [2, 2], "window": ops.sliding((2, 2), 2)}
    assert eager.faster(PRIMITIVES["max_pool"], (np.zeros((1, 1, 4, 4), np.float32),), at) is None


def test_without_llvmlite_numpy_computes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "available", lambda: False)
    x = image(2, 3, 8, 8)
    found = convolved(x)
    with reference():
        assert np.array_equal(found.numpy(), convolved(x).numpy())
