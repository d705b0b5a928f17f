"""Which operations a kernel can compute."""

from __future__ import annotations

import numpy as np
import pytest

from descend.engine import PRIMITIVES
from descend.kernels.expression import supported

F, D, I, B = (np.dtype(kind) for kind in (np.float32, np.float64, np.int64, np.bool_))


@pytest.mark.parametrize(
    ("fast", "dtypes", "can"),
    [
        ("{0} + {1}", [F, F], True), ("{0} + {1}", [I, I], True), ("{0} + {1}", [B, B], False),
        ("{0} / {1}", [I, I], False), ("exp({0})", [D], True), ("exp({0})", [I], False), ("{0} == {1}", [B, B], True),
        ("{1} if {0} else {2}", [B, F, F], True), ("unheard_of({0})", [F], False), (None, [F], False),
        ("{0} * {1}", [np.dtype(np.float16)] * 2, False), ("maximum({0}, 0)", [B], False),
    ],
)  # fmt: skip
def test_what_is_supported(fast: str | None, dtypes: list[np.dtype], can: bool) -> None:
    assert supported(fast, dtypes) == can


def test_nearly_every_elementwise_operation_is_supported() -> None:
    forms = [p for p in PRIMITIVES.values() if p.fast]
    missing = {p.name for p in forms if not supported(p.fast, [F if p.name != "where" else B, F, F])}
    assert missing <= {"remainder"}
