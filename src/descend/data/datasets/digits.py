"""Digits: the first 5,000 training and the first 1,000 test images of MNIST, inside the package.

Made from MNIST's four files by scripts/make_digits.py, in the same format and order.
"""

from __future__ import annotations

from dataclasses import replace

from descend.data.datasets.entry import DataFile
from descend.data.datasets.mnist import MNIST

N_TRAIN, N_TEST = 5000, 1000

DIGITS = replace(
    MNIST,
    name="digits",
    about=f"the first {N_TRAIN:,} training and the first {N_TEST:,} test images of MNIST, inside the package",
    files=(
        DataFile(
            "train-images-idx3-ubyte.gz",
            804_877,
            "sha256:3e797bc30c5e1547405d8926e5283954163e4cd51ba8565e3dbfe8c166db7e1a",
        ),
        DataFile(
            "train-labels-idx1-ubyte.gz",
            2_534,
            "sha256:df0fdec1440045a98111fbaab6475855a4b3aaec01e012543057171fc9e074bf",
        ),
        DataFile(
            "t10k-images-idx3-ubyte.gz",
            155_853,
            "sha256:1107a88c1dcf1bde0925f29c9f47e943757cc4c8190862d72943ef6e4a638a2c",
        ),
        DataFile(
            "t10k-labels-idx1-ubyte.gz",
            526,
            "sha256:59f1210430c03405bf13b88e2855be7b6adbf45b16966f8f6bf11013873bf815",
        ),
    ),
    mirrors=(),
)
