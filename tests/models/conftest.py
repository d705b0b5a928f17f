"""The engine silences the overflows that its formulas allow for; pytest would bring the warnings back."""

from __future__ import annotations

from pathlib import Path

import pytest

from descend.engine import manual_seed

_HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test begins with the same weights."""
    manual_seed(0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(r"ignore::RuntimeWarning:descend\.engine\."))
