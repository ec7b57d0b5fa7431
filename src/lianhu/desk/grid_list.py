"""How the division into grids stands: villages and groups of a place as a list, and its file."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.excel import MOST, Cell, Heads, send
from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import chosen_place, go, sheet_of, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.where import Names, names_for
from lianhu.grids.actions.looking import look_again
from lianhu.grids.queries import bounds_for, drift_on
from lianhu.grids.queries.overview import list_groups, list_villages, sum_up
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.territory.queries import (
    COUNTY_LENGTH,
    TOWN_LENGTH,
    VILLAGE_LENGTH,
    list_places,
    path_of,
)

VERB = "grid.propose"
BY = {"village": "按村", "group": "按组"}
SHOWS = {
    "": "全部",
    "outside": "有网格在范围以外的",
    "fresh": "建议重新划分的",
    "waiting": "有方案等着应用的",
    "number": "格数和规则不同的",
}
ORDERS = {
    "": "按地方",
    "-households": "户多的在前",
    "-outside": "范围外网格多的在前",
    "-drift": "多走路的在前",
    "-waiting": "要动的户多的在前",
}
GROUPS: Heads = (
    ("哪里", 28), ("编码", 18), ("户", 8), ("人", 8), ("现在几格", 9), ("规则几格", 9),
    ("范围外的网格", 12), ("原因", 60), ("多走路（%）", 11), ("建议重新划分", 12),
    ("方案要动的户", 12), ("算于", 12),
)  # fmt: skip
VILLAGES: Heads = (
    ("村", 28), ("编码", 16), ("组", 8), ("户", 8), ("人", 8), ("现在几格", 9), ("规则几格", 9),
    ("范围外的网格", 12), ("建议重新划分的组", 16), ("方案等着应用的组", 16),
    ("方案要动的户", 12), ("算于", 12),
)  # fmt: skip


def _wanted(request: HttpRequest, actor: Actor) -> tuple[Any, str, str, Asked]:
    """The rows that the address asks for, "village" or "group", the place, what was asked."""
    actor.require(VERB, "")
    under = chosen_place(request, actor, VERB)
    # A village's own list is its groups; a wider one's the villages, until asked otherwise.
    ways = BY if len(under) < VILLAGE_LENGTH else {"group": BY["group"]}
    asked = asked_of(
        request, Select("by", "一行是", ways), Select("show", "看哪些", SHOWS), order_by(ORDERS),
        words="村或组的名字",
    )  # fmt: skip
    by = asked.value("by")
    rows = (list_groups if by == "group" else list_villages)(
        actor, under=under, show=asked.value("show"), words=asked.words,
        order=asked.value("order"),
    )  # fmt: skip
    return rows, by, under, asked


@staff
def grid_list(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Villages, or groups, at or below a place."""
    rows, by, under, asked = _wanted(request, actor)
    sheet = sheet_of(rows, request)
    path, today = path_of(under), localdate()
    bounds, source = bounds_for(under[:COUNTY_LENGTH], on=today)
    return show(
        request, actor, "desk/grid_list.html", tab="places", under=under, path=path, by=by,
        open_codes={p.code for p in path if actor.holds(VERB, p.code)}, asked=asked,
        sheet=sheet, names=names_for(actor, _codes(by, sheet.rows)),
        total=sum_up(actor, under=under),
        villages=list_places("village", under).count() if len(under) < VILLAGE_LENGTH else 0,
        bounds=bounds, source=source,
        drift_percent=round(100 * drift_on(today)), may_look=len(under) >= TOWN_LENGTH,
        may_export=actor.holds("export", under),
    )  # fmt: skip


def _codes(by: str, rows: list[Any]) -> list[str]:
    return [row.place_id if by == "group" else row["village_id"] for row in rows]


@require_POST
@staff
@fresh
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The list as filtered, as a file."""
    found, by, under, _ = _wanted(request, actor)
    actor.require("export", under)
    rows = list(found[:MOST])
    names = names_for(actor, _codes(by, rows))
    if by == "group":
        cells = [_group_cells(row, names) for row in rows]
        return send(actor, "grids-by-group", under, GROUPS, cells)
    return send(
        actor, "grids-by-village", under, VILLAGES, [_village_cells(row, names) for row in rows]
    )


def _group_cells(row: Any, names: Names) -> list[Cell]:
    return [
        names.where(row.place_id), row.place_id, row.households, row.people, row.grids,
        row.by_rule, row.outside, row.reason, _percent(row.drift),
        "是" if row.offers_fresh else "", row.waiting, row.looked_on,
    ]  # fmt: skip


def _village_cells(row: Any, names: Names) -> list[Cell]:
    return [
        names.where(row["village_id"]), row["village_id"], row["groups"], row["homes"],
        row["heads"], row["grids_now"], row["grids_by_rule"], row["grids_outside"],
        row["groups_fresh"], row["groups_waiting"], row["to_move"], row["oldest"],
    ]  # fmt: skip


def _percent(share: float) -> int:
    return round(100 * share)


@require_POST
@staff
def again(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Look at a town or a village now, instead of tomorrow morning."""
    under = request.POST.get("place", "")
    actor.require(VERB, under, code="place.not_found")
    if len(under) < TOWN_LENGTH:
        raise Refusal("grids.look_too_wide")
    look_again(actor, under, at=timezone.now())
    return go(f"/desk/grids/?place={under}", done="looked")
