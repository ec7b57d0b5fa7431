"""Read one sheet: find its header, tell persons from other rows, carry values down."""

from functools import lru_cache
from itertools import chain, pairwise
from operator import itemgetter

from lianhu.people.register.book import Book
from lianhu.people.register.cells import Cell, is_ditto, squeeze, text
from lianhu.people.register.cells import relation as read_relation
from lianhu.people.register.findings import Column, Problem, cell_key
from lianhu.people.register.header import Header, Merges, find_header
from lianhu.people.register.identity import says_nothing
from lianhu.people.register.judge import (
    ADDRESS,
    CARRIED,
    ID_NUMBER,
    JOINED,
    NAME,
    OWN,
    RELATION,
    Judge,
)
from lianhu.people.register.places import GROUP, beside, group_suffix, split_group
from lianhu.people.register.rows import (
    filled,
    is_hint,
    is_note,
    is_numbering,
    is_signature,
    is_sum,
)
from lianhu.people.register.sheets import Sheet
from lianhu.people.register.situation import Situations

MOST_TITLES = 40
MOST_SAID = 200  # signs of a faulty cell that a page shows
TICK = 2_000  # rows
FIELDS = (*CARRIED, *OWN)
Cells = tuple[Cell, ...]


@lru_cache(maxsize=1 << 16)
def written(value: Cell) -> str:
    """A cell's text in a column that is carried down; "" when it means the row above."""
    said = text(value)
    return "" if not said or is_ditto(said) else said


class SheetReader:
    """One sheet on the way; adds to its book what it finds."""

    def __init__(self, sheet: Sheet, book: Book) -> None:
        self._sheet = sheet
        self._book = book
        self._merges = Merges(sheet.merges, sheet.first_column)
        self._header_rows: list[int] = []
        self._titles: list[str] = []  # over the header; later over the next header
        self._carried = [""] * len(CARRIED)
        self._fresh = False  # no person yet since the header
        self._keep = book.keep_cells
        self._mended = book.corrections
        self._joined = False
        self._width = 0

    def read(self) -> None:
        """Go through all rows; of a hidden sheet only as far as its header."""
        self._book.households.new_sheet()
        skip = 0
        for number, (row, below) in enumerate(pairwise(chain(self._sheet.rows, ([],))), 1):
            if skip:
                skip -= 1
            elif self._width:
                skip = self._take(number, row, below)
            elif header := find_header(number, row, below, self._merges):
                skip = self._begin(number, header, row, below)
                if self._sheet.hidden:
                    break
            elif len(self._titles) < MOST_TITLES:
                self._titles += filled(row)
        if self._header_rows and not self._sheet.hidden and (kind := self._situations.doubt):
            self._book.problems.append(Problem(self._sheet.name, 0, "village", kind))
        self._book.end_sheet(self._sheet.name, self._sheet.hidden, self._header_rows)

    def _begin(self, number: int, header: Header, row: list[Cell], below: list[Cell]) -> int:
        """Read by this header from now on; how many more rows it takes."""
        self._header_rows += range(number, number + header.height)
        self._book.understood.append((self._sheet.name, _understood(header, row, below)))
        columns = [header.columns.get(field, -1) for field in (*CARRIED, *OWN)]
        self._width = max(columns) + 1
        self._pick = itemgetter(*columns)
        self._fresh = True
        self._joined = "village_group" in header.columns
        if len(self._header_rows) == header.height:
            self._situations = Situations(self._book.places, [self._sheet.name, *self._titles])
        elif self._situations.entitle(self._titles):
            self._carried = [""] * len(CARRIED)
        self._titles = []
        self._judge = Judge(
            self._book, self._sheet.name, self._situations, set(header.columns), self._sheet.mac
        )
        return header.height - 1

    def _take(self, number: int, row: list[Cell], below: list[Cell]) -> int:
        """One row under the header; how many rows after it were taken along."""
        if len(row) < self._width:
            row.extend([""] * (self._width - len(row)))
        row.append("")  # what a column that is not there holds
        cells: Cells = self._pick(row)
        if self._mended and (self._sheet.name, number) in self._mended:
            cells = self._mend(number, cells)
        name, number_cell = cells[NAME], cells[ID_NUMBER]
        sure = (
            number_cell.__class__ is str
            and number_cell[:15].isdigit()  # type: ignore[index]
            and len(number_cell) >= 15  # type: ignore[arg-type]
            and name.__class__ is str
            and name.strip()  # type: ignore[union-attr]
        )
        if not sure:
            skip = self._other(number, row, below, cells)
            if skip >= 0:
                return skip
        self._fresh = False
        if self._titles:
            self._titles = []
        problems = self._book.problems
        before = len(problems)
        self._judge.person(number, cells, self._carried, self._carry(cells))
        if self._keep and len(problems) > before:
            self._note(problems[before:], cells)
        if self._book.tick and number % TICK == 0:
            self._book.tick(len(self._book.persons))
        return 0

    def _mend(self, number: int, cells: Cells) -> Cells:
        """The row with the cells that an officer mended; a village or group of a column that
        holds both is put together anew."""
        mended = dict(self._mended[self._sheet.name, number])
        values = list(cells)
        joined = self._joined and mended.keys() & {"village", "group"}
        if joined:
            village, group = split_group(str(values[JOINED] or self._carried[JOINED]))
            values[JOINED] = mended.pop("village", village) + mended.pop("group", group)
        for field, value in mended.items():
            values[FIELDS.index(field)] = value
        return tuple(values)

    def _note(self, problems: list[Problem], cells: Cells) -> None:
        """Keep what the cells say that these problems are about."""
        for problem in problems:
            if problem.field in FIELDS:
                column = FIELDS.index(problem.field)
                said = text(cells[column]) if cells[column] != "" else ""
                if column < len(CARRIED):
                    said = self._carried[column] or self._carried[JOINED]
                self._book.cells[cell_key(problem)] = said[:MOST_SAID]

    def _other(self, number: int, row: list[Cell], below: list[Cell], cells: Cells) -> int:
        """What a row is that may be no person: rows to skip after it, or -1 for a person."""
        texts = filled(row)
        if not texts:
            return 0
        if any("名" in said for said in chain(texts, filled(below))):
            header = find_header(number, row[:-1], below, self._merges)
            if header:
                return self._begin(number, header, row, below)
        name = text(cells[NAME])
        if self._fresh and (is_numbering(texts) or is_hint(texts, name)):
            return 0
        if name and read_relation(cells[RELATION]):
            return -1  # sums and signatures are nobody's son, whatever a remark begins with
        if is_sum(texts, name) or is_signature(texts, name):
            return 0
        if is_note(texts):
            self._titles += texts
            return 0
        if name or not says_nothing(cells[ID_NUMBER]):
            return -1
        self._heading(texts, cells)
        return 0

    def _heading(self, texts: list[str], cells: Cells) -> None:
        """A row of neither name nor ID: its places hold for the rows below."""
        if len(texts) > 1 or any(text(cell) for cell in cells[: ADDRESS + 1]):
            self._carry(cells)
            return
        said = squeeze(texts[0])
        if GROUP.fullmatch(said):
            self._situations.enter_group(group_suffix(said))
            self._carried[CARRIED.index("group")] = ""
        elif self._situations.enter(said):  # 棉丰村一组 alone over its households
            self._carried = [""] * len(CARRIED)
        else:
            self._carry(cells)

    def _carry(self, cells: Cells) -> int:
        """Carry values down to this row; the columns it wrote itself, a bit each."""
        wrote = 0
        for column in range(len(CARRIED)):
            cell = cells[column]
            if cell != "" and (said := written(cell)):
                if column == JOINED and self._carried[JOINED]:
                    said = beside(said, self._carried[JOINED])
                self._carried[column] = said
                wrote |= 1 << column
        return wrote


def _understood(header: Header, row: list[Cell], below: list[Cell]) -> list[Column]:
    """Every heading of a header with the field it was taken for."""
    fields = {column: field for field, column in header.columns.items()}
    found = []
    for column in range(max(len(row), len(below))):
        said = [
            text(line[column]) for line in (row, below)[: header.height] if column < len(line)
        ]
        heading = next((word for word in reversed(said) if word), "")
        if heading:
            found.append(Column(squeeze(heading)[:40], fields.get(column, "")))
    return found
