"""Pinyin initials of a head's name, by which the household is found."""

from functools import cache

from pypinyin import Style, lazy_pinyin

# Family names that are read otherwise than the sign's usual reading.
FAMILY = {
    "单": "s",
    "曾": "z",
    "仇": "q",
    "解": "x",
    "查": "z",
    "尉": "y",
    "朴": "p",
    "翟": "z",
    "盖": "g",
}


@cache
def _initial(sign: str) -> str:
    return str(lazy_pinyin(sign, style=Style.FIRST_LETTER)[0])[:1]


def initials(name: str) -> str:
    """ "lwl" for 刘武林; at most ten signs, what has no reading left out."""
    first = FAMILY.get(name[:1]) or _initial(name[:1]) if name else ""
    found = first + "".join(_initial(sign) for sign in name[1:])
    return "".join(c for c in found if c.isascii() and c.isalpha())[:10].lower()
