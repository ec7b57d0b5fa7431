"""Dates of birth as villages write them: days, months, serial numbers, and what is no date."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from lianhu.people.register.cells import Cell, is_nothing, limit, plain, squeeze

WHOLE = re.compile(r"\d{5,8}")
WRITTEN = re.compile(r"(\d{4}|\d{2})年(\d{1,2})月(?:(\d{1,2})[日号]?)?(?:出?生)?")
PARTED = re.compile(
    r"(\d{4}|\d{2})([-./])(\d{1,2})(?:\2(\d{1,2}))?(?:T?\d{1,2}:\d\d(?::\d\d(?:\.0+)?)?)?"
)
HAN = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?"
)
HAN_DIGITS = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
}
DASHES = re.compile(r"[‐‑‒–—―−]")
FIRST_DAY = date(1899, 12, 30)  # Excel's day 0, for every day since March 1900
MAC_DAYS = 1462


class Birth(NamedTuple):
    """A day "YYYY-MM-DD" or a month "YYYY-MM"; `kind` is the problem if it is neither.

    Of an ambiguous one `months` are the two months it may be, each "YYYY-MM".
    """

    value: str | None
    kind: str = ""
    months: tuple[str, ...] = ()


NONE = Birth(None)
BAD = Birth(None, "bad_date")


@lru_cache(maxsize=1 << 16)
def compact_day(digits: str) -> str:
    """YYYYMMDD as YYYY-MM-DD; "" when there never was such a day."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return ""


@lru_cache(maxsize=1 << 16)
def birth(value: Cell, today: str, mac: bool = False) -> Birth:
    """What a birth cell says; `today` as YYYY-MM-DD; `mac`: serial days count from 1904."""
    if isinstance(value, str):
        found = _text(squeeze(plain(value)), today, mac)
    elif isinstance(value, datetime):
        found = Birth(value.date().isoformat())
    elif isinstance(value, date):
        found = Birth(value.isoformat())
    elif isinstance(value, bool) or not isinstance(value, int | float):
        found = NONE if value is None else BAD
    elif float(value).is_integer():
        found = _whole(str(int(value)), mac)
    else:
        found = _number(repr(value), int(today[2:4]))
    if found.value and not str(limit("oldest_year")) <= found.value <= today:
        return BAD
    return found


def _number(said: str, now: int) -> Birth:
    """A number cell with a point: 1968.05 is May; 1968.1 January, or October without its zero."""
    year, _, month = said.partition(".")
    if len(year) not in (2, 4) or not year.isdigit() or not month.isdigit():
        return BAD
    if month == "1":
        century = year if len(year) == 4 else _full_year(year, now)
        return Birth(None, "date_ambiguous", (f"{century}-01", f"{century}-10"))
    return _made(year, month, None, now)


def _whole(digits: str, mac: bool) -> Birth:
    if len(digits) == 8:
        return Birth(compact_day(digits) or None) if compact_day(digits) else BAD
    if len(digits) == 6:
        return _made(digits[:4], digits[4:], None, 0)
    if len(digits) == 5:
        return Birth((FIRST_DAY + timedelta(int(digits) + mac * MAC_DAYS)).isoformat())
    return BAD


def _text(said: str, today: str, mac: bool) -> Birth:
    if is_nothing(said):
        return NONE
    said = DASHES.sub("-", said)
    if WHOLE.fullmatch(said):
        return _whole(said, mac)
    now = int(today[2:4])
    if match := WRITTEN.fullmatch(said):
        return _made(match[1], match[2], match[3], now)
    if match := PARTED.fullmatch(said):
        return _made(match[1], match[3], match[4], now)
    if match := HAN.fullmatch(said):
        year = "".join(HAN_DIGITS[sign] for sign in match[1])
        return _made(year, han_number(match[2]), match[3] and han_number(match[3]), now)
    return BAD


def _made(year: str, month: str, day: str | None, now: int) -> Birth:
    full = year if len(year) == 4 else _full_year(year, now)
    whole = compact_day(f"{full}{month:0>2}{day or '01':0>2}")
    if not whole:
        return BAD
    return Birth(whole if day else whole[:7])


def _full_year(year: str, now: int) -> str:
    """Two digits above the present year belong to the last century."""
    return ("19" if int(year) > now else "20") + year


def han_number(signs: str) -> str:
    """一 to 九十九 as digits; "0" for what is no such number."""
    tens, ten, ones = signs.partition("十")
    if not ten:
        return HAN_DIGITS.get(signs, "0")
    if len(tens) > 1 or len(ones) > 1:
        return "0"
    return HAN_DIGITS.get(tens, "1" if not tens else "x") + (HAN_DIGITS.get(ones, "0"))
