"""What every test may use, and what none may touch."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from tempfile import gettempdir

import pytest
from hypothesis import HealthCheck, settings

from descend.blas import hold_to_one_thread

os.environ.setdefault("MPLBACKEND", "Agg")
# Not among the user's own, and one folder for all tests and their runs: what was compiled once is found again.
os.environ.setdefault("DESCEND_KERNELS", str(Path(gettempdir()) / "descend-test-kernels"))
hold_to_one_thread()  # before NumPy is imported
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts tests in the background ignores Ctrl-C

from descend.engine import manual_seed

# The machine that runs CI is slow and shared: an example may take its time, and a failure must come back.
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `DESCEND_HOME` of its own for every test: the runs of whoever tests stay untouched."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("DESCEND_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test begins with the same weights, whatever ran before it."""
    manual_seed(0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The engine silences the overflows that its formulas allow for; pytest would bring the warnings back.
    for item in items:
        item.add_marker(pytest.mark.filterwarnings(r"ignore::RuntimeWarning:descend\.engine\."))


@pytest.fixture
def full_data() -> Path:
    """The directory of the full datasets, or the test is skipped."""
    directory = os.environ.get("DESCEND_DATA")
    if not directory or not Path(directory).is_dir():
        pytest.skip("DESCEND_DATA names no directory of full datasets")
    return Path(directory)
