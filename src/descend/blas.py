"""How many threads the matrix products of NumPy use: one, in every process that descend starts.

The matrices of eager training are small, and BLAS threads wait for one another by spinning: on a busy machine a step
with two threads was measured to take ten to forty times as long as with one. Speed on many cores is the compiler's
work, which has threads of its own. Whoever sets one of these variables keeps what they set.
"""

from __future__ import annotations

import os

ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


def hold_to_one_thread() -> None:
    """Hold this process, if NumPy is not imported yet, and all that it starts to one thread."""
    for name, number in ONE_THREAD.items():
        os.environ.setdefault(name, number)
