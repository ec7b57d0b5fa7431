"""Care episodes: only for the worker who opened one and its supervisor."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.grading.actions.care import (
    close_care,
    move_care,
    open_care,
    renew_care,
    write_care,
)
from lianhu.grading.queries.care import (
    care_words,
    get_care,
    own_care,
    parted_homes,
    supervisors_for,
)
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.queries import get_household


@staff
def mine(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What I care for or supervise; nobody else's."""
    if not (actor.holds("care.open") or actor.holds("care.supervise")):
        raise NotPermitted("care.not_found")
    return show(request, actor, "desk/care/mine.html", tab="grades", rows=list(own_care(actor)))


@staff
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Begin to care for a household, with its consent or a written safety reason."""
    typed = request.POST
    home = _uuid(request.GET.get("household", ""))
    household = get_household(actor, home, verb="care.open")
    refused = ""
    if request.method == "POST":
        try:
            episode = open_care(
                actor, household.id, _uuid(typed.get("supervisor", "")),
                typed.get("basis", ""), typed.get("basis_words", ""), typed.get("wish", ""),
                typed.get("need", ""), typed.get("help", ""), at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = said(refusal)
        else:
            return go(f"/desk/care/{episode.id}/", done="care_saved")
    choices = supervisors_for(household.place_id, on=localdate(), but=actor.id)
    return show(
        request, actor, "desk/care/new.html", tab="grades", household=household,
        supervisors=[(str(u), n, r) for u, n, r in choices], refused=refused, typed=typed,
        status=REFUSED if refused else 200,
    )  # fmt: skip


@staff
def one(request: HttpRequest, actor: Actor, episode_id: UUID) -> HttpResponseBase:
    """One's own episode."""
    return _page(request, actor, episode_id)


def _page(
    request: HttpRequest, actor: Actor, episode_id: UUID, *, refused: str = ""
) -> HttpResponse:
    episode = get_care(actor, episode_id)
    page: dict[str, Any] = {"episode": episode, "words": care_words(actor, episode)}
    page["writes"] = episode.worker_id == actor.id and episode.closed_on is None
    page["parted"] = list(parted_homes(actor, episode)) if page["writes"] else []
    return show(
        request, actor, "desk/care/one.html", tab="grades", refused=refused, **page,
        status=REFUSED if refused else 200,
    )  # fmt: skip


@require_POST
@staff
def do(request: HttpRequest, actor: Actor, episode_id: UUID, what: str) -> HttpResponseBase:
    """Write it anew, renew it for another term, or close it."""
    typed, now = request.POST, timezone.now()
    try:
        if what == "write":
            words = (typed.get("wish", ""), typed.get("need", ""), typed.get("help", ""))
            write_care(actor, episode_id, *words, at=now)
        elif what == "renew":
            renew_care(actor, episode_id, at=now)
        elif what == "move":
            move_care(actor, episode_id, _uuid(typed.get("household", "")), at=now)
        elif what == "close":
            close_care(actor, episode_id, at=now)
        else:
            raise NotPermitted("care.not_found")
    except Refusal as refusal:
        return _page(request, actor, episode_id, refused=said(refusal))
    done = "care_closed" if what == "close" else "care_saved"
    return go(f"/desk/care/{episode_id}/", done=done)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotPermitted("household.not_found") from error
