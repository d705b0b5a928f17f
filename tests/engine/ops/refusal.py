"""A wrong call must be answered with what was given, what was needed and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from descend.engine import ShapeError


def check_refused(call: Callable[[], Any]) -> None:
    """Make the call and look for the parts of its message."""
    with pytest.raises(ShapeError) as caught:
        call()
    assert caught.value.given
    assert caught.value.needed
    assert caught.value.fix
