"""Nothing in the project depends on the machine that it was written on."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT, files

# Put together from parts, so that this file does not contain what it looks for.
_FOLDERS = ("work", "tmp", "root", "home", "Users", "opt")
_PLACE = re.compile(r"(?<![\w./~$}-])/(" + "|".join(_FOLDERS) + r")\b(?=[/\s\"'`),.;:]|$)", re.MULTILINE)
_BESIDE = "../" + "shared"
_UNFINISHED = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + r"X)\b")

# CI looks for full datasets beside the checkout.
_MAY_NAME_WHAT_IS_BESIDE = {".ci/run"}


def _texts() -> dict[str, str]:
    """The content of every text file, by its path from the root."""
    found = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files()}
    return {
        path: data.decode() for path, data in found.items() if b"\0" not in data[:4096] and not path.endswith(".gz")
    }


def test_no_path_of_one_machine() -> None:
    found = {path: _PLACE.search(text) for path, text in _texts().items()}
    assert {path: place[0] for path, place in found.items() if place} == {}


def test_nothing_beside_the_checkout_is_needed() -> None:
    assert [path for path, text in _texts().items() if _BESIDE in text and path not in _MAY_NAME_WHAT_IS_BESIDE] == []


def test_nothing_is_left_unfinished() -> None:
    assert [path for path, text in _texts().items() if _UNFINISHED.search(text)] == []


@pytest.mark.parametrize("place", ["/" + name + "/x.gz" for name in _FOLDERS])
def test_a_planted_path_is_found(place: str) -> None:
    assert _PLACE.search(f'root = "{place}"')
    assert _PLACE.search(f"see {place}")
    assert not _PLACE.search(f"https://example.org{place}")
