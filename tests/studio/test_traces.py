from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from descend.studio.traces import Trace


@given(st.integers(0, 500))
def test_a_trace_keeps_its_ends_and_few_points(steps: int) -> None:
    trace = Trace("a", "b", most=20)
    for step in range(steps):
        trace.add(step, step * 2.0, -step)
    arrays = trace.arrays()
    a, b = arrays["a"], arrays["b"]
    assert a.dtype == np.float64
    assert len(a) == len(b) <= 22
    if steps:
        assert (a[0, 0], a[-1, 0]) == (0, steps - 1)
        assert (np.diff(a[:, 0]) > 0).all()
    np.testing.assert_array_equal(a[:, 1], 2 * a[:, 0])
    np.testing.assert_array_equal(b[:, 1], -b[:, 0])
