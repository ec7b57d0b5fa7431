"""Visits that were made: where, by whom, on which day, what for."""

import re
from calendar import monthrange
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from lianhu.desk.page import chosen_place, may, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.territory.queries import path_of
from lianhu.visits.queries import list_visits

VERB = "visit.read"
ORDERS = {"": "最近的在前", "on": "早的在前", "place": "按地方"}


def month_of(text: str) -> tuple[date, date] | None:
    """The first and last day of a month written 2026-11; none for another text."""
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def wanted_visits(request: HttpRequest, actor: Actor) -> tuple[Any, dict[str, Any]]:
    """The visits that the address asks for, and what it asks. Refuses
    ``account.not_permitted``."""
    actor.require(VERB, "")
    under = chosen_place(request, actor, VERB)
    month, order = request.GET.get("month", ""), request.GET.get("order", "")
    days = month_of(month)
    asked = {
        "under": under,
        "month": month if days else "",
        "order": order if order in ORDERS else "",
    }
    since, until = days or (None, None)
    rows = list_visits(actor, under=under, since=since, until=until, order=asked["order"])
    return rows, asked


def duty_words(codes: list[str]) -> str:
    """The duties of a visit in words."""
    known = read("duties.toml")["duties"]
    return "、".join(str(known.get(code, code)) for code in codes)


@staff
def visits(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Visits at or below a place by month; what was said stays on the household's page. Nothing
    gathers the visits of one person: that would be a trail of staff (norms.md)."""
    rows, asked = wanted_visits(request, actor)
    sheet = sheet_of(rows, request)
    path = path_of(asked["under"])
    return show(
        request, actor, "desk/visits.html", tab="visits", sheet=sheet, path=path,
        lines=[(v, duty_words(v.duties)) for v in sheet.rows], orders=ORDERS,
        names=names_for(actor, [v.place_id for v in sheet.rows]),
        open_codes={p.code for p in path if actor.holds(VERB, p.code)},
        may_plan=may(actor, "grade.read"), may_export=actor.holds("export", asked["under"]),
        **asked,
    )  # fmt: skip
