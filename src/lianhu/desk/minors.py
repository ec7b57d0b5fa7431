"""Looking at what is hidden of somebody under age: asking, and agreeing to what others ask."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.page import REFUSED, go, said, sheet_of, show, staff
from lianhu.desk.proving import fresh_for_all
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.people.actions.minors import agree_look, ask_look, decline_look
from lianhu.people.queries import card_of, get_person, shown_name
from lianhu.people.queries.minors import list_own, list_waiting, stand_of
from lianhu.people.rules import REVEALABLE, minor_terms

PAGE = "/desk/minors/"
MOST = 50


@staff
def minors(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Those that wait for my word, and my own."""
    return _page(request, actor)


def _page(request: HttpRequest, actor: Actor, refused: str = "") -> HttpResponse:
    actor.require("person.reveal", "")
    at = timezone.now()
    waiting = list(list_waiting(actor, at=at)[:MOST])
    sheet, now = sheet_of(list_own(actor), request, 20), minor_terms(localdate())
    lines = [
        (row, shown_name(actor, row.person.name, row.place_id), stand_of(row, at=at))
        for row in sheet.rows
    ]
    asked = [(row, shown_name(actor, row.person.name, row.place_id)) for row in waiting]
    return show(
        request, actor, "desk/minors/page.html", tab="places", refused=refused,
        status=REFUSED if refused else 200, waiting=asked, sheet=sheet, lines=lines, now=now,
        names=names_for(actor, [r.place_id for r in (*waiting, *sheet.rows)]), **_words(),
    )  # fmt: skip


def _words() -> dict[str, dict[str, str]]:
    return {
        "fields": REVEALABLE, "purposes": read("purposes.toml")["reveal"],
        "consents": read("minors.toml")["consents"],
    }  # fmt: skip


@staff
def ask(request: HttpRequest, actor: Actor, person_id: UUID) -> HttpResponseBase:
    """Ask to see one hidden field of somebody under age."""
    person = get_person(actor, person_id, verb="person.reveal")
    card, refused, typed = card_of(actor, person, localdate()), "", request.POST
    if request.method == "POST":
        try:
            ask_look(
                actor, person_id, typed.get("field", ""), typed.get("purpose", ""),
                typed.get("consent", ""), typed.get("words", ""), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = said(refusal)
        else:
            return go(PAGE, done="minor_asked")
    free = minor_terms(localdate())["free"]
    words = _words()
    words["purposes"] = {k: v for k, v in words["purposes"].items() if k not in free}
    return show(
        request, actor, "desk/minors/ask.html", tab="places", refused=refused,
        status=REFUSED if refused else 200, card=card, person=person, typed=typed,
        now=minor_terms(localdate()), **words,
    )  # fmt: skip


@require_POST
@staff
@fresh_for_all
def decide(request: HttpRequest, actor: Actor, look_id: UUID, how: str) -> HttpResponseBase:
    """Agree to what somebody else asks, or not."""
    words, at = request.POST.get("words", ""), timezone.now()
    try:
        if how == "agree":
            agree_look(actor, look_id, words, at=at)
        elif how == "decline":
            decline_look(actor, look_id, words, at=at)
        else:
            raise Http404
    except Refusal as refusal:
        return _page(request, actor, said(refusal))
    return go(PAGE, done=f"minor_{how}")
