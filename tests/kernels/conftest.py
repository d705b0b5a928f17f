"""Where the tests keep compiled kernels, and how they call one."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import pytest

from descend.kernels import jit

SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
Run = Callable[..., None]


@pytest.fixture(autouse=True)
def kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """One folder for all tests and all their runs: what was compiled once is found again."""
    monkeypatch.setenv("DESCEND_KERNELS", str(Path(gettempdir()) / "descend-test-kernels"))


@pytest.fixture
def run() -> Run:
    """Compile the IR and call its function, as one thread or as several one after the other."""

    def call(name: str, source: str, *arguments: int | np.ndarray, threads: int = 1) -> None:
        kernel = SIGNATURE(jit.address(name, source))
        table = np.array([x.ctypes.data if isinstance(x, np.ndarray) else x for x in arguments], np.int64)
        for thread in range(threads):
            kernel(table.ctypes.data, thread, threads)

    return call
