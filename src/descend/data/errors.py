"""What can be wrong with data, and with fetching it."""

from __future__ import annotations

from descend.engine.errors import DescendError


class DataError(DescendError, ValueError):
    """A file or an array that cannot be used as it is: the message names it and the reason."""


class DownloadError(DataError):
    """A file that none of its addresses could deliver."""


class DataWarning(UserWarning):
    """A place that was named for data and lacks it, where another place is tried next."""
