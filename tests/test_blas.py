"""Matrix products in one thread, in the command's process and in those that it starts."""

from __future__ import annotations

import os
import subprocess
import sys

SHOW = """
import subprocess, sys
from descend.cli.main import main
main(["version"])
from threadpoolctl import threadpool_info
import numpy
print([pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"])
"""


def threads_of_the_command(**variables: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.endswith(("NUM_THREADS", "MAXIMUM_THREADS"))}
    done = subprocess.run(
        [sys.executable, "-c", SHOW], env=clean | variables, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()[-1]


def test_the_command_computes_in_one_thread():
    assert threads_of_the_command() == "[1]"


def test_whoever_asks_for_more_gets_more():
    wanted = min(2, os.cpu_count() or 1)
    assert threads_of_the_command(OPENBLAS_NUM_THREADS=str(wanted)) == f"[{wanted}]"
