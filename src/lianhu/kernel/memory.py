"""Give memory back that a large piece of work has freed."""

import ctypes
from typing import Any


def _trim() -> Any:
    """The C library's own function for it, or None where it has none (it is GNU's)."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None


_malloc_trim = _trim()


def give_back() -> None:
    """Hand freed memory to the system, some 20 ms after a hundred megabytes.

    The C library keeps what it was given for the next request of the same kind. A workbook's cells
    are that: eighty megabytes of a county's register that a serving process would hold for good.
    """
    if _malloc_trim is not None:
        _malloc_trim(0)
