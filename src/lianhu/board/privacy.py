"""What is kept about people, why, how long, and their rights, from the register of fields."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lianhu.board.page import public_page
from lianhu.kernel.catalogue import read
from lianhu.rights.queries.fields import Told, told

# What a table is called on the page; one without a name here shows under "其他".
TABLES = {
    "matters.Matter": "您反映的事",
    "matters.Step": "事情办到哪一步",
    "matters.Attachment": "照片",
    "media.Photo": "照片",
    "people.Household": "户籍登记：户",
    "people.Person": "户籍登记：人",
    "rights.Request": "您对自己信息的申请",
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


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why and how long, and how to see, correct and delete it."""
    register = read("fields.toml")
    return render(
        request, "board/privacy.html", {"tables": tables(), "source": register["source"]}
    )


def tables() -> list[tuple[str, list[Told]]]:
    """Every personal field of the register as lines of a page, by table; equal lines once."""
    found: dict[str, dict[Told, None]] = {}
    for name in read("fields.toml")["fields"]:
        title = TABLES.get(name.rpartition(".")[0], "其他")
        found.setdefault(title, {})[told(name)] = None
    order = list(dict.fromkeys([*TABLES.values(), "其他"]))
    return [(title, list(found[title])) for title in order if title in found]
