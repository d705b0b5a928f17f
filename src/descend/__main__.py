"""`python -m descend` is `descend`."""

from __future__ import annotations

from descend.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
