"""What is kept about people, why, how long, and their rights, from the register of fields."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lianhu.accounts.roles import ROLES
from lianhu.board.page import public_page
from lianhu.kernel.catalogue import read

# What a table is called on the page; one without a name here shows under "其他".
TABLES = {
    "matters.Matter": "您反映的事",
    "matters.Step": "事情办到哪一步",
    "matters.Attachment": "照片",
    "media.Photo": "照片",
    "people.Household": "户籍登记：户",
    "people.Person": "户籍登记：人",
    "people.RegisterImport": "户籍登记表的导入",
    "visits.Visit": "走访",
    "letters.Letter": "三线人员手机送来的原始记录",
    "postings.Posting": "谁负责哪个网格",
    "accounts.User": "登录的账号（干部和三线人员）",
    "accounts.Grant": "登录的账号（干部和三线人员）",
    "accounts.Device": "登录的账号（干部和三线人员）",
    "accounts.EnrolToken": "登录的账号（干部和三线人员）",
    "accounts.Attempt": "防止乱试和滥发",
    "audit.Entry": "留痕：谁在什么时候看了、改了什么",
}
READERS = {
    "self": "本人",
    "sign-in": "只用来核对登录",
    "nobody": "没有人能看到原文",
    "public": "公开",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One purpose of the register: what for, on what basis, who sees it, how long."""

    purpose: str
    citation: str
    readers: str
    kept: str


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why and how long, and how to see, correct and delete it."""
    register = read("fields.toml")
    return render(
        request, "board/privacy.html", {"tables": tables(), "source": register["source"]}
    )


def tables() -> list[tuple[str, list[Line]]]:
    """Every personal field of the register as lines of a page, by table; equal lines once."""
    found: dict[str, dict[Line, None]] = {}
    for name, entry in read("fields.toml")["fields"].items():
        title = TABLES.get(name.rpartition(".")[0], "其他")
        line = Line(
            entry["purpose"],
            entry["citation"],
            _readers(entry["who"]),
            _kept(entry["kept_days"]),
        )
        found.setdefault(title, {})[line] = None
    order = list(dict.fromkeys([*TABLES.values(), "其他"]))
    return [(title, list(found[title])) for title in order if title in found]


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
