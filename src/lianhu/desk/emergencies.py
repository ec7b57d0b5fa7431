"""Opening a household in an emergency, reading it for its time, and reviewing what others opened."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.page import REFUSED, go, may, said, sheet_of, show, staff
from lianhu.desk.proving import fresh_for_all
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.rules import REVEALABLE
from lianhu.rights.actions.emergencies import (
    close_emergency,
    open_emergency,
    reveal_in_emergency,
    review_emergency,
)
from lianhu.rights.queries.emergencies import (
    get_opening,
    list_own,
    list_reviewed,
    list_to_review,
    read_opened,
)
from lianhu.rights.rules import emergency_terms
from lianhu.territory.queries import COUNTY_LENGTH, TOWN_LENGTH, list_places

PAGE = "/desk/emergencies/"
MOST = 50


@staff
@fresh_for_all
def emergencies(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Those to review, the form, and one's own. Opening asks once more who is there."""
    refused = ""
    if request.method == "POST":
        typed = request.POST
        group = typed.get("group", "").strip()
        place = typed.get("village", "").strip()
        place += f"{int(group):02d}" if group.isdecimal() and len(group) < 3 else group
        try:
            row = open_emergency(
                actor, place, typed.get("name", ""), typed.get("words", ""),
                code=typed.get("code", ""), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = said(refusal)
        else:
            return go(f"{PAGE}{row.id}/")
    return _page(request, actor, refused)


def _page(request: HttpRequest, actor: Actor, refused: str = "") -> HttpResponse:
    opens, reviews = may(actor, "emergency.open"), may(actor, "emergency.review")
    if not (opens or reviews):
        raise NotPermitted("account.not_permitted")
    at = timezone.now()
    page: dict[str, Any] = {"opens": opens, "reviews": reviews, "at": at}
    shown: list[Any] = []
    if reviews:
        page["waiting"] = list(list_to_review(actor)[:MOST])
        page["reviewed"] = list(list_reviewed(actor)[:MOST])
        shown += [*page["waiting"], *page["reviewed"]]
    if opens:
        page["sheet"] = sheet_of(list_own(actor), request, 20)
        page["sheet"].rows[:] = [(row, row.is_open(at)) for row in page["sheet"].rows]
        shown += [row for row, _ in page["sheet"].rows]
        page["villages"] = _villages(actor)
    return show(
        request, actor, "desk/emergencies/page.html", tab="emergencies", refused=refused,
        status=REFUSED if refused else 200, typed=request.POST, now=emergency_terms(localdate()),
        names=names_for(actor, [row.place_id for row in shown]), **page,
    )  # fmt: skip


def _villages(actor: Actor) -> list[tuple[str, list[Any]]]:
    """The villages of the actor's counties where they would have to open, by town."""
    found: list[tuple[str, list[Any]]] = []
    for county in sorted({code[:COUNTY_LENGTH] for code in actor.scopes["emergency.open"]}):
        towns = {town.code: town.name for town in list_places("town", county)}
        by_town: dict[str, list[Any]] = {code: [] for code in towns}
        for village in list_places("village", county):
            if not actor.holds("person.reveal", village.code):
                by_town.setdefault(village.code[:TOWN_LENGTH], []).append(village)
        found += [(towns.get(code, ""), rows) for code, rows in by_town.items() if rows]
    return found


@staff
def one(request: HttpRequest, actor: Actor, opening_id: UUID) -> HttpResponseBase:
    """What one opened, while it is open."""
    return _one(request, actor, opening_id)


def _one(
    request: HttpRequest, actor: Actor, opening_id: UUID, refused: str = ""
) -> HttpResponse:
    row, at = get_opening(actor, opening_id), timezone.now()
    opened = None
    if row.household_id and row.is_open(at):
        try:
            opened = read_opened(actor, row, at=at, today=localdate())
        except NotPermitted:
            opened = None  # moved away since: the village it went to is told nothing by us
    return show(
        request, actor, "desk/emergencies/one.html", tab="emergencies", row=row, opened=opened,
        is_open=row.is_open(at), refused=refused, fields=REVEALABLE,
        names=names_for(actor, [row.place_id]), status=REFUSED if refused else 200,
    )  # fmt: skip


@require_POST
@staff
def reveal(
    request: HttpRequest, actor: Actor, opening_id: UUID, person_id: UUID
) -> HttpResponseBase:
    """One field of one person of the opened household in clear, for 30 seconds."""
    field = request.POST.get("field", "")
    try:
        value = reveal_in_emergency(actor, opening_id, person_id, field, at=timezone.now())
    except NotPermitted:
        raise
    except Refusal as refusal:
        if request.headers.get("HX-Request"):
            raise
        return _one(request, actor, opening_id, said(refusal))
    page: dict[str, Any] = {
        "value": value,
        "label": REVEALABLE[field],
        "back": f"{PAGE}{opening_id}/",
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/part/revealed.html", page)
    return show(request, actor, "desk/revealed.html", tab="emergencies", **page)


@require_POST
@staff
def do(request: HttpRequest, actor: Actor, opening_id: UUID, how: str) -> HttpResponseBase:
    """Shut one's own, or say whether somebody else's was in order."""
    words, at = request.POST.get("words", ""), timezone.now()
    try:
        if how == "close":
            close_emergency(actor, opening_id, at=at)
        elif how in ("proper", "improper"):
            review_emergency(actor, opening_id, how == "proper", words, at=at)
        else:
            raise Http404
    except Refusal as refusal:
        return _page(request, actor, said(refusal))
    return go(PAGE, done="emergency_closed" if how == "close" else "emergency_reviewed")
