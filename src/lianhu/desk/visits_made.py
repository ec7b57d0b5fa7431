"""Visits that were made: where, by whom, on which day, what for."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from lianhu.desk.lists import Asked, asked_of, order_by
from lianhu.desk.page import chosen_place, may, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.territory.queries import path_of
from lianhu.visits.queries import list_visits

VERB = "visit.read"
ORDERS = {"": "最近的在前", "on": "早的在前", "place": "按地方"}


def wanted_visits(request: HttpRequest, actor: Actor) -> tuple[Any, str, Asked]:
    """The visits that the address asks for, the place, and what was asked. Refuses
    ``account.not_permitted``."""
    actor.require(VERB, "")
    under = chosen_place(request, actor, VERB)
    asked = asked_of(request, order_by(ORDERS), days=(("from", "从"), ("to", "到")))
    rows = list_visits(
        actor, under=under, since=asked.day("from"), until=asked.day("to"),
        order=asked.value("order"),
    )  # fmt: skip
    return rows, under, asked


def duty_words(codes: list[str]) -> str:
    """The duties of a visit in words."""
    known = read("duties.toml")["duties"]
    return "、".join(str(known.get(code, code)) for code in codes)


@staff
def visits(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Visits at or below a place by day; what was said stays on the household's page. Nothing
    gathers the visits of one person: that would be a trail of staff (norms.md)."""
    rows, under, asked = wanted_visits(request, actor)
    sheet = sheet_of(rows, request)
    path = path_of(under)
    return show(
        request, actor, "desk/visits.html", tab="visits", sheet=sheet, path=path,
        lines=[(v, duty_words(v.duties)) for v in sheet.rows], asked=asked,
        names=names_for(actor, [v.place_id for v in sheet.rows]),
        open_codes={p.code for p in path if actor.holds(VERB, p.code)},
        may_plan=may(actor, "grade.read"), may_export=actor.holds("export", under),
    )  # fmt: skip
