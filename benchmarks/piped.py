"""Output that somebody else may stop reading, `head` say."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


def piped(main: Callable[[], int]) -> int:
    """The exit status of `main`; 1 where whoever read its output has gone."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # Python would complain again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status
