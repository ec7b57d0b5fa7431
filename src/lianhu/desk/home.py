"""The first page: whose turn it is, and the territory with one figure at a time."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.accounts.queries.devices import count_cut
from lianhu.desk.drill import drill
from lianhu.desk.matter import facts_of
from lianhu.desk.page import chosen_place, may, show, staff
from lianhu.desk.rows import rows_of
from lianhu.desk.steps import FORMS
from lianhu.grading.queries.waiting import count_appeals, count_confirmations
from lianhu.kernel.actor import Actor
from lianhu.matters.queries.counts import count_turn
from lianhu.matters.queries.lists import Filter, list_matters
from lianhu.matters.queries.one import read_matter
from lianhu.people.queries.minors import list_waiting
from lianhu.rights.queries.emergencies import list_to_review
from lianhu.rights.queries.requests import count_waiting
from lianhu.territory.queries import path_of

URGENT = 8
MOST = 100


@staff
def home(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Late, due today, waiting for me, answered in time; my most urgent; the places below."""
    today = localdate()
    place = chosen_place(request, actor)
    path = path_of(place)
    page: dict[str, Any] = {
        "place": place,
        "path": path,
        "open_codes": {p.code for p in path if actor.holds("place.read", p.code)},
        "drill": drill(actor, place, request.GET.get("figure", ""), today=today),
    }
    if may(actor, "matter.read"):
        page |= _turn(request, actor, place)
    if may(actor, "emergency.review"):
        page["emergencies"] = len(list_to_review(actor).values("id")[:MOST])
    if may(actor, "minor.agree"):
        looks = list_waiting(actor, at=timezone.now())
        page["minors"] = len(looks.values("id")[:MOST])
    if may(actor, "grade.confirm"):
        page["seconds"] = count_confirmations(actor)
    if may(actor, "grade.appeal"):
        page["appeals"] = count_appeals(actor, on=today)
    if may(actor, "device.manage"):
        page["phones_cut"] = count_cut(actor, at=timezone.now())
    if may(actor, "rights.answer"):
        page["asked"] = count_waiting(actor, today=today)
    return show(request, actor, "desk/home.html", tab="home", **page)


def _turn(request: HttpRequest, actor: Actor, place: str) -> dict[str, Any]:
    """The four figures, the rows whose turn is mine, and the chosen one beside them."""
    today = localdate()
    turn = count_turn(actor, under=place, today=today)
    mine = turn.mine > 0
    late = Filter(queue="under", late="late", under=place)
    wanted = Filter(queue="mine", under=place) if mine else late
    found = list(list_matters(actor, wanted, today=today)[:URGENT])
    rows, names = rows_of(actor, found)
    chosen = _chosen(request.GET.get("sel", ""), found)
    panel: dict[str, Any] = {}
    if chosen is not None:
        facts = facts_of(actor, read_matter(actor, chosen))
        panel = facts | {"panel": facts["matter"], "first": FORMS.get(facts["next"].first)}
    share = round(100 * turn.ended_in_time / turn.ended) if turn.ended else None
    return panel | {
        "turn": turn, "share": share, "rows": rows, "names": names, "mine": mine,
        "sel": chosen, "back": request.get_full_path(), "panel_names": panel.get("names"),
    }  # fmt: skip


def _chosen(asked: str, found: list[Any]) -> UUID | None:
    """The matter for the side panel: the one asked for, else the first of the list."""
    try:
        return UUID(asked)
    except ValueError:
        return found[0].id if found else None
