"""The workbook back, with what was found in its cells, for the village to mend.

Values are written as they were read, never as formulas: text that begins with = + - @ stays
text. Layout, colours and formulas of the original are not kept; the original is not touched.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import xlsxwriter

from lianhu.kernel.catalogue import read
from lianhu.people.register.cells import Cell
from lianhu.people.register.findings import Correction, Problem, Register, Unreadable
from lianhu.people.register.header import Merges, find_header
from lianhu.people.register.sheets import Sheet, open_sheets

MOST = 32_767  # signs that a cell holds
NAME = 31  # signs of a sheet's name
FIELDS = {
    "village": ("village", "village_group"),
    "group": ("group", "village_group", "village"),
}
HEADING = "核对意见"


def write_findings(
    path_in: Path | str,
    register: Register,
    path_out: Path | str,
    corrections: Iterable[Correction] = (),
) -> None:
    """Write `path_out` (.xlsx): every sheet of `path_in`, faulty cells marked, and a last column
    that says what to do. A file that could not be read gives one sheet that says why. Cells that
    were mended stand there as mended."""
    mended: defaultdict[str, dict[int, list[Correction]]] = defaultdict(dict)
    for made in corrections:
        mended[made.sheet].setdefault(made.row, []).append(made)
    by_sheet: defaultdict[str, dict[int, list[Problem]]] = defaultdict(dict)
    for problem in register.problems:
        by_sheet[problem.sheet].setdefault(problem.row, []).append(problem)
    headers = {name: set(rows) for name, rows in register.header_rows}
    # No option that turns text into formulas, links or numbers is on.
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path_out), options) as book:
        styles = _styles(book)
        if not register.readable:
            sheet = book.add_worksheet("核对意见")
            sheet.write_string(0, 0, _words(register.problems), styles["said"])
            return
        try:
            for sheet in open_sheets(Path(path_in)):
                found = by_sheet.get(sheet.name, {})
                fixes = mended.get(sheet.name, {})
                _write(book, sheet, found, headers.get(sheet.name, set()), styles, fixes)
        except Unreadable as refusal:  # the file was changed after it was read
            book.add_worksheet("读不下去").write_string(0, 0, refusal.kind)


def _styles(book: Any) -> dict[str, Any]:
    return {
        "": None,
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "bad": book.add_format({"bg_color": "#FFE08A"}),
        "bad date": book.add_format({"bg_color": "#FFE08A", "num_format": "yyyy-mm-dd"}),
        "said": book.add_format({"font_color": "#9C2B00", "text_wrap": True}),
    }


def _words(problems: list[Problem]) -> str:
    """What is wrong with a row, in words."""
    said = read("register/kinds.toml")["words"]
    return "；".join(said[problem.kind] for problem in problems)


def _write(
    book: Any,
    sheet: Sheet,
    found: dict[int, list[Problem]],
    headers: set[int],
    styles: Any,
    fixes: dict[int, list[Correction]],
) -> None:
    out = book.add_worksheet(_free_name(book, sheet.name))
    if sheet.hidden:
        out.hide()
    merges = Merges(sheet.merges, sheet.first_column)
    columns: dict[str, int] = {}
    widest = 0
    for number, (row, below) in enumerate(pairwise(chain(sheet.rows, ([],))), 1):
        if number in headers and (header := find_header(number, row, below, merges)):
            columns = header.columns
            widest = max(widest, len(row), len(below))
            _put(out, number, sheet.first_column + widest, HEADING, styles["said"])
        for made in fixes.get(number, ()):
            column = _column(made, columns)
            if 0 <= column < len(row):
                row[column] = made.value
        problems = found.get(number, [])
        bad = {_column(problem, columns) for problem in problems}
        for column, cell in enumerate(row):
            dated = "date" if isinstance(cell, date) else ""
            style = f"bad {dated}".strip() if column in bad else dated
            _put(out, number, sheet.first_column + column, cell, styles[style])
        if problems:
            last = sheet.first_column + max(widest, len(row))
            _put(out, number, last, _words(problems), styles["said"])
    if 0 in found:
        out.write_comment(0, 0, _words(found[0]))


def _column(problem: Problem | Correction, columns: dict[str, int]) -> int:
    """The column of the cell that a problem is about, -1 for none."""
    names = FIELDS.get(problem.field, (problem.field,))
    return next((columns[name] for name in names if name in columns), -1)


def _put(out: Any, number: int, column: int, cell: Cell, style: Any) -> None:
    """One cell as it was read; a number that lost digits stays the number it was."""
    where = (number - 1, column)
    if cell == "" or cell is None:
        if style is not None:
            out.write_blank(*where, None, style)
    elif isinstance(cell, bool):
        out.write_boolean(*where, cell, style)
    elif isinstance(cell, int | float):
        out.write_number(*where, cell, style)
    elif isinstance(cell, date | datetime) and cell.year >= 1900:
        out.write_datetime(*where, cell, style)
    elif isinstance(cell, time | timedelta):
        out.write_string(*where, str(cell), style)
    else:
        out.write_string(*where, str(cell)[:MOST], style)


def _free_name(book: Any, name: str) -> str:
    """A sheet's name that Excel takes and that is not taken."""
    clean = "".join("_" if c in "[]:*?/\\" else c for c in name).strip("'")[:NAME] or "Sheet1"
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    return clean if clean.lower() not in taken else f"{clean[: NAME - 4]}_{len(taken)}"
