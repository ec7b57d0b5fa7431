"""What residents ask about their own data: received in person, the queue, and the answer."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.excel import MOST, Heads, moment, widest_place
from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import REFUSED, go, may, said, sheet_of, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.taking import Built, listed, take
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.queries import get_household, shown_name
from lianhu.rights.actions.requests import (
    answer_request,
    lift_restriction,
    note_copy,
    receive_request,
)
from lianhu.rights.queries.held import members_of, restricted_in
from lianhu.rights.queries.own import Resident
from lianhu.rights.queries.requests import get_request, list_requests, shown_request
from lianhu.rights.rules import Kind, terms
from lianhu.territory.queries import path_of
from lianhu.web.copying import copy_of

QUEUE = "/desk/requests/"
VIEWS = {"open": "等答复", "done": "答复过的"}
ORDERS = {"": "照平常的顺序", "due": "先到期的在前", "at": "早提的在前", "-at": "新提的在前"}
REQUESTS: Heads = (
    ("要什么", 12), ("谁家", 12), ("哪里", 28), ("期限", 12), ("结果", 20), ("时限", 16),
    ("怎么提的", 12), ("提的时间", 17),
)  # fmt: skip


@staff
def requests(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits for an answer, the most urgent first; what was answered."""
    rows, view, asked = _wanted(request, actor)
    today = localdate()
    sheet = sheet_of(rows, request)
    return show(
        request, actor, "desk/requests/queue.html", tab="requests", views=VIEWS, view=view,
        asked=asked, may_export=actor.holds("export"),
        sheet=sheet, lines=[shown_request(row, today=today) for row in sheet.rows],
        names=names_for(actor, [row.household.place_id for row in sheet.rows]),
        answers=may(actor, "rights.answer"), rule=terms(today),
    )  # fmt: skip


def _wanted(request: HttpRequest, actor: Actor) -> tuple[Any, str, Asked]:
    """The requests that the address asks for, the view, and what was asked."""
    if not (may(actor, "rights.answer") or may(actor, "rights.receive")):
        raise NotPermitted("account.not_permitted")
    kinds = {c: k["name"] for c, k in read("rights.toml")["kinds"].items() if c != Kind.APPEAL}
    asked = asked_of(
        request, Select("kind", "要什么", {"": "全部", **kinds}), order_by(ORDERS),
        keep=("view",),
    )  # fmt: skip
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    rows = list_requests(
        actor, waiting=view == "open", kind=asked.value("kind"), order=asked.value("order")
    )
    return rows, view, asked


@require_POST
@staff
@fresh
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The requests as filtered."""
    return take(request, actor, "requests", build_export(request, actor))


def build_export(request: HttpRequest, actor: Actor) -> Built:
    """The requests as filtered: heads masked, without what was asked in words."""
    rows, _, _ = _wanted(request, actor)
    place = widest_place(actor)
    actor.require("export", place)
    today = localdate()
    found = [shown_request(row, today=today) for row in rows[:MOST]]
    names = names_for(actor, [f.row.household.place_id for f in found])
    cells = [
        [f.kind["name"], shown_name(actor, home.head_name, home.place_id),
         names.where(home.place_id), f.row.due_on.isoformat(), f.state, f.clock,
         f.row.get_channel_display(), moment(f.row.made_at)]
        for f in found
        if (home := f.row.household)
    ]  # fmt: skip
    return listed(place, REQUESTS, cells)


@staff
def new(request: HttpRequest, actor: Actor, household_id: UUID) -> HttpResponseBase:
    """Receive what somebody of a household asks in person."""
    home = get_household(actor, household_id, verb="rights.receive")
    refused = ""
    if request.method == "POST":
        typed = request.POST
        try:
            row = receive_request(
                actor, household_id, typed.get("kind", ""), typed.get("words", ""),
                person_id=_uuid(typed.get("person", "")), identity=typed.get("identity", ""),
                at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = _said(refusal)
        else:
            return go(f"{QUEUE}{row.id}/", done="request_received")
    place = home.place_id
    people = [
        (m.id, shown_name(actor, m.name, place), m.get_relation_display())
        for m in members_of(home.id)
    ]
    return show(
        request, actor, "desk/requests/new.html", tab="requests", household=home,
        people=people, kinds=read("rights.toml")["kinds"],
        identity=read("rights.toml")["identity"], refused=refused, typed=request.POST,
        path=path_of(place), open_codes=set(), rule=terms(localdate()),
        status=REFUSED if refused else 200,
    )  # fmt: skip


@staff
def one(request: HttpRequest, actor: Actor, request_id: UUID) -> HttpResponseBase:
    """One request: what is asked, how she was known, the clock, the answer."""
    return _page(request, actor, request_id)


def _page(
    request: HttpRequest, actor: Actor, request_id: UUID, refused: str = ""
) -> HttpResponse:
    row = get_request(actor, request_id)
    place, rights = row.household.place_id, read("rights.toml")
    answers = actor.holds("rights.answer", place)
    set_aside = restricted_in(row.household_id) if row.kind == Kind.RESTRICT else []
    return show(
        request, actor, "desk/requests/one.html", tab="requests",
        shown=shown_request(row, today=localdate()), row=row, refused=refused,
        typed=request.POST, ticked=request.POST.getlist("erase"), path=path_of(place),
        open_codes=set(), answers=answers and not (row.proposal_id or row.appeal_id),
        may_copy=answers and row.person_id is not None, identity=rights["identity"],
        erasable=rights["erasable"], kept=rights["kept"], set_aside=bool(set_aside) and answers,
        channel=row.get_channel_display(), status=REFUSED if refused else 200,
        link=request.build_absolute_uri(f"/mine/receipts/{row.ref}/"),
        code=f"{row.ref[:5]} {row.ref[5:]}",
    )  # fmt: skip


@require_POST
@staff
def do(request: HttpRequest, actor: Actor, request_id: UUID, what: str) -> HttpResponseBase:
    """Answer a request, or take set-aside data into use again."""
    typed, at = request.POST, timezone.now()
    try:
        if what == "answer":
            answer_request(
                actor, request_id, typed.get("outcome", ""), typed.get("words", ""),
                erase=typed.getlist("erase"), at=at,
            )  # fmt: skip
        elif what == "lift":
            lift_restriction(actor, request_id, typed.get("words", ""), at=at)
        else:
            raise Http404
    except Refusal as refusal:
        return _page(request, actor, request_id, said(refusal))
    return go(f"{QUEUE}{request_id}/", done=f"request_{what}")


@require_POST
@staff
def copy(request: HttpRequest, actor: Actor, request_id: UUID) -> HttpResponseBase:
    """The copy for the household's hands; the household sees that it was made."""
    at = timezone.now()
    row = get_request(actor, request_id)
    if row.person is None:
        raise NotPermitted("rights.not_found")
    note_copy(actor, request_id, at=at)
    return copy_of(Resident(row.person, row.household), at=at)


def _said(refusal: Refusal) -> str:
    if refusal.code == "person.not_found":
        return "请选来的是谁。"
    return said(refusal)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotPermitted("person.not_found") from error
