"""Keep the results of finished runs as the recorded ones: python scripts/record.py RUN_FOLDER..."""

from __future__ import annotations

import sys
from pathlib import Path

from descend.recipes import recorded
from descend.train.runs import Run


def main(folders: list[str]) -> None:
    """Read the runs, write `recorded.json`, and say what was kept."""
    found = [recorded.of_run(Run.open(Path(folder))) for folder in folders]
    recorded.keep(found)
    for one in found:
        print(one.recipe, one.seconds, "s", dict(one.metrics))


if __name__ == "__main__":
    main(sys.argv[1:])
