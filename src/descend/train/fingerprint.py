"""What a run's numbers depend on besides its settings: the machine, the libraries and the code."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path
from typing import Any


def environment() -> dict[str, str]:
    """Names and versions of everything that can change a rounding: same values, same bits.

    The BLAS threads are those allowed at the moment of the call.
    """
    import numpy as np

    import descend

    return {
        "descend": descend.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "simd": " ".join(_numpy_config("SIMD Extensions").get("found", ())),
    } | blas()


def blas() -> dict[str, str]:
    """The BLAS library that NumPy calls, and how many threads it uses."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.dot(np.ones((2, 2)), np.ones((2, 2)))  # some builds load their BLAS at the first product
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    if not pools:
        return {"blas": str(_numpy_config("Build Dependencies").get("blas", {}).get("name", "unknown"))}
    return {
        "blas": ", ".join(f"{p['internal_api']} {p['version']} {p.get('architecture', '')}" for p in pools),
        "blas threads": ", ".join(str(p["num_threads"]) for p in pools),
    }


def cpu_name() -> str:
    """The processor's name as its maker gives it, or the architecture where the system does not tell."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(errors="replace").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def digest(folder: Path, pattern: str = "*.py") -> str:
    """SHA-256 over the names and contents of the files under a folder, in sorted order."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        name, content = path.relative_to(folder).as_posix().encode(), path.read_bytes()
        total.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return total.hexdigest()


@cache
def code() -> str:
    """SHA-256 of the source of this library as it is installed."""
    return digest(Path(__file__).parents[1])


def _numpy_config(part: str) -> dict[str, Any]:
    import numpy as np

    config: Any = np.show_config(mode="dicts")
    found: dict[str, Any] = config.get(part, {})
    return found
