"""The canonical heading table: what a column's heading stands for.

Data: `catalogue/register/headings.toml`. A heading is normalised first, so that 姓名*, 姓 名 and
姓名（必填） are one.
"""

import re
from functools import cache, lru_cache
from typing import Any

from lianhu.kernel.catalogue import read
from lianhu.people.register.cells import squeeze

BRACKETS = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>|《[^《》]*》"
)
STARS = re.compile(r"[*★☆※▲△●#]")
EDGES = re.compile(r"^\d+[.、:)]|[:;,。、.]+$")
MARKS = re.compile(r"[()\[\]【】〔〕]")
NUMBERED = re.compile(r"[0-9一二]$")
IGNORED = "ignored"
PERSONAL = frozenset({"name", "relation", "id_number", "sex", "birth", "phones", "away"})


def normal(heading: object) -> str:
    """A heading without spaces, stars, brackets and numbering; "" for what is no text."""
    if not isinstance(heading, str):
        return ""
    text = STARS.sub("", squeeze(heading))
    bare = EDGES.sub("", BRACKETS.sub("", text))
    return bare or EDGES.sub("", text.strip("()[]【】"))


@cache
def table() -> dict[str, str]:
    """Normalised heading to field, `ignored` for known columns that are not read."""
    data = read("register/headings.toml")
    found: dict[str, str] = {normal(word): IGNORED for word in data["ignored"]["words"]}
    for field, words in {**data["place"], **data["household"]}.items():
        found.update((normal(word), field) for word in words)
    for field, stems in data["person"].items():
        found.update((normal(own + stem), field) for stem in stems for own in data["own"])
    return found


@cache
def titles() -> dict[str, Any]:
    """Titles over several columns, normalised: `heads`, `others`, `words`."""
    data = read("register/headings.toml")["titles"]
    return {key: frozenset(map(normal, words)) for key, words in data.items()}


@lru_cache(maxsize=4096)
def field_of(heading: object, title: str = "") -> str:
    """The field a column holds by its heading and the title over it; "" for one not known."""
    word = normal(heading)
    field = table().get(word) or table().get(NUMBERED.sub("", word), "")
    if not field and isinstance(heading, str):  # 家庭成员（姓名）
        field = table().get(normal(MARKS.sub("", squeeze(heading))), "")
    over = normal(title)
    if not over or field not in PERSONAL:
        return field
    if over in titles()["heads"]:
        return "head_name" if field == "name" else IGNORED
    if over in titles()["others"]:
        return IGNORED
    return field


def is_person(title: object) -> bool:
    """Whether a title over columns names a person, so that it is no heading itself."""
    return normal(title) in titles()["heads"] | titles()["others"]


def is_title(text: str) -> bool:
    """Whether a cell may be a title over several columns, not a note or a value."""
    word = normal(text)
    if not word or len(word) > 14 or ":" in word or any(c.isdigit() for c in word):
        return False
    known = titles()
    return (
        word in known["heads"]
        or word in known["others"]
        or word in table()
        or any(part in word for part in known["words"])
    )
