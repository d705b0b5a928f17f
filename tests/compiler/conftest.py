"""Where the tests keep compiled kernels: not among the user's own."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

import pytest


@pytest.fixture(autouse=True)
def kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """One folder for all tests and all their runs: what was compiled once is found again."""
    monkeypatch.setenv("DESCEND_KERNELS", str(Path(gettempdir()) / "descend-test-kernels"))
