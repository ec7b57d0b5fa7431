"""What a row is when it is no person: a sum, a signature, column numbers, hints, a title."""

import re
from collections.abc import Sequence
from functools import cache

from lianhu.kernel.catalogue import read
from lianhu.people.register.cells import Cell, squeeze, text

COUNTED = re.compile(r"[(\[<]?(?:\d{1,2}|[甲乙丙丁戊己庚辛壬癸]|[A-Z])[)\]>]?")
DAY = re.compile(r"\d{4}[年.\-/]\d{1,2}[月.\-/](?:\d{1,2}日?)?")
COUNTING = re.compile(r"[:,。、()人户共计\d\s]*")


def filled(row: Sequence[Cell]) -> list[str]:
    """The texts of a row's cells that are not empty."""
    return [said for cell in row if (said := text(cell))]


@cache
def _list(key: str) -> tuple[str, ...]:
    return tuple(read("register/words.toml")["rows"][key])


@cache
def _sums() -> re.Pattern[str]:
    """合计, 本页小计, 一组合计, 合计：98人, and so on."""
    inner = "|".join(_list("sums"))
    return re.compile(
        rf"(?:本页|本村|本组|全村|全组|全镇|本表|.{{0,6}}[村组区])?(?:{inner})(.*)"
    )


def is_sum(cells: Sequence[str], name: str) -> bool:
    """Whether any cell says that the row adds up others; without a `name` (or with 98人 for one)
    a cell that only begins so will do."""
    if not name or COUNTING.fullmatch(squeeze(name)):
        return any(squeeze(said).startswith(_list("sums")) for said in cells) or is_sum(
            cells, "*"
        )
    found = [_sums().fullmatch(squeeze(said)) for said in cells if "计" in said]
    return any(match and COUNTING.fullmatch(match[1]) for match in found)


def is_signature(cells: Sequence[str], name: str) -> bool:
    """Whether any cell begins like a signature, a date of filling in, a stamp; no name has a
    colon."""
    if ":" in squeeze(name):
        return True
    return any(squeeze(said).startswith(_squeezed("signatures")) for said in cells)


@cache
def _squeezed(key: str) -> tuple[str, ...]:
    return tuple({squeeze(word) for word in _list(key)})


def is_note(cells: Sequence[str]) -> bool:
    """Whether the row is a title or a note: one cell, with a title's words or too long."""
    if len(cells) != 1:
        return False
    said = squeeze(cells[0])
    return (
        len(said) > 12
        or DAY.fullmatch(said) is not None
        or said.startswith(_squeezed("notes"))
        or any(word in said for word in _list("titles"))
    )


def is_numbering(cells: Sequence[str]) -> bool:
    """Whether the row numbers the columns: 1 2 3, 甲 乙 丙."""
    return len(cells) >= 3 and all(COUNTED.fullmatch(squeeze(said).upper()) for said in cells)


def is_hint(cells: Sequence[str], name: str) -> bool:
    """Whether the row tells how to fill the columns in."""
    hints = sum(any(word in said for word in _list("hints")) for said in cells)
    of_name = any(word in name for word in _list("hints"))
    return hints >= 2 or (hints == 1 and (of_name or len(cells) == 1))
