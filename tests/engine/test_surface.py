"""What `descend.engine` shows, and how it treats floating-point warnings."""

from __future__ import annotations

import subprocess
import sys

import pytest

import descend
from descend import engine
from descend.engine import ops


def test_every_public_name_is_there() -> None:
    assert all(hasattr(engine, name) for name in engine.__all__)
    assert all(hasattr(ops, name) for name in ops.__all__)
    assert len(set(engine.__all__)) == len(engine.__all__)


@pytest.mark.parametrize("name", engine.__all__)
def test_the_engine_s_names_are_descend_s(name: str) -> None:
    assert getattr(descend, name) is getattr(engine, name)
    assert name in dir(descend)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="tensro"):
        descend.tensro  # noqa: B018


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)


def test_infinities_are_no_warnings() -> None:
    code = "from descend.engine import Tensor, ops; x = Tensor([0.0, -1.0]); x.log(), x / 0, ops.sigmoid(x * 1e9)"
    assert _python(code).stderr == ""


def test_numpy_goes_on_warning_about_the_user_s_own_arithmetic() -> None:
    finished = _python("import descend.engine, numpy as np; np.log(np.zeros(1))")
    assert "RuntimeWarning: divide by zero" in finished.stderr
