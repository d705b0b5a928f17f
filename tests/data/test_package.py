from __future__ import annotations

import doctest
import inspect
from types import FunctionType

from descend import data


def test_the_example_of_the_package_runs():
    outcome = doctest.testmod(data)
    assert outcome.attempted >= 5
    assert outcome.failed == 0


def test_every_public_name_is_there_and_says_what_it_is():
    for name in data.__all__:
        value = getattr(data, name)
        assert not isinstance(value, type | FunctionType) or inspect.getdoc(value), name
