"""Open a register's file, whatever its name says, as sheets of plain rows."""

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from lianhu.people.register.apart import reading_apart
from lianhu.people.register.cells import Cell, limit
from lianhu.people.register.container import check_parts, check_zip, explain_ole, kind_of
from lianhu.people.register.findings import Unreadable
from lianhu.people.register.header import Merge

ENCODINGS = ("utf-8-sig", "gb18030")
BROKEN = "\ufffd"
MARKUP = ("<html", "<!doctype", "<?xml", "{", "%pdf")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows from Excel's row 1 on; `first_column` is the sheet's column (from 0) that
    stands first in each row, `width` how many there are where a workbook says so."""

    name: str
    hidden: bool
    rows: Iterator[list[Cell]]
    merges: list[Merge] = field(default_factory=list)
    first_column: int = 0
    width: int = 0
    mac: bool = False


def open_sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a file in its order; raises Unreadable, at the latest while being read.

    The rows of a sheet must be taken before the next sheet.
    """
    kind = kind_of(path)
    if kind == "text":
        yield Sheet("", False, _csv_rows(path))
        return
    mac = kind == "xlsx" and check_zip(path)
    with reading_apart(path) as sheets:
        if kind == "xlsx":
            check_parts(path)  # while the other process reads
        for (name, hidden, merges, first), rows in sheets:
            yield Sheet(name, hidden, rows, merges, first, mac=mac)


def read_here(path: Path) -> Iterator[Sheet]:
    """The sheets of a workbook, read in this process, which is bounded; raises Unreadable."""
    try:
        yield from _workbook(path)
    except PasswordError as fault:
        raise Unreadable("password_protected") from fault
    except CalamineError as fault:
        if kind_of(path) == "xls":
            explain_ole(path)
        raise Unreadable("broken_file") from fault
    except BaseException as fault:
        # The reader is written in Rust; where it gives up on an absurd file it says so so.
        if type(fault).__name__ == "PanicException":
            raise Unreadable("broken_file") from fault
        raise


def _workbook(path: Path) -> Iterator[Sheet]:
    with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
        for number, about in enumerate(book.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(number)
            merges = list(sheet.merged_cell_ranges or ())
            if sheet.width > limit("most_columns") or len(merges) > limit("most_merges"):
                raise Unreadable("too_large")
            yield Sheet(
                about.name,
                about.visible != SheetVisibleEnum.Visible,
                _rows(sheet),
                merges,
                sheet.start[1] if sheet.start else 0,
                sheet.width,
            )


def _rows(sheet: CalamineSheet) -> Iterator[list[Cell]]:
    if sheet.start is not None:
        yield from sheet.iter_rows()  # type: ignore[misc]


def _csv_rows(path: Path) -> Iterator[list[Cell]]:
    content = _decoded(path.read_bytes())
    csv.field_size_limit(sys.maxsize)
    try:
        delimiter = _delimiter(content)
        yield from csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    except csv.Error as fault:
        raise Unreadable("broken_file") from fault


def _decoded(content: bytes) -> str:
    """Text of UTF-8, GB18030 (GBK within) or marked UTF-16; raises Unreadable for no text.

    A few broken signs are kept as such: they show up in the findings.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:65536]:
        raise Unreadable("not_a_workbook")
    for encoding in ENCODINGS:
        text = content.decode(encoding, errors="replace")
        if text.count(BROKEN) * 1000 <= len(text):
            return text
    raise Unreadable("not_a_workbook")


def _delimiter(content: str) -> str:
    """The sign that parts most records in two or more; raises Unreadable for plain prose."""
    if content[:200].lstrip().lower().startswith(MARKUP):
        raise Unreadable("not_a_workbook")
    for delimiter in (",", "\t", ";"):
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
        records = [record for record in islice(reader, 300) if any(record)]
        parted = sum(len(record) > 1 for record in records)
        if parted >= 2 and parted * 2 >= len(records):
            return delimiter
    raise Unreadable("not_a_workbook")
