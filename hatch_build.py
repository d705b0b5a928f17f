"""Puts the studio's client into wheels and source archives: built once, with Node.js; its users need none."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPT = "scripts/client.py"
BUILT = "src/descend/studio/static/index.html"


class ClientBuildHook(BuildHookInterface):
    """Builds the client where it is not there yet; a source archive brings it along."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """A Node.js from the package index, where there is none on PATH and something is to be built."""
        if self._built() or not Path(self.root, SCRIPT).is_file():
            return []
        script = runpy.run_path(str(Path(self.root, SCRIPT)))
        return [] if script["node_on_path"]() else [script["WHEEL"]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Called by hatchling. An editable installation is for developers: there `make` builds the client."""
        if version != "editable" and not self._built():
            subprocess.run([sys.executable, str(Path(self.root, SCRIPT)), "build"], check=True)

    def _built(self) -> bool:
        return Path(self.root, BUILT).is_file()
