from __future__ import annotations

import pytest

from descend.train.runs import Run
from tests.recipes.finished import at_home, trained_run


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of digits-mlp that has come to its end; to be looked at only."""
    with at_home(tmp_path_factory.mktemp("finished")):
        return trained_run(hidden=30, epochs=3, batch_size=25)
