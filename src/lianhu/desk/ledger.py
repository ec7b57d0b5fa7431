"""The ledger in one's reach: who did what, where, when; gone through by id."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import PAGE, chosen_place, may, show, staff
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.territory.queries import path_of
from lianhu.territory.queries.ledger import list_entries

# Without care: that there is a record of somebody's trouble is in no list, nor asked for in one.
# Without visits: one person's, minute by minute, would be a trail.
WINGS = {
    "matter": "事项", "person": "查看和改动个人信息", "household": "户",
    "proposal": "手机报的户籍变化", "register": "户籍登记表", "grade": "怎样帮（颜色）",
    "cadence": "多久走访一次", "rights": "个人信息申请", "emergency": "紧急查看",
    "minor": "未成年人信息", "assessment": "影响评估", "resource": "本地资源", "grid": "网格划分",
    "posting": "任职", "grant": "身份", "device": "手机", "account": "账号",
    "second": "第二道验证", "session": "登录的结束", "place": "地方",
    "letter": "来信", "export": "导出", "keys": "加密钥匙", "keeping": "备份和恢复",
    "county": "县的开始",
}  # fmt: skip
ORDERS = {"": "最新的在前", "oldest": "最早的在前"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks of the ledger, and the entries that fit."""

    rows: Any
    under: str
    asked: Asked


def wanted_entries(request: HttpRequest, actor: Actor) -> Wanted:
    """The entries that the address asks for. Refuses ``account.not_permitted``."""
    if not may(actor, "ledger.read"):
        raise NotPermitted("account.not_permitted")
    under = chosen_place(request, actor, "ledger.read")
    asked = asked_of(
        request, Select("verb", "做了什么", {"": "全部", **WINGS}), order_by(ORDERS),
        words="谁（全名）", days=[("day", "哪一天")],
    )  # fmt: skip
    beyond = request.GET.get("beyond", "")
    rows = list_entries(
        actor, under=under, verb=asked.value("verb"), person=asked.words, day=asked.day("day"),
        oldest=asked.value("order") == "oldest",
        beyond=int(beyond) if beyond.isdecimal() and len(beyond) < 18 else 0,
    )  # fmt: skip
    return Wanted(rows, under, asked)


@staff
def ledger(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Entries by what was done, where, by whom and on which day; gone through by id."""
    wanted = wanted_entries(request, actor)
    rows = list(wanted.rows[: PAGE + 1])
    path = path_of(wanted.under)
    shown = rows[:PAGE]
    return show(
        request, actor, "desk/ledger.html", tab="ledger",
        rows=shown, names=names_for(actor, [row.place_id for row in shown]), asked=wanted.asked,
        further=shown[-1].id if len(rows) > PAGE else 0, first=not request.GET.get("beyond"),
        path=path, open_codes={p.code for p in path if actor.holds("ledger.read", p.code)},
        may_export=actor.holds("export", wanted.under),
    )  # fmt: skip
