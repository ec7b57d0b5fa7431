"""Changes of a household and of a person at the desk, each one form and one action; timelines."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.desk.where import names_for
from lianhu.grading.actions import homes as carrying
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions import homes, members
from lianhu.people.actions.minors import note_page
from lianhu.people.queries import (
    get_household,
    get_person,
    list_cards,
    list_households,
    shown_name,
)
from lianhu.people.queries.history import list_former, timeline
from lianhu.people.rules import RELATION_WORDS
from lianhu.territory.queries import list_places, path_of

VERB, VILLAGE, TOWN = "household.change", 12, 9
MOST_HOMES = 300


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("household.bad_day") from error


def _id(text: str, code: str) -> UUID:
    """An identifier from a form; a broken one is as absent as an unknown one."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotPermitted(code) from error


@staff
def change(request: HttpRequest, actor: Actor, household_id: UUID) -> HttpResponseBase:
    """Every change of a household, a form each; what was done leads back to its page."""
    home = get_household(actor, household_id, verb=VERB)
    if request.method != "POST":
        return _page(request, actor, home)
    what = request.POST.get("what", "")
    try:
        if what not in DONE:
            raise Refusal("person.bad_field")
        target = DONE[what](actor, household_id, request.POST, timezone.now())
    except Refusal as refusal:
        return _page(request, actor, home, refused=said(refusal), open_form=what)
    return go(f"/desk/households/{target}/", done="change")


def _move(actor: Actor, home: UUID, typed: Any, now: Any) -> UUID:
    place = typed.get("place", "").strip()
    homes.move_household(actor, home, place, words=typed.get("words", ""), at=now)
    return home


def _split(actor: Actor, home: UUID, typed: Any, now: Any) -> UUID:
    going = [_id(key, "person.not_found") for key in typed.getlist("person")]
    head = typed.get("head", "")
    if not head:
        raise Refusal("household.bad_split")
    return carrying.split_household(
        actor, home, going, _id(head, "person.not_found"), code=typed.get("code", ""),
        address=typed.get("address", ""), words=typed.get("words", ""), at=now,
    ).id  # fmt: skip


def _merge(actor: Actor, home: UUID, typed: Any, now: Any) -> UUID:
    other = typed.get("other", "")
    if not other:
        raise Refusal("household.same")
    carrying.merge_households(
        actor, home, _id(other, "household.not_found"), words=typed.get("words", ""), at=now
    )
    return home


def _end(actor: Actor, home: UUID, typed: Any, now: Any) -> UUID:
    words = typed.get("words", "")
    carrying.end_household(actor, home, on=_day(typed.get("on", "")), words=words, at=now)
    return home


def _join(actor: Actor, home: UUID, typed: Any, now: Any) -> UUID:
    born = typed.get("born_on", "")
    new = members.NewMember(
        typed.get("name", ""), typed.get("relation", ""), typed.get("sex", ""),
        _day(born) if born else None, typed.get("id_number", ""), typed.get("phone", ""),
    )  # fmt: skip
    carrying.add_member(
        actor, home, new, typed.get("how", ""), on=_day(typed.get("on", "")),
        words=typed.get("words", ""), at=now,
    )  # fmt: skip
    return home


def _head(actor: Actor, home: UUID, typed: Any, now: Any) -> UUID:
    head = _id(typed.get("person", ""), "person.not_found")
    members.change_head(actor, home, head, words=typed.get("words", ""), at=now)
    return home


def _correct(actor: Actor, home: UUID, typed: Any, now: Any) -> UUID:
    homes.correct_household(
        actor, home, typed.get("field", ""), typed.get("value", ""),
        words=typed.get("words", ""), at=now,
    )  # fmt: skip
    return home


DONE: dict[str, Callable[[Actor, UUID, Any, Any], UUID]] = {
    "move": _move, "split": _split, "merge": _merge, "end": _end, "join": _join, "head": _head,
    "correct": _correct,
}  # fmt: skip


def _page(
    request: HttpRequest, actor: Actor, home: Any, *, refused: str = "", open_form: str = ""
) -> HttpResponse:
    cards = list_cards(actor, home, today=localdate())
    near = list_households(actor, under=home.place_id[:14]).exclude(id=home.id)[:MOST_HOMES]
    path = path_of(home.place_id)
    choices, codes = _places(actor, home.place_id)
    return show(
        request, actor, "desk/change.html", tab="places", status=REFUSED if refused else 200,
        household=home, cards=cards, near=near, path=path, refused=refused, choices=choices,
        names=names_for(actor, codes), relations=RELATION_WORDS, typed=request.POST,
        today=localdate(), open_form=open_form or request.GET.get("form", ""),
        may_grade=actor.holds("grade.read", home.place_id),
        fields={key: label for key, (label, _) in homes.CORRECTABLE.items()},
        open_codes={p.code for p in path if actor.holds("place.read", p.code)},
    )  # fmt: skip


def _places(actor: Actor, now: str) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Where a household may go: grids and groups of its village, other villages of one's reach."""
    village, widest = now[:VILLAGE], min(actor.scopes.get(VERB, ()), key=len, default="")
    grids = [p.code for p in list_places("grid", village)]
    groups = [p.code for p in list_places("group", village)]
    others: list[str] = []
    if len(widest) < VILLAGE:
        town = now[:TOWN] if len(widest) <= TOWN else widest
        others = [p.code for p in list_places("village", town) if p.code != village]
    found = [
        ("本村的网格", grids),
        ("本村的小组（还没定网格）", groups),
        ("本镇别的村", others),
    ]
    kept = [
        (label, [c for c in codes if c != now and actor.holds(VERB, c)])
        for label, codes in found
    ]
    return [pair for pair in kept if pair[1]], [c for _, codes in kept for c in codes]


@staff
def person(request: HttpRequest, actor: Actor, person_id: UUID) -> HttpResponseBase:
    """One person: what is registered, how it came to be so, and what may be done. That a minor's
    was looked at is noted."""
    row = get_person(actor, person_id)
    refused = ""
    if request.method == "POST":
        get_person(actor, person_id, verb=VERB)
        try:
            done = _do(actor, row, request.POST)
        except Refusal as refusal:
            refused = said(refusal)
        else:
            return go(done, done="change")
    home = get_household(actor, row.household_id)
    cards = [*list_cards(actor, home, today=localdate()), *list_former(actor, home)]
    path = path_of(home.place_id)
    noted = note_page(actor, row, at=timezone.now())
    return show(
        request, actor, "desk/person_register.html", tab="places",
        status=REFUSED if refused else 200, refused=refused, household=home, path=path,
        noted=noted, card=next(card for card in cards if card.id == row.id), row=row,
        others=[c for c in cards if c.id != row.id and c.ended_on is None],
        name=shown_name(actor, row.name, row.place_id), fields=members.CORRECTABLE,
        entries=timeline(actor, home, person=row.id), relations=RELATION_WORDS,
        may_change=actor.holds(VERB, row.place_id), today=localdate(), typed=request.POST,
        open_codes={p.code for p in path if actor.holds("place.read", p.code)},
    )  # fmt: skip


def _do(actor: Actor, row: Any, typed: Any) -> str:
    """Make the change that the form names; the page to look at next."""
    what, words, now = typed.get("what", ""), typed.get("words", ""), timezone.now()
    if what in {"died", "moved_out"}:
        head = typed.get("head", "")
        carrying.end_member(
            actor, row.id, what, on=_day(typed.get("on", "")), words=words,
            head_id=_id(head, "person.not_found") if head else None, at=now,
        )  # fmt: skip
        return f"/desk/households/{row.household_id}/"
    if what == "restore":
        members.restore_member(actor, row.id, words=words, at=now)
    else:
        members.correct_person(
            actor, row.id, typed.get("field", ""), typed.get("value", ""), words=words, at=now
        )
    return f"/desk/persons/{row.id}/"
