"""The process in which a learner's code runs with its check: `python -m descend.guide.sandbox_child JOB`.

Started by `sandbox`. Reads the job from a file and hands back two lines through what was its standard output:
that it is ready, and the verdict, each with the token of the job. The learner's own output goes elsewhere.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from descend.guide.diagnosis import Diagnosis, Verdict
from descend.guide.explain import REACHED_OUT
from descend.guide.imports import close_gate
from descend.guide.interface import Interface
from descend.guide.limits import Limits, ProcessGuard, impose
from descend.guide.trial import Property, trial


def main(job_file: str) -> None:
    """Do the job and end the process."""
    results = _private_results()
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    Path(job_file).unlink()
    properties: Sequence[Property] = import_module(job["check"]).PROPERTIES
    limits, guard = Limits(**job["limits"]), ProcessGuard()
    impose(limits)
    # It keeps its own time and needs no Python to run: it also sees a loop inside NumPy. It ends the process.
    faulthandler.dump_traceback_later(limits.seconds, exit=True, file=results)
    guard.stand()
    interface = Interface(**{**job["interface"], "parameters": tuple(job["interface"]["parameters"])})
    close_gate(interface.imports)
    _say(results, job["token"], "ready")
    verdict = trial(job["source"], job["filename"], interface, properties, job["seed"])
    _say(results, job["token"], _unless_refused(verdict, guard).to_json())
    sys.stdout.flush()
    # Neither the learner's threads nor what they left to be done at exit may hold up the verdict.
    os._exit(0)


def _private_results() -> TextIO:
    """The standard output under a number of its own; what is printed from now on goes to the error stream."""
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return results


def _unless_refused(verdict: Verdict, guard: ProcessGuard) -> Verdict:
    if verdict.passed and guard.refused:
        evidence = ", ".join(sorted(set(guard.refused)))
        return Verdict(Diagnosis("processes", REACHED_OUT, evidence), verdict.held, verdict.calls)
    return verdict


def _say(results: TextIO, token: str, message: Any) -> None:
    print(json.dumps({"token": token, "message": message}), file=results, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
