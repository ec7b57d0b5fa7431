"""Read a whole register: from a file to what is taken and what must be mended."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from lianhu.kernel.memory import large_work
from lianhu.people.register import cells
from lianhu.people.register.book import Book
from lianhu.people.register.dates import birth
from lianhu.people.register.findings import Column, Correction, Register, Unreadable, refused
from lianhu.people.register.places import Places, places_of
from lianhu.people.register.sheet import SheetReader, written
from lianhu.people.register.sheets import open_sheets


def read_register(
    path: Path | str,
    county: str = "610921",
    *,
    today: date | None = None,
    places: Places | None = None,
) -> Register:
    """What a careful data officer takes from a register, and what he asks the village to mend.

    `county` is the code whose divisions name the villages, `places` other divisions; dates after
    `today` lie in the future. Never raises for anything that a file holds.
    """
    day = today or date.today()  # noqa: DTZ011 - the calendar day where the reader sits
    return _read(Path(path), Book(places or places_of(county), day.isoformat()))


def study_register(
    path: Path,
    county: str,
    *,
    today: date,
    corrections: Iterable[Correction] = (),
    tick: Callable[[int], None] | None = None,
) -> tuple[Register, list[tuple[str, list[Column]]], dict[str, str]]:
    """As `read_register`, with some cells mended; also the columns of each sheet as they were
    understood, and what the cells say that a problem is about (by `cell_key`)."""
    book = Book(places_of(county), today.isoformat(), corrections, tick)
    book.keep_cells = True
    return _read(path, book), book.understood, book.cells


def _read(path: Path, book: Book) -> Register:
    try:
        with large_work():
            for sheet in open_sheets(path):
                SheetReader(sheet, book).read()
    except Unreadable as refusal:
        return refused(path.name, refusal.kind)
    finally:
        # What was remembered of this file's cells helps no other file, and is personal.
        for remembered in (written, cells.tight, cells.word, birth):
            remembered.cache_clear()
    return book.register(path.name)
