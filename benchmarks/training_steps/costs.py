"""What the first step of a process costs, and how much memory the steps take: each peer in a process of its own."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.training_steps.catalogue import WORKLOADS
from benchmarks.training_steps.peers import LIBRARIES, missing, our_step, step_of, weights
from benchmarks.training_steps.race import environment

STEPS = 3  # after the first
LIMIT = 300.0
CACHES = {"ours": "DESCEND_KERNELS", "torch-compile": "TORCHINDUCTOR_CACHE_DIR", "jax": "JAX_COMPILATION_CACHE_DIR"}
KEEP_ALL = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}


@dataclass(frozen=True)
class Costs:
    """Of one process: seconds of the first step beyond a later one, megabytes of the steps.

    `compile_seconds` is what of the former ours spends on tracing, passes and machine code; 0 for the others.
    """

    first_seconds: float
    megabytes: float
    compile_seconds: float


def worker(peer: str, name: str, begin: Path) -> None:
    """Take some steps and print what they cost as JSON."""
    from importlib import import_module

    import_module(LIBRARIES.get(peer, "descend.compiler.executors.native"))
    given = dict(np.load(begin))
    before = _resident()
    compiled, step = 0.0, step_of(peer, name, WORKLOADS[name], given)
    if peer == "ours":
        whole, data = our_step(WORKLOADS[name], given)
        compiled, step = _seconds(lambda: whole.traced(*data)), lambda: whole(*data).item()
    first, *later = (_seconds(step) for _ in range(1 + STEPS))
    print(json.dumps(asdict(Costs(compiled + first - median(later), (_peak() - before) / 1e6, compiled))))


def _seconds(step) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def _resident() -> int:
    """Bytes in use now; the peak begins anew where the system allows it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _told("VmRSS") or _peak()


def _peak() -> int:
    """Bytes in use at the most."""
    return _told("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _told(what: str) -> int:
    """What Linux says of this process, in bytes; 0 elsewhere."""
    status = Path("/proc/self/status")
    found = re.search(rf"{what}:\s+(\d+) kB", status.read_text(encoding="ascii")) if status.is_file() else None
    return int(found[1]) * 1024 if found else 0


def costs(peer: str, name: str, cache: Path | None = None) -> Costs | str:
    """The costs of a fresh process, whose compiled code is kept in the folder `cache`; or why there are none."""
    if why := missing(peer, name):
        return why
    with tempfile.TemporaryDirectory() as folder:
        begin = Path(folder) / "weights.npz"
        np.savez(begin, **weights(WORKLOADS[name]))
        kept = {} if cache is None or peer not in CACHES else {CACHES[peer]: str(cache), **KEEP_ALL}
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "benchmarks.training_steps", "--costs", peer, "--only", name,
                 str(begin)],
                env={**os.environ, **environment(peer), **kept}, stdout=subprocess.PIPE, text=True, timeout=LIMIT,
                check=True,
            )  # fmt: skip
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            return f"no costs: {type(error).__name__}"
    return Costs(**json.loads(done.stdout.splitlines()[-1]))
