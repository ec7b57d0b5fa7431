"""Codes and checks about persons. Pure. Source: norms.md, "Codes"."""

from datetime import date
from enum import StrEnum

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


class Sex(StrEnum):
    """GB/T 2261.1."""

    MAN = "1"
    WOMAN = "2"


class Residence(StrEnum):
    """Where a registered person mostly lives."""

    HOME = "home"
    AWAY = "away"


SEX_WORDS = {Sex.MAN: "男", Sex.WOMAN: "女"}
RESIDENCE_WORDS = {Residence.HOME: "在家", Residence.AWAY: "外出"}

# GB/T 4761, the two-digit codes in use here.
RELATION_WORDS = {
    "02": "户主",
    "10": "配偶",
    "20": "子",
    "30": "女",
    "28": "女婿",
    "38": "儿媳",
    "41": "孙子",
    "42": "孙女",
    "51": "父亲",
    "52": "母亲",
    "73": "弟",
    "77": "妹",
    "93": "侄子",
    "94": "侄女",
    "97": "其他",
}
HEAD = "02"

# Personal fields that may be revealed one at a time, with a purpose.
REVEALABLE = {"name": "姓名", "id_number": "身份证号", "phone": "电话"}


def check_digit(first17: str) -> str:
    """The last sign of an ID number by GB 11643, MOD 11-2."""
    return CHECKS[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def age_on(born_on: date, day: date) -> int:
    """Full years on a day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
