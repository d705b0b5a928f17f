"""Slices and transpositions walked step by step give what NumPy gives."""

from __future__ import annotations

import numpy as np
import pytest

from descend.compiler.compile import Compiled
from descend.engine import Tensor, from_numpy, grad, ops

KEYS = [
    (2,), (slice(1, 4),), (slice(None), slice(2, 5)), (slice(None, None, -1), 3), (Ellipsis, 0), (1, 2, 3),
    (None, slice(None, None, 2)), (slice(None), slice(None), slice(3, 0, -2)), (slice(1, 1),),
    (slice(4, None), Ellipsis, slice(1, None)),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.bool_])
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_slice_and_its_adjoint(key: tuple, dtype: type) -> None:
    x = (np.random.default_rng(0).standard_normal((5, 6, 7)) * 3).astype(dtype)
    run = Compiled(lambda x: x[key], "native")
    assert np.array_equal(run(from_numpy(x)).numpy(), x[key])
    if np.dtype(dtype).kind == "f":
        slope = Compiled(grad(lambda x: (x[key] * x[key]).sum()), "native")
        wanted = np.zeros_like(x)
        wanted[key] = 2 * x[key]
        assert np.array_equal(slope(from_numpy(x)).numpy(), wanted)


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (0, 2, 1), (2, 0, 1)])
def test_every_transposition(axes: tuple[int, ...]) -> None:
    x = np.arange(60, dtype=np.float64).reshape(3, 4, 5)
    run = Compiled(lambda x: ops.permute(x, axes), "native")
    assert np.array_equal(run(from_numpy(x)).numpy(), x.transpose(axes))


def test_any_number_of_threads_writes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from descend.compiler.executors import native

    monkeypatch.setattr(native, "WORTH_THREADS", 0.0)
    monkeypatch.setenv("DESCEND_THREADS", "3")
    x = np.arange(210, dtype=np.float32).reshape(5, 6, 7)
    for key in KEYS:
        slope = Compiled(grad(lambda x, key=key: (x[key] * x[key]).sum()), "native")
        for _ in range(8):  # one thread and three, in turns
            found = slope(Tensor(x)).numpy()
            wanted = np.zeros_like(x)
            wanted[key] = 2 * x[key]
            assert np.array_equal(found, wanted)
