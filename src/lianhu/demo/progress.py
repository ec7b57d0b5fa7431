"""How far a long build is: a bar on a terminal, a line per part anywhere else."""

import sys
import time
from types import TracebackType

import click
from tqdm import tqdm


class Progress:
    """Counts rows written; use it as a context manager."""

    def __init__(self, total: int, *, silent: bool = False) -> None:
        self._silent = silent
        self._on_terminal = sys.stderr.isatty() and not silent
        self._bar = tqdm(total=total, unit="行", disable=not self._on_terminal, leave=False)
        self._begun = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def part(self, name: str) -> None:
        """A new part of the work begins."""
        if self._on_terminal:
            self._bar.set_description(name)
        elif not self._silent:
            click.echo(f"{time.monotonic() - self._begun:6.1f} s  {name}", err=True)

    def add(self, rows: int) -> None:
        """So many more rows are written."""
        self._bar.update(rows)
