#!/usr/bin/env python3
"""Rebuild the embedded digits from a directory with MNIST's four files.

    python scripts/make_digits.py MNIST_DIRECTORY [TARGET_DIRECTORY]

The same input gives the same values, and with the same zlib the same bytes: no time and no name is
in the gzip headers.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import sys
from pathlib import Path

from descend.data.datasets import idx
from descend.data.datasets.digits import N_TEST, N_TRAIN
from descend.data.datasets.entry import find
from descend.data.datasets.mnist import MNIST
from descend.data.errors import DataError

EMBEDDED = Path(__file__).resolve().parents[1] / "src" / "descend" / "data" / "embedded" / "digits"


def packed(source: Path, name: str) -> bytes:
    """The first examples of the file `name` in the directory `source`, as an IDX file in gzip."""
    path = find(source, name)
    if path is None:
        raise DataError(f"{source / name} is missing")
    n = N_TRAIN if name.startswith("train") else N_TEST
    return _zipped(idx.encode(idx.read(path)[:n]))


def _zipped(data: bytes) -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=target, mtime=0) as file:
        file.write(data)
    return target.getvalue()


def make(source: Path, target: Path) -> None:
    """Write the four files and print the name, the size and the SHA-256 of each."""
    target.mkdir(parents=True, exist_ok=True)
    for file in MNIST.files:
        data = packed(source, file.name)
        (target / file.name).write_bytes(data)
        sys.stdout.write(f"{file.name} {len(data)} sha256:{hashlib.sha256(data).hexdigest()}\n")


def main() -> None:
    """Read the command line and make the files."""
    parser = argparse.ArgumentParser(description="Rebuild the embedded digits from MNIST's four files.")
    parser.add_argument("source", type=Path, help="directory with MNIST's four files")
    parser.add_argument("target", type=Path, nargs="?", default=EMBEDDED, help="default: inside the package")
    arguments = parser.parse_args()
    make(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
