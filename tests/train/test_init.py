from __future__ import annotations

import subprocess
import sys

import pytest

import descend.train


@pytest.mark.parametrize("name", descend.train.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(descend.train, name).__name__ == name


def test_no_name_hides_a_module() -> None:
    import importlib
    import pkgutil

    modules = {module.name for module in pkgutil.iter_modules(descend.train.__path__)}
    assert not modules & set(descend.train.__all__)
    assert importlib.import_module("descend.train.runs").runs


def test_unknown_names_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="Trainee") as told:
        _ = descend.train.Trainee
    assert "did you mean 'Trainer'?" in str(told.value)
    with pytest.raises(AttributeError, match="BestCheckpoint"):
        _ = descend.train.ModelCheckpoint


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, descend.train; print([m for m in sys.modules if m.startswith('descend.train.')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
