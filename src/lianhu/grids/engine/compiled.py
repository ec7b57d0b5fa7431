"""`compiled`: numba's njit, with its result kept on disk where there is a place to keep it."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """`function` as machine code; where no folder can be written, compiled in each process."""
    try:
        return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # numba found no folder for its cache
        return cast(F, njit(nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """`function` as part of its callers: for the few whose call would cost more than their body."""
    try:
        return cast(
            F, njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)
        )
    except RuntimeError:
        return cast(F, njit(nogil=True, error_model="numpy", inline="always")(function))
