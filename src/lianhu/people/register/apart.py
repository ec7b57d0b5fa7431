"""Reads an old .xls in a process of its own that may take so much memory and time and no more.

Its form cannot be weighed beforehand as a zip's parts are: a table is made as wide as the farthest
cell and a shared text is copied for each cell that says it, so that 2 MB can ask for gigabytes. A
reader that takes too much is ended by the kernel, and the file is refused.
`python -m lianhu.people.register.apart FILE` is that process.
"""

import pickle
import resource
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from lianhu.people.register.cells import Cell, limit
from lianhu.people.register.findings import Unreadable
from lianhu.people.register.header import Merge

ROWS = 500  # told at once
# What a sheet is: its name, whether it is hidden, its merged cells, its first column.
About = tuple[str, bool, list[Merge], int]


def sheets_apart(path: Path) -> Iterator[tuple[About, Iterator[list[Cell]]]]:
    """Each sheet with its rows, which must be taken before the next; raises Unreadable, "too_large"
    where the process was ended."""
    command = [sys.executable, "-m", __name__, str(path)]
    with subprocess.Popen(  # noqa: S603 - this very module, and a file by its path
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as reader:
        try:
            told = _told(reader)
            for kind, about in told:
                if kind == "sheet":
                    yield about, _rows(told)
        finally:
            reader.kill()


def _rows(told: Iterator[tuple[str, Any]]) -> Iterator[list[Cell]]:
    for kind, rows in told:
        if kind == "last":
            return
        yield from rows


def _told(reader: "subprocess.Popen[bytes]") -> Iterator[tuple[str, Any]]:
    while True:
        try:
            # Written by the code below, not by whoever wrote the file.
            kind, what = pickle.load(reader.stdout)  # type: ignore[arg-type]  # noqa: S301
        except (EOFError, pickle.UnpicklingError) as fault:
            ended = reader.wait() < 0
            raise Unreadable("too_large" if ended else "broken_file") from fault
        if kind == "refused":
            raise Unreadable(what)
        if kind == "end":
            return
        yield kind, what


def _bound(what: int, most: int) -> None:
    """Bound this process; where the machine allows less already, that stays."""
    allowed = resource.getrlimit(what)[1]
    least = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    resource.setrlimit(what, (least, least))


def _main(path: Path) -> None:
    from lianhu.people.register.sheets import read_here  # noqa: PLC0415 - it reads by us

    _bound(resource.RLIMIT_AS, limit("apart_bytes"))
    _bound(resource.RLIMIT_CPU, limit("apart_seconds"))
    _bound(resource.RLIMIT_CORE, 0)

    def tell(kind: str, what: object) -> None:
        pickle.dump((kind, what), sys.stdout.buffer)

    try:
        for sheet in read_here(path):
            tell("sheet", (sheet.name, sheet.hidden, sheet.merges, sheet.first_column))
            while rows := list(islice(sheet.rows, ROWS)):
                tell("rows", rows)
            tell("last", None)
        tell("end", None)
    except Unreadable as refusal:
        tell("refused", refusal.kind)
    except MemoryError:
        tell("refused", "too_large")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
