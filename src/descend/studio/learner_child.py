"""The process in which a learner's function works for a lab: `python -m descend.studio.learner_child`.

Started by `learner`. It reads the source, says that it is ready, and then answers one call after the other. What the
learner's code prints goes nowhere.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from descend.guide import explain
from descend.guide.diagnosis import Diagnosis
from descend.guide.imports import close_gate
from descend.guide.interface import Interface
from descend.guide.learner import Attempt, Refused, define
from descend.guide.limits import Limits, ProcessGuard, impose
from descend.studio.learner_wire import Array, pack, read_message

# A lab may stay open for long; one call that does not end is ended by whoever waits for it.
LIMITS = Limits(seconds=3600.0, memory=512 << 20)


def main() -> None:
    """Answer calls until the lab goes."""
    questions, answers = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    try:
        attempt = _prepared(questions)
        _write(answers, pack({}))
        while True:
            _, values = read_message(questions, None)
            _write(answers, _answered(attempt, values))
    except Refused as refused:
        _write(answers, _problem(refused.diagnosis))
    except EOFError:
        pass
    os._exit(0)


def _prepared(questions: int) -> Attempt:
    job, _ = read_message(questions, None)
    face = {**job["interface"], "parameters": tuple(job["interface"]["parameters"])}
    interface = Interface(**face)
    impose(LIMITS)
    ProcessGuard().stand()
    close_gate(interface.imports)
    return Attempt(define(job["source"], job["filename"], interface), job["filename"], interface)


def _answered(attempt: Attempt, values: list[Array]) -> bytes:
    """The function's answer, as an array like its first argument. Raises Refused where there is none."""
    # Copies: whoever wrote the function may write into its arguments.
    answer = _array(attempt(*[x.item() if x.ndim == 0 else x.copy() for x in values]))
    needed = values[0].shape
    if answer.shape != needed:
        evidence = f"returned {answer.shape}, needed {needed}"
        raise Refused(Diagnosis("shape", "Your answer has another shape than p.", evidence))
    return pack({}, [answer.astype(values[0].dtype)])


def _array(answer: Any) -> Array:
    try:
        array = np.asarray(answer)
    except Exception as error:  # noqa: BLE001 - whatever the learner returned
        raise Refused(Diagnosis("no_array", f"Your function returned no array: {error}")) from None
    if array.dtype.kind not in "biuf":
        raise Refused(Diagnosis("no_array", f"Your function returned {explain.shown(answer)}, not an array."))
    return array


def _problem(diagnosis: Diagnosis) -> bytes:
    return pack({"problem": diagnosis.message, "evidence": diagnosis.evidence})


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    main()
