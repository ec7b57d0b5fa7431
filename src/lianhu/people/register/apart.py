"""Reads a workbook in a process of its own that may take so much memory and time and no more.

A reader makes a table as wide as the farthest cell and copies a shared text for each cell that
says it, so that a few kilobytes can ask for gigabytes. A reader that takes too much is ended by the
kernel, and the file is refused; meanwhile this process is free to check the file.
`python -m lianhu.people.register.apart FILE` is that process; it tells what it read in JSON, a line
at a time.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from lianhu.people.register.cells import Cell, limit
from lianhu.people.register.findings import Unreadable
from lianhu.people.register.header import Merge

CELLS = 10_000  # told at once, about
# What a sheet is: its name, whether it is hidden, its merged cells, its first column.
About = tuple[str, bool, list[Merge], int]
Sheets = Iterator[tuple[About, Iterator[list[Cell]]]]


@contextmanager
def reading_apart(path: Path) -> Iterator[Sheets]:
    """Each sheet with its rows, which must be taken before the next, read from now on.

    Taking them raises Unreadable, "too_large" where the process was ended.
    """
    command = [sys.executable, "-m", __name__, str(path)]
    with subprocess.Popen(  # noqa: S603 - this very module, and a file by its path
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as reader:
        try:
            yield _sheets(_told(reader))
        finally:
            reader.kill()


def _sheets(told: Iterator[tuple[str, Any]]) -> Sheets:
    for kind, about in told:
        if kind == "sheet":  # and not what is left of one that nobody took
            name, hidden, merges, first = about
            spans = [(tuple(start), tuple(end)) for start, end in merges]
            yield (name, hidden, spans, first), _rows(told)


def _rows(told: Iterator[tuple[str, Any]]) -> Iterator[list[Cell]]:
    for kind, rows in told:
        if kind == "last":
            return
        yield from rows


def _told(reader: "subprocess.Popen[bytes]") -> Iterator[tuple[str, Any]]:
    assert reader.stdout is not None  # noqa: S101 - a pipe, as asked for
    for line in reader.stdout:
        try:
            kind, what = json.loads(line, object_hook=_moment)
        except ValueError:  # cut off
            break
        if kind == "refused":
            raise Unreadable(what)
        if kind == "end":
            return
        yield kind, what
    raise Unreadable("too_large" if reader.wait() < 0 else "broken_file")


def _said(value: object) -> dict[str, object]:
    """A day or an hour as JSON has it; what `_moment` gives back."""
    if isinstance(value, timedelta):
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, datetime | date | time):
        return {type(value).__name__: value.isoformat()}
    raise TypeError(value)


def _moment(said: dict[str, Any]) -> Cell:
    [(kind, value)] = said.items()
    if kind == "timedelta":
        return timedelta(*value)
    kinds: dict[str, type[datetime | date | time]]
    kinds = {"datetime": datetime, "date": date, "time": time}
    return kinds[kind].fromisoformat(value)


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
        line = json.dumps((kind, what), ensure_ascii=False, default=_said)
        sys.stdout.buffer.write(line.encode() + b"\n")

    try:
        for sheet in read_here(path):
            tell("sheet", (sheet.name, sheet.hidden, sheet.merges, sheet.first_column))
            at_once = max(CELLS // max(sheet.width, 1), 1)
            while rows := list(islice(sheet.rows, at_once)):
                tell("rows", rows)
            tell("last", None)
        tell("end", None)
    except Unreadable as refusal:
        tell("refused", refusal.kind)
    except MemoryError:
        tell("refused", "too_large")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
