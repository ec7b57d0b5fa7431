"""The imports of the register so far, as a list of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.excel import MOST, Heads, moment, send, widest_place
from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import sheet_of, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.people.queries.imports import list_imports

VERB = "household.load"
STATES = {"": "全部", "kept": "在登记里的", "undone": "撤销了的"}
ORDERS = {"": "最近的在前", "at": "最早的在前", "place": "按地方", "-persons": "人多的在前"}
IMPORTS: Heads = (
    ("文件", 32), ("哪里", 24), ("户", 8), ("人", 8), ("要核对", 8), ("导入时间", 17), ("撤销", 13),
)  # fmt: skip


def _wanted(request: HttpRequest, actor: Actor) -> tuple[Any, Asked]:
    """The imports that the address asks for, and what was asked."""
    actor.require(VERB, "")
    asked = asked_of(
        request, Select("state", "现在", STATES), order_by(ORDERS), words="文件名", keep=()
    )
    rows = list_imports(
        actor, state=asked.value("state"), words=asked.words, order=asked.value("order")
    )
    return rows, asked


@staff
def imports(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every import in reach."""
    rows, asked = _wanted(request, actor)
    sheet = sheet_of(rows, request)
    return show(
        request, actor, "desk/register/imports.html", tab="register", sheet=sheet, asked=asked,
        imports=sheet.rows, names=names_for(actor, [row.place_id for row in sheet.rows]),
        may_export=actor.holds("export"),
    )  # fmt: skip


@require_POST
@staff
@fresh
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The imports as filtered."""
    rows, _ = _wanted(request, actor)
    place = widest_place(actor)
    actor.require("export", place)
    found = list(rows[:MOST])
    names = names_for(actor, [row.place_id for row in found])
    cells = [
        [r.file_name, names.where(r.place_id), str(r.households), str(r.persons),
         str(r.problems), moment(r.at), localdate(r.undone_at).isoformat() if r.undone_at else ""]
        for r in found
    ]  # fmt: skip
    return send(actor, "imports", place, IMPORTS, cells)
