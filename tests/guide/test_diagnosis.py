"""A verdict crosses the border between two processes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.guide.diagnosis import Diagnosis, Verdict

_diagnoses = st.none() | st.builds(Diagnosis, st.text(), st.text(), st.text())


@given(diagnosis=_diagnoses, held=st.lists(st.text()), calls=st.integers(0))
def test_it_comes_back_from_json_as_it_was(diagnosis: Diagnosis | None, held: list[str], calls: int) -> None:
    verdict = Verdict(diagnosis, tuple(held), calls)
    again = Verdict.from_json(json.loads(json.dumps(verdict.to_json())))
    assert again == verdict
    assert again.passed == (diagnosis is None)


@pytest.mark.parametrize("row", [{}, {"held": [], "calls": 0}, {"diagnosis": {"name": "x"}, "held": [], "calls": 0}])
def test_what_is_no_verdict_is_refused(row: dict) -> None:
    with pytest.raises((KeyError, TypeError)):
        Verdict.from_json(row)
