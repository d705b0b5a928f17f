"""A process that trains the small network in the run whose folder it is given, slowly enough to be killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from descend.train import Run, Saving
from tests.train.small import trainer

EPOCHS, STEPS = 40, 5

if __name__ == "__main__":
    for _ in trainer(EPOCHS, steps=STEPS).events(Run.open(Path(sys.argv[1])), saving=Saving(steps=2, seconds=None)):
        time.sleep(0.01)
