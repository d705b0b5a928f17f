"""Find a Chromium for the tests of the studio, or install Debian's where that can be done without asking anybody."""

from __future__ import annotations

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """The path of a Chromium or Chrome on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Debian's package, for root on a machine that has apt."""
    print("installing Chromium for the tests of the studio (once, about 100 MB)", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", "--quiet=2", *words], env=quiet, check=False, stdout=subprocess.DEVNULL)


def main() -> None:
    """Say which browser there is, after installing one if need be."""
    if found() is None and shutil.which("apt-get") and os.geteuid() == 0:
        install()
    path = found()
    print(f"browser: {path}" if path else "no Chromium here: the journeys through the studio will be skipped")


if __name__ == "__main__":
    main()
