"""A personal field in words: what for, on what basis, who sees it, how long it is kept."""

from dataclasses import dataclass
from functools import cache

from lianhu.accounts.roles import ROLES
from lianhu.kernel.catalogue import read

READERS = {
    "self": "本人",
    "sign-in": "只用来核对登录",
    "nobody": "没有人能看到原文",
    "public": "公开",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One purpose of the register of fields."""

    purpose: str
    citation: str
    readers: str
    kept: str


@cache
def told(name: str) -> Told:
    """What catalogue/fields.toml says of a column, "people.Person.name"."""
    entry = read("fields.toml")["fields"][name]
    return Told(
        entry["purpose"], entry["citation"], _readers(entry["who"]), _kept(entry["kept_days"])
    )


def _readers(who: str) -> str:
    """The roles that hold one of the verbs, in words."""
    verbs = set(who.split(", "))
    words = [text for key, text in READERS.items() if key in verbs]
    words += [role.label for role in ROLES.values() if role.verbs & verbs]
    return "、".join(words)


def _kept(days: int) -> str:
    """How long after its end, in words."""
    if days == 0:
        return "和这条记录一样久"
    years, rest = divmod(days, 365)
    return f"结束后 {years} 年" if years and not rest else f"结束后 {days} 天"
