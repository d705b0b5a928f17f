"""A mistake must be answered with what was given, what was needed and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from descend.engine import DescendError


class Mistake(NamedTuple):
    """A call that is wrong, and words that the parts of its error message must hold."""

    call: Callable[[], Any]
    kind: type[DescendError]
    problem: str
    given: str
    needed: str
    fix: str | None = None


def check(mistake: Mistake) -> None:
    """Make the mistake and read the message."""
    with pytest.raises(mistake.kind) as caught:
        mistake.call()
    error = caught.value
    assert type(error) is mistake.kind
    assert mistake.problem in error.problem
    assert mistake.given in (error.given or "")
    assert mistake.needed in (error.needed or "")
    assert mistake.fix is None or mistake.fix in (error.fix or "")
    assert max(map(len, str(error).splitlines())) <= 130, "a line of the message is too long to read"
