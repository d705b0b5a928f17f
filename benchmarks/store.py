"""`results.json`: the last run of every benchmark, with its date and machine. The page is made from it."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from descend.cli.result import Report, Result
from descend.kernels import threads

FILE = Path(__file__).parent / "results.json"
PEERS = ("numpy", "llvmlite", "torch", "jax", "keras")

Row = dict[str, Any]


def keep(results: Sequence[Result], path: Path = FILE) -> None:
    """Put the results in place of those of the same names; the others stay."""
    rows, found = read(path), json.loads(Report(command="bench", results=list(results)).to_json())["results"]
    for row in found:
        rows[row["name"]] = _rounded({**row, "date": today(), "machine": machine()})
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path = FILE) -> dict[str, Row]:
    """The results by name; none where there is no file yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def today() -> str:
    """Now, in UTC."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def machine() -> str:
    """The processor, and what runs on it."""
    versions = [f"{name} {found}" for name in PEERS if (found := _version(name))]
    return f"{processor()}, {threads.count()} threads; Python {platform.python_version()}, {', '.join(versions)}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def processor() -> str:
    """The processor's name, where the system tells it."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def load() -> float:
    """How many programs wanted to run, on the average of the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
