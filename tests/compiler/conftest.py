"""What compiled graphs are compared with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from descend.engine import reference


@pytest.fixture(autouse=True)
def by_meaning() -> Iterator[None]:
    """Eager evaluation is NumPy's alone: otherwise a kernel would be compared with itself."""
    with reference():
        yield
