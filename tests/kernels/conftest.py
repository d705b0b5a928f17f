"""How the tests call a kernel."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np
import pytest

from descend.kernels import bounds, jit

SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
Run = Callable[..., None]


@pytest.fixture
def run() -> Run:
    """Compile the IR and call its function, as one thread or as several one after the other.

    With `DESCEND_BOUNDS` set, nothing may be read or written outside of the arrays.
    """

    def call(name: str, source: str, *arguments: int | np.ndarray, threads: int = 1) -> None:
        kernel, report = SIGNATURE(jit.address(name, source)), np.zeros(bounds.REPORT, np.int64)
        extents = [x.nbytes if isinstance(x, np.ndarray) else 0 for x in reversed(arguments)]
        given = [x.ctypes.data if isinstance(x, np.ndarray) else x for x in arguments]
        table = np.array([*extents, report.ctypes.data, *given], np.int64)
        for thread in range(threads):
            kernel(table[len(extents) + 1 :].ctypes.data, thread, threads)
        assert not report[0], f"argument {report[1]} of {report[3]} bytes left at byte {report[2]}"

    return call
