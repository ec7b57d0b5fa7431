"""ID numbers: clean one, say what is wrong with it. GB 11643; the order of tests is the README's."""

import re
from decimal import Decimal
from operator import mul
from typing import NamedTuple

from lianhu.people.register.cells import Cell, is_nothing, plain, squeeze, words
from lianhu.people.register.dates import compact_day
from lianhu.people.rules import CHECKS, WEIGHTS, check_digit

NOISE = re.compile(r"[-‐‑‒–—―−﹣－_" + "'’‘`" + r'"=]')
RANGED = re.compile(r"\d(?:\.\d+)?E\+?\d+")
DIGITS = re.compile(r"\d+X?")
RUN = re.compile(r"\d{5}|^\d+$")
EXACT = 1e15  # from here on a number cell has lost digits
ZEROS = 48 * sum(WEIGHTS)


class Judged(NamedTuple):
    """An ID number as far as it is good, and the kind of problem with the cell, if any."""

    number: str | None
    kind: str


def clean(value: Cell) -> str:
    """A cell as a bare ID number: one width, no spaces and hyphens, X as a capital.

    A number cell is written with the 15 digits that Excel keeps.
    """
    if isinstance(value, str):
        if len(value) == 18 and value.isascii() and value.isalnum():
            return value.upper()
        said = squeeze(plain(value)).upper()
        return said if said.isalnum() and said.isascii() else NOISE.sub("", said)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}"
    return NOISE.sub("", str(value))


def judge(value: Cell, today: str) -> Judged:
    """What an ID cell is worth; `today` as YYYYMMDD."""
    number = clean(value)
    if len(number) == 18 and number[:17].isdigit() and number.isascii():
        return _eighteen(value, number, today)
    if _says_nothing(number):
        return Judged(None, "id_missing")
    if _filler(number):
        return Judged(None, "id_placeholder")
    if _lost(value) or RANGED.fullmatch(number):
        return Judged(None, "id_lost_precision")
    if _other_document(number, today):
        return Judged(None, "id_not_citizen")
    return _fifteen(number, today)


def _eighteen(value: Cell, number: str, today: str) -> Judged:
    if "99999" in number or _filler(number):
        return Judged(None, "id_placeholder")
    if _lost(value):
        return Judged(None, "id_lost_precision")
    if not (number[17].isdigit() or number[17] == "X"):
        return Judged(None, "id_not_citizen")
    if not compact_day(number[6:14]) or number[6:14] > today:
        return Judged(None, "id_malformed")
    total = sum(map(mul, number[:17].encode(), WEIGHTS)) - ZEROS
    if CHECKS[total % 11] != number[17]:
        return Judged(None, "id_checksum")
    return Judged(number, "")


def _fifteen(number: str, today: str) -> Judged:
    """The old number of 15 digits, made 18; anything else is malformed."""
    if len(number) != 15 or not DIGITS.fullmatch(number) or number[-1] == "X":
        return Judged(None, "id_malformed")
    if not compact_day("19" + number[6:12]) or "19" + number[6:12] > today:
        return Judged(None, "id_malformed")
    first = number[:6] + "19" + number[6:]
    return Judged(first + check_digit(first), "id_old15")


def says_nothing(value: Cell) -> bool:
    """Whether an ID cell is empty or has a word for none."""
    return _says_nothing(clean(value))


def _says_nothing(number: str) -> bool:
    if not number or is_nothing(number):
        return True
    bare = number.strip("()[]")
    if RUN.search(bare):
        return False
    if not bare or bare in words("none", "exact") or bare[0] in _beginnings():
        return True
    return not any(map(str.isdigit, bare)) and any(w in bare for w in words("none", "within"))


def _beginnings() -> frozenset[str]:
    return frozenset(word[0] for word in words("none", "begins"))


def _filler(number: str) -> bool:
    return "99999" in number or (number[0].isdigit() and number == number[0] * len(number))


def _lost(value: Cell) -> bool:
    return isinstance(value, int | float) and abs(value) >= EXACT


def _other_document(number: str, today: str) -> bool:
    """A disability card (ID number, kind, grade), or a number with letters or Chinese in it."""
    if len(number) == 20 and number[:17].isdigit():
        return bool(compact_day(number[6:14])) and number[6:14] <= today
    return any(c.isalpha() and c != "X" for c in number)
