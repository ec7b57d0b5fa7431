"""`compiled`: numba's njit, with its result kept on disk where there is a place to keep it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])

config: Any = numba.config
HERE = Path(__file__).parent
HOMES = (HERE / "__pycache__", Path("~/.cache/lianhu").expanduser())


def _keep_apart() -> None:
    """Gives this version of the engine its own folder of machine code.

    Numba looks only at the file of a function itself, so it would go on using old code of what
    that function calls in other files. Where no folder can be written, numba looks for one.
    """
    text = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    version = "engine-" + hashlib.sha256(text).hexdigest()[:12]
    for home in [Path(config.CACHE_DIR)] if config.CACHE_DIR else HOMES:
        try:
            (home / version).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        config.CACHE_DIR = str(home / version)
        return


def compiled(function: F) -> F:
    """`function` as machine code; where no folder can be written, compiled in each process."""
    return _compiled(function, inline="never")


def inlined(function: F) -> F:
    """`function` within its callers: for the few whose call would cost more than their body."""
    return _compiled(function, inline="always")


def _compiled(function: F, *, inline: Literal["never", "always"]) -> F:
    for keep in (True, False):
        try:
            made = numba.njit(cache=keep, nogil=True, error_model="numpy", inline=inline)(
                function
            )
            return cast(F, made)
        except RuntimeError:  # numba found no folder for its cache
            continue
    raise AssertionError  # without a cache nothing is refused


_keep_apart()
