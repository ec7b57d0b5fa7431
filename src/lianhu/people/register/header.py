"""Find a register's header: one or two rows, wherever they stand."""

from collections.abc import Sequence
from typing import NamedTuple

from lianhu.people.register.cells import Cell, text
from lianhu.people.register.headings import IGNORED, field_of, is_person, is_title, normal

Merge = tuple[tuple[int, int], tuple[int, int]]
Row = Sequence[Cell]


class Header(NamedTuple):
    """The column of each field, and how many rows the header takes."""

    columns: dict[str, int]
    height: int


class Merges:
    """The merged cells of a sheet that may lie in its header; a csv has none."""

    def __init__(self, merges: Sequence[Merge], first_column: int) -> None:
        """`first_column`: the sheet's column that stands first in its rows."""
        self._down: set[int] = set()
        self._wide: set[int] = set()
        self._across: dict[tuple[int, int], int] = {}
        for (top, left), (bottom, right) in merges:
            if bottom == top + 1:
                self._down.add(top + 1)
            if right > left:
                self._wide.add(top + 1)
                self._across[top + 1, left - first_column] = right - first_column

    def down(self, row: int) -> bool:
        """Whether a cell of this row (from 1) is merged with the one below."""
        return row in self._down

    def across(self, row: int) -> bool:
        """Whether any cells of this row are merged sideways."""
        return row in self._wide

    def right(self, row: int, column: int) -> int | None:
        """The last column of a cell merged to the right."""
        return self._across.get((row, column))


def find_header(number: int, row: Row, below: Row, merges: Merges) -> Header | None:
    """The header that begins at this row (`number` from 1), or None."""
    if sum(1 for cell in row if cell.__class__ is str and cell) < 2:
        return None
    single = _columns(row)
    pair = _columns(below, _spans(number, row, below, merges), row)
    if is_register(pair) and _belong(number, row, below, merges, single):
        return Header(_fields(pair), 2)
    return Header(_fields(single), 1) if is_register(single) else None


def is_register(columns: dict[int, str]) -> bool:
    """Whether these columns make a household register: a name, and what ties it to a household."""
    fields = set(columns.values())
    ties = fields & {"relation", "household", "head_name"}
    return "name" in fields and bool(ties) and len(fields - {IGNORED}) >= 3


def _fields(columns: dict[int, str]) -> dict[str, int]:
    """Of two columns for one field the first counts."""
    found: dict[str, int] = {}
    for column, field in columns.items():
        if field != IGNORED:
            found.setdefault(field, column)
    return found


def _columns(row: Row, spans: dict[int, str] | None = None, above: Row = ()) -> dict[int, str]:
    """The field of each column, by its heading and the title above it."""
    found: dict[int, str] = {}
    for column in range(max(len(row), len(above))):
        own = row[column] if column < len(row) else ""
        over = above[column] if column < len(above) else ""
        field = field_of(own, (spans or {}).get(column, ""))
        if not field and not (normal(own) and is_person(over)):
            field = field_of(over)
        if field:
            found[column] = field
    return found


def _spans(number: int, row: Row, below: Row, merges: Merges) -> dict[int, str]:
    """The title over each column, drawn out to the right as merged, or up to the next title."""
    found: dict[int, str] = {}
    title, last = "", -1
    for column in range(len(below)):
        said = text(row[column]) if column < len(row) else ""
        if said:
            title = said
            end = merges.right(number, column)
            last = end if end is not None else (column if merges.across(number) else len(below))
        if column <= last:
            found[column] = title
    return found


def _belong(number: int, row: Row, below: Row, merges: Merges, single: dict[int, str]) -> bool:
    """Whether two rows are one header: titles above, headings below."""
    upper = {c: text(cell) for c, cell in enumerate(row) if text(cell)}
    lower = {c: text(cell) for c, cell in enumerate(below) if text(cell)}
    if not lower:
        return False
    if is_register(single):
        return _headings_under(number, upper, lower, merges)
    if not all(map(is_title, upper.values())):
        return False
    if len(upper) < 2:
        return min(upper) > 0 and merges.right(number, min(upper)) is not None
    if merges.down(number) or any(c not in lower for c in upper):
        return True
    wide = [c for c in upper if merges.right(number, c) or (c + 1 not in upper)]
    return bool(wide)


def _headings_under(
    number: int, upper: dict[int, str], lower: dict[int, str], merges: Merges
) -> bool:
    """Whether under a row that is a header by itself there stand only finer headings."""
    for column, said in lower.items():
        start = max((c for c in upper if c <= column), default=-1)
        end = merges.right(number, start)
        wide = end >= column if end is not None else (start + 1 not in upper)
        plain = len(said) <= 6 and not any(map(str.isdigit, said))
        named = field_of(said) or is_title(said) or plain
        if start < 0 or not wide or not named or _is_single(upper[start]):
            return False
    return True


def _is_single(heading: str) -> bool:
    """A heading that has nothing finer under it: a name or an ID number."""
    return field_of(heading) in {"name", "id_number", "sex", "relation"}
