"""Memory while a large piece of work goes on, and after it."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

SELDOM = 100_000  # objects made between two looks for circles of garbage; 700 is usual


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


class _Large:
    """Large pieces of work under way in this process, and what was usual before the first."""

    lock = Lock()
    under_way = 0
    usual = gc.get_threshold()


@contextmanager
def large_work() -> Iterator[None]:
    """While a large piece of work makes objects that last, look for circles of garbage seldom.

    Each look goes through all that was made so far: a tenth of the time of a register's import.
    It holds for the whole process, until the last such piece of work is over.
    """
    with _Large.lock:
        if not _Large.under_way:
            _Large.usual = gc.get_threshold()
            gc.set_threshold(SELDOM, *_Large.usual[1:])
        _Large.under_way += 1
    try:
        yield
    finally:
        with _Large.lock:
            _Large.under_way -= 1
            if not _Large.under_way:
                gc.set_threshold(*_Large.usual)
