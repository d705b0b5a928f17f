"""Files in folders: train/CLASS/FILE, CLASS/FILE, or FILE alone."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from descend.data.errors import DataError
from descend.data.own.collected import Problem
from descend.data.own.parting import part

_LEFT_BY_SYSTEMS = {"__MACOSX", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Found:
    """One file of the right kind. label: the class, "" without one. part: see `parting.part`."""

    path: Path
    label: str
    part: str


@dataclass(frozen=True)
class Listing:
    """The files of a folder. ignored: how many are of another kind."""

    files: list[Found]
    classes: tuple[str, ...]
    problems: list[Problem]
    ignored: int


def listing(root: Path, suffixes: AbstractSet[str]) -> Listing:
    """The files with these endings, in alphabetical order, and the classes that their folders stand for.

    Folders named train, test, val and the like part the data; the folders in them, or in `root`, are classes.
    A file beside the class folders and a class without files are problems. Hidden files count as not there.
    """
    parts = {folder: part(folder.name) for folder in _folders(root)}
    roots = [folder for folder, name in parts.items() if name] if any(parts.values()) else [root]
    if len(roots) < len(parts) and roots != [root]:
        strays = ", ".join(folder.name for folder in parts if folder not in roots)
        raise DataError(f"{root} holds other folders beside train and test", given=strays, fix="move them elsewhere")
    found, problems = list[Found](), list[Problem]()
    for folder in roots:
        _search(folder, "" if folder == root else parts[folder], suffixes, found, problems)
    classes = tuple(sorted({one.label for one in found if one.label}))
    known = {str(one.path) for one in found} | {problem.file for problem in problems}
    return Listing(found, classes, problems, sum(str(path) not in known for path in walk(root)))


def walk(root: Path) -> Iterator[Path]:
    """Every file under a folder, in alphabetical order, without hidden ones."""
    for path in sorted(root.iterdir()):
        if path.name.startswith(".") or path.name in _LEFT_BY_SYSTEMS:
            continue
        if path.is_dir():
            yield from walk(path)
        else:
            yield path


def _folders(root: Path) -> list[Path]:
    hidden = (".", "__MACOSX")
    return [path for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(hidden)]


def _search(folder: Path, named: str, suffixes: AbstractSet[str], found: list[Found], problems: list[Problem]) -> None:
    classes = _folders(folder)
    alone = [path for path in sorted(folder.iterdir()) if path.is_file() and _fits(path, suffixes)]
    if classes and alone:
        reason = f"it stands beside the folders {classes[0].name}, ... and so has no class"
        problems += [Problem(str(path), reason, "move it into the folder of its class") for path in alone]
    elif alone:
        found += [Found(path, "", named) for path in alone]
    for each in classes:
        inside = [path for path in walk(each) if _fits(path, suffixes)]
        found += [Found(path, each.name, named) for path in inside]
        if not inside:
            problems.append(Problem(str(each), "this class has no files", "add some, or remove the folder"))


def _fits(path: Path, suffixes: AbstractSet[str]) -> bool:
    return path.suffix.lower() in suffixes and not path.name.startswith(".")
