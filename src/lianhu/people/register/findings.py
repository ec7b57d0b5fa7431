"""What reading a register gives: rows taken, households, problems. The shape is public."""

from typing import Any

import msgspec


class Person(msgspec.Struct, gc=False):
    """A row that was taken. `household` counts from 1 by first appearance."""

    sheet: str
    row: int
    household: int
    name: str
    id_number: str | None
    head: bool
    relation: str | None
    sex: str | None
    birth: str | None
    group_code_suffix: str | None
    village_code: str | None
    phones: list[str]
    away: bool | None


class Problem(msgspec.Struct, omit_defaults=True, order=True, gc=False):
    """Something the village should mend; `kind` is one of `catalogue/register/kinds.toml`.

    `also_rows` and `also_at` name other rows where the same fault may as well be mended.
    """

    sheet: str
    row: int
    field: str
    kind: str
    also_rows: list[int] = []
    also_at: tuple[str | int, ...] = ()


class Home(msgspec.Struct, gc=False):
    """A household as the register writes it, for the import; not part of the public shape."""

    number: str
    head_name: str
    village_code: str | None
    group: str | None
    address: str
    sheet: str
    row: int


class Column(msgspec.Struct):
    """A heading as it stands, and the field that its column is read as; "" for none."""

    heading: str
    field: str


class Correction(msgspec.Struct):
    """A cell read as `value` instead of what the file says; who mended it, and when."""

    sheet: str
    row: int
    field: str
    value: str
    old: str = ""
    by: str = ""
    at: str = ""


class Register(msgspec.Struct):
    """A whole file: what was taken and what was not."""

    file: str
    readable: bool
    header_rows: list[tuple[str, list[int]]]
    rows: list[Person]
    problems: list[Problem]
    homes: list[Home] = []

    @property
    def households(self) -> int:
        """How many households the rows taken make."""
        return len(self.homes)

    def as_json(self) -> dict[str, Any]:
        """The file's findings as plain values, in the shape of the README's "Truth"."""
        plain: dict[str, Any] = msgspec.to_builtins(
            {
                "file": self.file,
                "readable": self.readable,
                "header_rows": self.header_rows,
                "households": self.households,
                "persons": len(self.rows),
                "accepted": self.rows,
                "problems": self.problems,
            },
        )
        return plain


class Unreadable(Exception):  # noqa: N818 - it is a finding, not a fault
    """The file is refused as a whole; `kind` is one of the file's kinds of problem."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def refused(file: str, kind: str) -> Register:
    """A file that could not be read at all, with the one problem that says why."""
    return Register(file, False, [], [], [Problem("", 0, "file", kind)])


def cell_key(problem: Problem) -> str:
    """What names the cell that a problem is about."""
    return f"{problem.row}/{problem.field}/{problem.sheet}"
