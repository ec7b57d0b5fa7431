"""What phones say has changed in households: both values side by side, and a person decides."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from lianhu.desk.excel import MOST, Heads, moment, widest_place
from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import REFUSED, chosen_place, go, may, said, sheet_of, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.taking import Built, listed, take
from lianhu.desk.where import names_for
from lianhu.grading.actions.homes import accept_proposal
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.masking import mask_phone
from lianhu.people.actions.proposals import decline_proposal, reveal_proposed
from lianhu.people.queries import list_cards, shown_name
from lianhu.people.queries.history import list_proposals
from lianhu.people.rules import (
    HEAD,
    PROPOSAL_WORDS,
    RELATION_WORDS,
    RESIDENCE_WORDS,
    SEX_WORDS,
    Residence,
    Sex,
)

QUEUE = "/desk/proposals/"
ORDERS = {"": "早报的在前", "-at": "新报的在前", "place": "按地方"}
PROPOSALS: Heads = (
    ("什么变了", 16),
    ("谁家", 12),
    ("哪里", 28),
    ("谁报的", 12),
    ("报的时间", 17),
)


@staff
def proposals(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The queue, oldest first."""
    return _page(request, actor)


def _wanted(request: HttpRequest, actor: Actor) -> tuple[Any, Asked]:
    """The proposals that the address asks for, and what was asked."""
    kinds = Select("what", "什么变了", {"": "全部", **PROPOSAL_WORDS})
    asked = asked_of(request, kinds, order_by(ORDERS))
    under = chosen_place(request, actor, "household.change")
    rows = list_proposals(
        actor, under=under, what=asked.value("what"), order=asked.value("order")
    )
    return rows, asked


@require_POST
@staff
@fresh
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits, as filtered."""
    return take(request, actor, "proposals", build_export(request, actor))


def build_export(request: HttpRequest, actor: Actor) -> Built:
    """What waits, as filtered: heads masked, and not the values, in which names and numbers are."""
    rows, _ = _wanted(request, actor)
    place = widest_place(actor)
    actor.require("export", place)
    found = list(rows[:MOST])
    names = names_for(actor, [row.place_id for row in found])
    cells = [
        [PROPOSAL_WORDS.get(row.what, row.what),
         shown_name(actor, row.household.head_name, row.place_id), names.where(row.place_id),
         row.proposer_name, moment(row.at)]
        for row in found
    ]  # fmt: skip
    return listed(place, PROPOSALS, cells)


def _page(
    request: HttpRequest, actor: Actor, refused: str = "", about: UUID | None = None
) -> HttpResponse:
    if not may(actor, "household.change"):
        raise NotPermitted("account.not_permitted")
    rows, asked = _wanted(request, actor)
    sheet = sheet_of(rows, request, 20)
    return show(
        request, actor, "desk/proposals.html", tab="proposals", sheet=sheet, asked=asked,
        may_export=actor.holds("export"),
        lines=[_line(actor, row) for row in sheet.rows], purposes=read("purposes.toml")["reveal"],
        refused=refused, about=about,
        names=names_for(actor, [row.place_id for row in sheet.rows]),
        status=REFUSED if refused else 200,
    )  # fmt: skip


def _line(actor: Actor, row: Any) -> dict[str, Any]:
    """A proposal as the page shows it: what is registered now beside what the phone says."""
    values, person = row.values, row.person
    line: dict[str, Any] = {
        "row": row,
        "what": PROPOSAL_WORDS.get(row.what, row.what),
        "name": shown_name(actor, person.name, row.place_id) if person else "",
        "now": _now(row),
        "new": _new(actor, row, values),
        "may_reveal": row.what == "phone" and actor.holds("person.reveal", row.place_id),
        "on": _day(values.get("on", "")),
        "stale": person is not None and person.version != row.base_version,
        "gone": row.household.ended_on is not None or (person and person.ended_on is not None),
        "heads": [],
    }
    if person and person.relation == HEAD and row.what in {"died", "moved_out"}:
        cards = list_cards(actor, row.household, today=timezone.localdate())
        line["heads"] = [card for card in cards if card.id != person.id]
    return line


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _now(row: Any) -> str:
    """The registered value that the proposal is about, masked like everywhere."""
    person = row.person
    if person is None:
        return ""
    if row.what == "phone":
        return mask_phone(person.phone) or "没有登记"
    if row.what == "relation":
        return RELATION_WORDS.get(person.relation, "没有登记")
    here = RESIDENCE_WORDS[Residence(person.residence)]
    return f"{here} {person.away_to}".strip()


def _new(actor: Actor, row: Any, values: dict[str, str]) -> str:
    """What the phone says, masked like everywhere."""
    if row.what == "residence":
        here = RESIDENCE_WORDS[Residence(values.get("residence", "home"))]
        return f"{here} {values.get('away_to', '')}".strip()
    if row.what == "phone":
        return mask_phone(values.get("phone", ""))
    if row.what == "relation":
        return values.get("relation", "")
    if row.what in {"born", "moved_in"}:
        sex = SEX_WORDS[Sex(values["sex"])] if values.get("sex") else ""
        name = shown_name(actor, values.get("name", ""), row.place_id)
        parts = (name, values.get("relation"), sex, values.get("born_on"))
        return " ".join(part for part in parts if part)
    return PROPOSAL_WORDS.get(row.what, "")


@require_POST
@staff
def reveal(request: HttpRequest, actor: Actor, proposal_id: UUID) -> HttpResponseBase:
    """The new number in clear, for 30 seconds, with the purpose in the ledger."""
    try:
        purpose = request.POST.get("purpose", "")
        value = reveal_proposed(actor, proposal_id, purpose, at=timezone.now())
    except Refusal as refusal:
        if request.headers.get("HX-Request"):
            raise
        return _page(request, actor, said(refusal), proposal_id)
    page: dict[str, Any] = {"value": value, "label": "电话", "back": f"{QUEUE}#p-{proposal_id}"}
    if request.headers.get("HX-Request"):
        return render(request, "desk/part/revealed.html", page)
    return show(request, actor, "desk/revealed.html", tab="proposals", **page)


@staff
def decide(request: HttpRequest, actor: Actor, proposal_id: UUID, how: str) -> HttpResponseBase:
    """Change the register as the phone said, or leave it with a reason."""
    if how not in {"accept", "decline"}:
        raise Http404
    if request.method != "POST":
        return go(QUEUE)
    typed, now = request.POST, timezone.now()
    words = typed.get("words", "")
    try:
        if how == "decline":
            decline_proposal(actor, proposal_id, words, at=now)
        else:
            seen, head = typed.get("seen", "0"), typed.get("head", "")
            accept_proposal(
                actor, proposal_id, words=words, at=now, head_id=_head(head),
                seen_version=int(seen) if seen.isdecimal() and len(seen) < 8 else 0,
            )  # fmt: skip
    except Refusal as refusal:
        return _page(request, actor, said(refusal), proposal_id)
    return go(QUEUE, done={"accept": "accepted"}.get(how, "declined"))


def _head(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotPermitted("person.not_found") from error
