"""Examples that are in the training data and in those that test it."""

from __future__ import annotations

from descend.train.doctor.case import Array, Case, gathered
from descend.train.doctor.finding import Check, Finding

_TRAINING, _HELD_OUT = 20_000, 5_000  # examples that are compared
_SHARE, _LEAST = 0.02, 3
_REPEATED = 0.9  # training data with fewer distinct examples repeat themselves: there an overlap says nothing


def find(case: Case) -> Finding | None:
    """Whether more than 2 % of the validation or test examples are training examples, number for number."""
    held_out = {"validation": case.trainer.evaluation.validation, "test": case.trainer.evaluation.test}
    splits = {name: batches for name, batches in held_out.items() if batches is not None}
    if not splits:
        return None
    seen = _prints(gathered(case.trainer.loader, _TRAINING)[0])
    known = set(seen)
    if len(known) < _REPEATED * len(seen):
        return None
    for name, batches in splits.items():
        examples = _prints(gathered(batches, _HELD_OUT)[0])
        common = sum(example in known for example in examples)
        if common >= _LEAST and common > _SHARE * len(examples):
            return Finding(
                f"{common:,} of {len(examples):,} {name} examples are training examples too",
                "split the data before anything else, and remove duplicates first; results on these data flatter",
            )
    return None


def _prints(x: Array) -> list[int]:
    return [hash(example.tobytes()) for example in x]


CHECK = Check("test_leak", "training and test data overlap", ("start",), find)
