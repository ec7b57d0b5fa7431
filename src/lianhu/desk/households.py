"""A household on one page: members masked, one field revealed at a time, matters, visits, ledger."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.desk.places import wanted_grid
from lianhu.desk.rows import rows_of
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.matters.queries.lists import list_of_household as matters_of
from lianhu.people.actions import change_residence, move_household, reveal_field
from lianhu.people.queries import get_household, get_person, list_cards
from lianhu.people.queries.history import list_former, timeline
from lianhu.people.rules import REVEALABLE
from lianhu.rights.queries.held import restricted_in
from lianhu.territory.queries import list_places, path_of
from lianhu.territory.queries.ledger import entries_about
from lianhu.visits.queries import list_of_household as visits_of

MOST = 20
VILLAGE = 12


def _page(
    request: HttpRequest, actor: Actor, household_id: UUID, *, refused: str = ""
) -> HttpResponse:
    household = get_household(actor, household_id)
    place = household.place_id
    path = path_of(place)
    cards = list_cards(actor, household, today=localdate())
    page: dict[str, Any] = {
        "household": household,
        "cards": cards,
        "path": path,
        "open_codes": {p.code for p in path if actor.holds("place.read", p.code)},
        "may_reveal": actor.holds("person.reveal", place),
        "may_edit": actor.holds("person.read", place) and bool(cards),
        "may_receive": actor.holds("rights.receive", place),
        "set_aside": bool(restricted_in(household.id)),
        "may_grade": actor.holds("grade.read", place),
        "may_move": actor.holds("household.change", place) and household.ended_on is None,
        "former": list_former(actor, household) if cards or household.ended_on else [],
        "changes": timeline(actor, household, most=MOST)
        if actor.holds("person.read", place)
        else [],
        "purposes": read("purposes.toml")["reveal"],
        "duties": read("duties.toml")["duties"],
        "refused": refused,
    }
    rows, names = rows_of(
        actor, list(matters_of(actor, household.id).select_related("handler")[:MOST])
    )
    page |= {"rows": rows, "names": names, "back": request.path}
    if actor.holds("visit.read", place):
        page["visits"] = list(visits_of(actor, household.id)[:MOST])
    if actor.holds("ledger.read", place):
        ids = [str(household.id), *(str(card.id) for card in cards)]
        page["entries"] = list(entries_about(actor, ids)[:MOST])
        page["fields"] = REVEALABLE
    if page["may_move"]:
        grids = list(list_places("grid", place[:VILLAGE]))
        page["grids"] = [g for g in grids if g.code != place]
        page["grid_names"] = names_for(actor, [g.code for g in grids])
    status = REFUSED if refused else 200
    return show(request, actor, "desk/household.html", tab="places", status=status, **page)


@staff
def household(request: HttpRequest, actor: Actor, household_id: UUID) -> HttpResponseBase:
    """A household's page."""
    return _page(request, actor, household_id)


@require_POST
@staff
def reveal(request: HttpRequest, actor: Actor, person_id: UUID) -> HttpResponseBase:
    """One field of one person in clear, for 30 seconds, with the purpose in the ledger."""
    field = request.POST.get("field", "")
    purpose = request.POST.get("purpose", "")
    person = get_person(actor, person_id, verb="person.reveal")
    try:
        value = reveal_field(actor, person_id, field, purpose, at=timezone.now())
    except Refusal as refusal:
        if request.headers.get("HX-Request"):
            raise
        return _page(request, actor, person.household_id, refused=said(refusal))
    page: dict[str, Any] = {
        "value": value,
        "label": REVEALABLE[field],
        "back": f"/desk/households/{person.household_id}/",
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/part/revealed.html", page)
    return show(request, actor, "desk/revealed.html", tab="places", **page)


@require_POST
@staff
def residence(request: HttpRequest, actor: Actor, person_id: UUID) -> HttpResponseBase:
    """Note that a person is at home or away."""
    person = get_person(actor, person_id)
    try:
        change_residence(
            actor, person_id, request.POST.get("residence", ""),
            request.POST.get("away_to", ""), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, actor, person.household_id, refused=said(refusal))
    return go(f"/desk/households/{person.household_id}/", done="residence")


@require_POST
@staff
def move(request: HttpRequest, actor: Actor, household_id: UUID) -> HttpResponseBase:
    """Put the household into another grid."""
    try:
        grid = wanted_grid(actor, request.POST.get("grid", ""))
        move_household(actor, household_id, grid, at=timezone.now())
    except Refusal as refusal:
        return _page(request, actor, household_id, refused=said(refusal))
    return go(f"/desk/households/{household_id}/", done="move")
