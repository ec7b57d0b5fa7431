"""Codes and checks about persons. Pure. Source: norms.md, "Codes"."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from lianhu.kernel.catalogue import in_force, read

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
ID_SIGNS = 18


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


def minor_terms(on: date) -> dict[str, Any]:
    """What the law and the county say of who is under age, on a day (catalogue/minors.toml)."""
    return in_force(read("minors.toml")["versions"], on)


def is_minor(born_on: date | None, on: date) -> bool:
    """Whether somebody is under age on a day; nobody whose birth is not known."""
    return born_on is not None and age_on(born_on, on) < minor_terms(on)["of_age"]


def last_birth_of_age(on: date) -> date:
    """The latest day of birth of somebody who is of age on a day."""
    # Who was born on 29 February is of age on 1 March; that day has no year to be counted from.
    day = on - timedelta(days=1) if (on.month, on.day) == (2, 29) else on
    return day.replace(year=on.year - minor_terms(on)["of_age"])


def needs_guardian(born_on: date | None, on: date) -> bool:
    """Whether a guardian speaks for somebody's data on a day (个人信息保护法, 31)."""
    return born_on is not None and age_on(born_on, on) < minor_terms(on)["guarded_below"]


def latest_birth(born_on: date | None, born_month: str, id_number: str) -> date | None:
    """The latest day of birth that a register's row allows: of a month its last, else what an ID
    number says; None where it says nothing."""
    if born_on is not None:
        return born_on
    try:
        if born_month:
            first = date.fromisoformat(f"{born_month}-01")
            return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return date.fromisoformat(id_number[6:14]) if len(id_number) == ID_SIGNS else None
    except ValueError:
        return None


# How a person leaves the register; he stays readable in its history.
ENDINGS = {"died": "去世", "moved_out": "迁走", "duplicate": "并入同一人的另一条登记"}
# What a change of a household or person was, in words for its timeline.
CHANGE_WORDS = {
    "household.move": "搬到别处", "household.split": "分户", "household.merge": "并户",
    "household.end": "销户", "household.head": "换了户主", "household.correct": "改正户的登记",
    "person.born": "出生登记", "person.moved_in": "迁入", "person.missed": "补登记",
    "person.died": "去世", "person.moved_out": "迁走", "person.duplicate": "并入同一人的登记",
    "person.restored": "恢复登记", "person.correct": "改正登记", "person.residence": "在家或外出",
    "person.erased": "按本人要求删除", "person.restricted": "按本人要求限制使用",
    "person.unrestricted": "本人要求重新使用",
    "person.merge": "两条登记并为一条", "person.unmerge": "撤销合并",
}  # fmt: skip
# What a phone may say of a household, in words for the desk and the phone.
PROPOSAL_WORDS = {
    "residence": "在家或外出", "phone": "换了电话", "relation": "关系不对", "died": "去世了",
    "moved_out": "迁走了", "born": "添了孩子", "moved_in": "来了人", "other": "别的情况",
}  # fmt: skip
_SPOUSE, _CHILD, _PARENT, _SIBLING = "10", {"20", "30"}, {"51", "52"}, {"73", "77"}


def is_id_number(number: str) -> bool:
    """Whether 18 signs make an ID number: digits, a day that was, and the check digit."""
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return number[17] == check_digit(number[:17])


def relation_after(was: str, relation: str, sex: str) -> str:
    """What a member is to a new head who `was` this to the old one; "" where it is not certain.

    Only what follows for certain: a spouse's children are mostly both's, so they stay children;
    of a child's brothers and sisters nobody knows here who is older.
    """
    by_sex = {Sex.MAN: "51", Sex.WOMAN: "52"}
    if relation == HEAD:
        if was == _SPOUSE:
            return _SPOUSE
        if was in _CHILD and sex in by_sex:
            return by_sex[Sex(sex)]
        if was in _PARENT and sex:
            return {Sex.MAN: "20", Sex.WOMAN: "30"}[Sex(sex)]
        return ""
    if was == _SPOUSE and relation in _CHILD:
        return relation
    if was in _CHILD and relation == _SPOUSE and sex in by_sex:
        return by_sex[Sex(sex)]
    return ""


def tier_of(persons: int, tiers: Sequence[Mapping[str, Any]]) -> int:
    """How many of the thresholds of catalogue/exports.toml so many persons reach; 0 for none."""
    return sum(persons >= tier["from_persons"] for tier in tiers)
