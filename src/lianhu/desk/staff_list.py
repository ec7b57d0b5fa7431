"""Lists of staff: the three lines, offices, gaps, postings that ended; and their files."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.queries.staff import list_staff
from lianhu.accounts.roles import LINE_ROLES, ROLES
from lianhu.desk.excel import MOST, Heads, send
from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import chosen_place, sheet_of, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.where import Names, names_for
from lianhu.kernel.actor import Actor
from lianhu.postings.queries import list_gaps, list_past, list_postings
from lianhu.territory.queries import path_of

LINES = {"": "三线人员"} | {role: ROLES[role].label for role in LINE_ROLES}
VIEWS = LINES | {
    "office": "干部",
    "gaps": "还没有网格长",
    "past": "以前的任职",
}
ORDERS = {"": "按地方", "name": "按姓名", "-since": "新任的在前"}
ORDERS_OF = {
    "gaps": {"": "按地方", "-code": "按地方，倒着"},
    "past": {"": "刚结束的在前", "name": "按姓名", "place": "按地方"},
}
PEOPLE: Heads = (("姓名", 12), ("身份", 16), ("网格长", 8), ("负责哪里", 28), ("从何时起", 13))
PAST: Heads = (*PEOPLE, ("到何时止", 13))
GAPS: Heads = (("还没有网格长的网格", 32), ("编码", 20))


def wanted_people(request: HttpRequest, actor: Actor) -> tuple[Any, str, str, Asked]:
    """The rows that the address asks for, its view, its place, and what was asked."""
    view = request.GET.get("line", "")
    view = view if view in VIEWS else ""
    under, today = chosen_place(request, actor, "posting.read"), localdate()
    selects = [order_by(ORDERS_OF.get(view, ORDERS))]
    if view == "past":
        selects.insert(0, Select("was", "哪条线", LINES))
    words = "网格的名字" if view == "gaps" else "姓名"
    asked = asked_of(request, *selects, words=words, keep=("place", "line"))
    how = {"words": asked.words, "order": asked.value("order")}
    rows: Any
    if view == "gaps":
        rows = list_gaps(actor, under=under, on=today, **how)
    elif view == "office":
        rows = list_staff(actor, on=today, under=under, lines=False, **how)
    elif view == "past":
        rows = list_past(actor, under=under, on=today, line=asked.value("was"), **how)
    else:
        rows = list_postings(actor, under=under, on=today, line=view, **how)
    return rows, view, under, asked


@staff
def people(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Postings, office-holders, gaps or former postings at or below a place."""
    rows, view, under, asked = wanted_people(request, actor)
    sheet = sheet_of(rows, request)
    path = path_of(under)
    return show(
        request, actor, "desk/staff.html", tab="staff", under=under, path=path,
        open_codes={p.code for p in path if actor.holds("posting.read", p.code)},
        views=VIEWS, view=view, asked=asked, sheet=sheet,
        names=names_for(actor, _codes(view, sheet.rows)),
        may_change=actor.holds("posting.change", under),
        may_export=actor.holds("export", under),
        may_open=actor.holds("account.manage", under),
        may_phones=actor.holds("device.manage", under),
    )  # fmt: skip


def _codes(view: str, rows: list[Any]) -> list[str]:
    return [row.code if view == "gaps" else row.place_id for row in rows]


@require_POST
@staff
@fresh
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The list as filtered, as a file."""
    found, view, under, _ = wanted_people(request, actor)
    actor.require("export", under)
    rows = list(found[:MOST])
    names = names_for(actor, _codes(view, rows))
    if view == "gaps":
        cells = [[names.where(place.code), place.code] for place in rows]
        return send(actor, "gaps", under, GAPS, cells)
    if view == "past":
        cells = [[*_person(row, names), row.ends_on.isoformat()] for row in rows]
        return send(actor, "past-staff", under, PAST, cells)
    return send(actor, "staff", under, PEOPLE, [_person(row, names) for row in rows])


def _person(row: Any, names: Names) -> list[str]:
    role = row.get_line_display() if hasattr(row, "line") else row.get_role_display()
    leads = "是" if getattr(row, "is_leader", False) else ""
    where = names.where(row.place_id)
    return [row.user.name, str(role), leads, where, row.starts_on.isoformat()]
