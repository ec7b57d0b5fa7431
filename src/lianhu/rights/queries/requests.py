"""Requests: a household's own with their receipts, and the queue of who answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.rules import clock_words, urgency
from lianhu.people.rules import PROPOSAL_WORDS
from lianhu.rights.models import Request
from lianhu.rights.rules import Kind, Outcome, terms
from lianhu.territory.queries import within

OUTCOMES = {
    Outcome.GRANTED: "照办了", Outcome.PARTLY: "办了一部分", Outcome.REFUSED: "没有办，理由见答复",
}  # fmt: skip
BY_PROPOSAL = {"accepted": Outcome.GRANTED, "declined": Outcome.REFUSED}
WAITING = Q(answered_at=None) & (
    Q(proposal=None, appeal=None)
    | Q(proposal__state="open")
    | Q(appeal__decided_at=None, appeal__isnull=False)
)


@dataclass(frozen=True, slots=True)
class RequestShown:
    """A request as its receipt and the queue show it: what was asked, where it stands."""

    row: Request
    kind: dict[str, Any]
    outcome: str
    answer: str
    answered_at: datetime | None
    answered_by: str
    clock: str
    urgent: str

    @property
    def about(self) -> str:
        """What a correction is about, "" for the rest."""
        return PROPOSAL_WORDS.get(self.row.proposal.what, "") if self.row.proposal else ""

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        if not self.outcome:
            return "等答复"
        return OUTCOMES[Outcome(self.outcome)]


def shown_request(row: Request, *, today: date) -> RequestShown:
    """A request with what became of its proposal or appeal. No query where those were read with
    it."""
    outcome, answer = row.outcome, row.answer
    at, by = row.answered_at, row.answered_by_name
    if row.proposal is not None:
        outcome = BY_PROPOSAL.get(row.proposal.state, "")
        answer, by, at = row.proposal.reply, row.proposal.decided_by, row.proposal.decided_at
    if row.appeal is not None and row.appeal.decided_at is not None:
        outcome = Outcome.GRANTED if row.appeal.upheld else Outcome.REFUSED
        answer, by = row.appeal.answer, row.appeal.decided_by_name
        at = row.appeal.decided_at
    ended, soon = bool(outcome), terms(today)["soon_working_days"]
    calendar = state_calendar()
    return RequestShown(
        row=row,
        kind=read("rights.toml")["kinds"][row.kind],
        outcome=outcome,
        answer=answer,
        answered_at=at,
        answered_by=by,
        clock=clock_words(today, row.due_on, ended=ended, calendar=calendar),
        urgent=urgency(today, row.due_on, ended=ended, soon=soon, calendar=calendar),
    )


def own_requests(household_id: UUID, *, today: date, most: int = 50) -> list[RequestShown]:
    """What a household asked, latest first. One query."""
    # open to all: asked only for the household's own page.
    rows = Request.objects.filter(household_id=household_id)
    rows = rows.select_related("proposal", "appeal").order_by("-made_at", "-id")
    return [shown_request(row, today=today) for row in rows[:most]]


def request_by_ref(ref: str, *, today: date) -> RequestShown:
    """The request behind a receipt's code; refuses ``rights.not_found``. One query."""
    plain = "".join(sign for sign in ref.upper() if sign.isalnum())[:10]
    # open to all: whoever holds the receipt holds its code.
    row = Request.objects.filter(ref=plain).select_related("proposal", "appeal").first()
    if row is None:
        raise NotPermitted("rights.not_found")
    return shown_request(row, today=today)


REQUEST_ORDERS = {
    "due": ("due_on", "id"),
    "-at": ("-made_at", "-id"),
    "at": ("made_at", "id"),
}


def list_requests(
    actor: Actor, *, waiting: bool, kind: str = "", order: str = ""
) -> QuerySet[Request]:
    """What waits for an answer in reach, the most urgent first, or what was answered, latest
    first, unless `order` says another; of one kind. Who only receives sees what he received
    himself: a question may be about him. Appeals wait with who decides them."""
    rows = _in_reach(actor).exclude(kind=Kind.APPEAL)
    rows = rows.filter(WAITING) if waiting else rows.exclude(WAITING)
    rows = rows.select_related("household", "person", "proposal", "appeal")
    if kind:
        rows = rows.filter(kind=kind)
    usual = "due" if waiting else "-at"
    return rows.order_by(*REQUEST_ORDERS.get(order, REQUEST_ORDERS[usual]))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests wait for an answer in reach, and how many of them are late."""

    waiting: int
    late: int


def count_waiting(actor: Actor, *, today: date) -> Waiting:
    """What waits with who answers; corrections wait in the register's own queue. One query."""
    # scoped by the household's place, as reach() scopes households.
    rows = Request.objects.filter(_held(actor, "rights.answer"))
    found = rows.filter(answered_at=None, proposal=None, appeal=None).aggregate(
        waiting=Count("id"), late=Count("id", filter=Q(due_on__lt=today))
    )
    return Waiting(found["waiting"], found["late"])


def get_request(actor: Actor, request_id: UUID) -> Request:
    """One request in reach; refuses ``rights.not_found``. One query."""
    rows = _in_reach(actor).filter(id=request_id)
    row = rows.select_related("household", "person", "proposal", "appeal").first()
    if row is None:
        raise NotPermitted("rights.not_found")
    return row


def _in_reach(actor: Actor) -> QuerySet[Request]:
    seen = _held(actor, "rights.answer")
    seen |= _held(actor, "rights.receive") & Q(received_by=actor.id)
    # scoped by the household's place, as reach() scopes households.
    return Request.objects.filter(seen)


def _held(actor: Actor, verb: str) -> Q:
    """Households in reach by a join: requests are few, and a list of all the county's households
    would be made for each look at them."""
    return within(actor.scopes.get(verb, ()), "household__place_id")
