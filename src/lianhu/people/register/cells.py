"""One cell: its text, and the values that need no other cell to be understood."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import TypeAlias

from lianhu.kernel.catalogue import read

Cell: TypeAlias = int | float | str | bool | date | datetime | time | timedelta | None

INVISIBLE = (
    "\u00ad\u200b\u200c\u200e\u200f\u202a\u202c\u202d\u2060\u2061\ufeff\u180e\u2028\u2029"
)
SPACES = re.compile(rf"[\s{INVISIBLE}]+|_x000[DdAa9]_")
FORCED = re.compile(r'^="(.*)"$', re.DOTALL)
# Chinese characters, rare ones of the supplementary planes too, and the dot of long names.
CHINESE = re.compile(r"[〇々\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af·]+")
NUMBERS = re.compile(r"[0-9+][0-9+ .\-]*")
DASHES = re.compile(r"[‐‑‒–—―−]")
COUNTRY = re.compile(r"\+\s*86|\.0$")
OF_HEAD = re.compile(r"^(?:系|是)?(?:本户)?户主(?:的|之)?|^其")
APOSTROPHES = "'’‘`＇"


@cache
def words(section: str, key: str) -> frozenset[str]:
    """A list of `catalogue/register/words.toml` as a set."""
    return frozenset(read("register/words.toml")[section][key])


def limit(key: str) -> int:
    """One of the limits of `catalogue/register/words.toml`."""
    return int(read("register/words.toml")["limits"][key])


def text(value: Cell) -> str:
    """A cell as text, without spaces at its ends; whole numbers without a point."""
    if value.__class__ is str:
        return plain(value)  # type: ignore[arg-type]
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        value = value.date()
    return str(value)


def plain(value: str) -> str:
    """Text without what was put round it to keep it text: ="…", a leading apostrophe."""
    value = value.strip()
    if value[:1] == "=" and (forced := FORCED.match(value)):
        value = forced[1].strip()
    return value.lstrip(APOSTROPHES).strip() if value[:1] in APOSTROPHES else value


def squeeze(value: str) -> str:
    """Text in one width of signs, without any spaces."""
    return SPACES.sub("", unicodedata.normalize("NFKC", SPACES.sub("", value)))


@lru_cache(maxsize=1 << 16)
def tight(value: str) -> str:
    """Text without any spaces, otherwise as written."""
    return SPACES.sub("", value)


@lru_cache(maxsize=1 << 14)
def word(value: Cell) -> str:
    """A short cell ready to be looked up: one width, no spaces, capitals."""
    return squeeze(text(value)).upper()


def is_ditto(value: Cell) -> bool:
    """Whether a cell says "as above"."""
    return isinstance(value, str) and SPACES.sub("", value) in words("ditto", "exact")


def is_nothing(value: str) -> bool:
    """Whether a squeezed text is a word or a mark for nothing."""
    return not value.strip("-‐‑‒–—―−_") or value in words("none", "exact")


@lru_cache(maxsize=1 << 12)
def flag(value: Cell) -> tuple[bool | None, bool]:
    """Yes, no or None, and whether the cell can be understood."""
    said = word(value)
    if not said:
        return None, True
    if said in words("flags", "yes"):
        return True, True
    if said in words("flags", "no"):
        return False, True
    return None, False


@lru_cache(maxsize=1 << 10)
def sex(value: Cell) -> str | None:
    """ "1" man, "2" woman (GB/T 2261.1), None for anything else."""
    said = word(value)
    if said in words("sex", "man"):
        return "1"
    return "2" if said in words("sex", "woman") else None


@cache
def relations() -> dict[str, str]:
    """Every way to write a relation, to its word of the closed list."""
    found: dict[str, str] = {}
    for relation, spellings in read("register/words.toml")["relation"].items():
        found.update(dict.fromkeys(spellings, relation))
    return found


@lru_cache(maxsize=1 << 12)
def relation(value: Cell) -> str | None:
    """The relation to the head as a word of the closed list; None when it cannot be told."""
    said = word(value)
    known = relations()
    return (
        known.get(said)
        or known.get(bare := said.partition("(")[0])
        or known.get(OF_HEAD.sub("", bare))
    )


def name(value: Cell) -> tuple[str, bool]:
    """A name without spaces, and whether it is written in Chinese characters throughout."""
    if value.__class__ is str and CHINESE.fullmatch(value):  # type: ignore[arg-type]
        return value, True  # type: ignore[return-value]
    said = SPACES.sub("", text(value))
    return said, CHINESE.fullmatch(said) is not None


def phones(value: Cell) -> tuple[list[str], bool]:
    """The telephone numbers in a cell, and whether all of them have 11 digits.

    Any sign that is no digit, space, hyphen or plus parts two numbers, so notes fall away.
    """
    if value.__class__ is str and len(value) == 11 and value.isascii() and value.isdigit():  # type: ignore
        return [value], True  # type: ignore[list-item]
    said = unicodedata.normalize("NFKC", text(value))
    if not said:
        return [], True
    found: list[str] = []
    good = True
    for part in NUMBERS.findall(DASHES.sub("-", said)):
        numbers, fits = _parted(part)
        good = good and fits
        found += numbers
    if not found and good and not any(map(str.isdigit, said)):
        good = is_nothing(squeeze(said))
    return found, good


def _parted(part: str) -> tuple[list[str], bool]:
    """Numbers of 11 digits in a run of digits, spaces and hyphens, and whether nothing is left."""
    found: list[str] = []
    good, now = True, ""
    for piece in re.findall(r"\d+", COUNTRY.sub(" ", part)):
        if now and len(now) + len(piece) > 11:
            good, now = False, ""
        if not now and piece in ("86", "0086"):
            continue
        now += piece
        if len(now) in (13, 15):
            now = now.removeprefix("00").removeprefix("86")
        if len(now) == 11:
            found.append(now)
        elif len(now) < 11:
            continue
        else:
            good = False
        now = ""
    return found, good and not now
