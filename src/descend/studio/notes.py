"""What a learner said to a lab before seeing: guesses and predictions, kept from one visit to the next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from descend.disk.durable import write_file
from descend.engine.errors import DescendError
from descend.train.runs import home_folder


@dataclass(frozen=True)
class Prediction:
    """A number that the learner is asked to foretell: `what` names it, `ask` is the question, `example` a number."""

    what: str
    ask: str
    example: str
    unit: str = ""


class Notes:
    """The notes of one lab, in DESCEND_HOME/labs."""

    def __init__(self, lab: str) -> None:
        self.path = home_folder() / "labs" / f"{lab}.json"

    def read(self) -> dict[str, Any]:
        """Everything that was kept; nothing at first.

        Raises:
            DescendError: the file is damaged.
        """
        try:
            kept = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError, OSError) as error:
            raise self._damaged(str(error)) from None
        if not isinstance(kept, dict):
            raise self._damaged("it holds no object")
        return kept

    def write(self, notes: dict[str, Any]) -> None:
        """Keep these in the place of the old ones. Raises DescendError where the disk refuses."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_file(self.path, json.dumps(notes, ensure_ascii=False).encode())

    def _damaged(self, why: str) -> DescendError:
        return DescendError(
            f"what you said to this lab before cannot be read: {why}",
            given=str(self.path),
            fix="delete the file; the lab works without it",
        )
