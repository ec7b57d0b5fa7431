"""Ask about one's own data, at the board or at the counter, and answer: one call, one ledger entry.

A person decides (个人信息保护法 24): nothing is deleted or set aside by asking for it. The ledger
says what kind was asked and what came of it, never the words.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.actions.attempts import throttle
from lianhu.audit.actions import record
from lianhu.grading.actions.appeals import appeal_grade
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import follow_code
from lianhu.kernel.transactions import one_transaction
from lianhu.kernel.workdays import state_calendar
from lianhu.people.actions.erase import ERASABLE, erase_fields, restrict_person
from lianhu.people.actions.members import clean
from lianhu.people.actions.proposals import Proposed, propose_change
from lianhu.people.models import Person
from lianhu.people.queries import get_household
from lianhu.people.rules import Residence, is_minor
from lianhu.rights.actions.visits import VISITS, erase_visits
from lianhu.rights.models import Request
from lianhu.rights.queries.own import Resident
from lianhu.rights.queries.requests import get_request
from lianhu.rights.rules import Kind, Outcome, terms

LONGEST = 1000
SILENT = {Kind.SEE, Kind.COPY}  # need no words
BY_MACHINE = "本人在网上取走了一份。"


@one_transaction
def ask_own(
    resident: Resident, kind: str, words: str, *, at: datetime, person_id: UUID | None = None
) -> Request:
    """What a signed-in household asks: to delete, restrict or explain, for one of it or for all.

    Refuses ``rights.bad_kind``, ``rights.no_words``, ``rights.too_long``, ``person.not_found``,
    ``throttled``.
    """
    if kind not in {Kind.DELETE, Kind.RESTRICT, Kind.EXPLAIN}:
        raise Refusal("rights.bad_kind")
    _bounded(resident, at)
    person = _member(resident.household.id, person_id) if person_id else None
    row = _new(resident, kind, _words(words), at)
    row.person = person
    return _keep(resident.actor, row)


@one_transaction
def correct_own(resident: Resident, said: Proposed, *, at: datetime) -> Request:
    """What a signed-in household says is wrong: a proposal, which the village decides; its receipt.

    Refuses ``rights.no_words``, ``rights.too_long``, ``person.bad_value``,
    ``person.bad_residence``, ``person.not_found``, ``throttled``.
    """
    _bounded(resident, at)
    if said.what == "phone":
        if not clean("phone", said.phone, at):
            raise Refusal("person.bad_value", field="电话")
    elif said.what == "residence":
        if said.residence not in set(Residence) or len(said.away_to) > 30:
            raise Refusal("person.bad_residence")
    elif said.what == "other":
        _words(said.words)
    else:
        raise Refusal("rights.bad_kind")
    row = _new(resident, Kind.CORRECT, said.words.strip()[:LONGEST], at)
    row.proposal = propose_change(resident.actor, resident.household.id, said, at=at)
    row.person = row.proposal.person
    row.save(force_insert=True)
    return row


@one_transaction
def appeal_own(resident: Resident, words: str, *, at: datetime) -> Request:
    """A signed-in household objects to its colour or to the end of help; the receipt of its
    appeal. Refuses as `appeal_grade`, and ``throttled``."""
    _bounded(resident, at)
    return _appeal(resident.actor, _new(resident, Kind.APPEAL, "", at), words, at)


def _appeal(speaker: Actor, row: Request, words: str, at: datetime) -> Request:
    row.appeal = appeal_grade(speaker, row.household_id, words, at=at)
    row.words, row.due_on = row.appeal.words, row.appeal.due_on
    row.save(force_insert=True)
    return row


@one_transaction
def copy_own(resident: Resident, *, at: datetime) -> Request:
    """That a signed-in household took a copy: a request that was answered at once. Refuses
    ``throttled``."""
    _bounded(resident, at)
    row = _new(resident, Kind.COPY, "", at)
    row.person = resident.person
    row.outcome, row.answer, row.answered_at = Outcome.GRANTED, BY_MACHINE, at
    return _keep(resident.actor, row, verb="rights.copy")


@one_transaction
def receive_request(
    actor: Actor, household_id: UUID, kind: str, words: str, *, person_id: UUID, identity: str,
    at: datetime,
) -> Request:  # fmt: skip
    """What somebody of a household says in person: who came, how she was known, who received it.

    Refuses ``household.not_found`` (out of reach too), ``person.not_found``, ``rights.bad_kind``,
    ``rights.bad_identity``, ``rights.no_words``, ``rights.too_long``, and as `appeal_grade`.
    """
    household = get_household(actor, household_id, verb="rights.receive")
    if kind not in set(Kind):
        raise Refusal("rights.bad_kind")
    if identity not in read("rights.toml")["identity"]:
        raise Refusal("rights.bad_identity")
    person = _member(household.id, person_id)
    said = _words(words, needed=kind not in SILENT)
    row = _new(Resident(person, household), kind, said, at)
    row.person, row.identity = person, identity
    row.channel = Request.Channel.COUNTER
    row.received_by, row.received_by_name = actor.id, actor.name[:50]
    if kind == Kind.APPEAL:
        return _appeal(Resident(person, household).actor, row, said, at)
    return _keep(actor, row, verb="rights.receive")


@one_transaction
def answer_request(
    actor: Actor, request_id: UUID, outcome: str, words: str, *, at: datetime,
    erase: Sequence[str] = (),
) -> Request:  # fmt: skip
    """Answer in words, with what was decided. Granting a deletion deletes the named fields (of the
    person asked about, or of the one who asked); granting a restriction sets the data aside.

    Refuses ``rights.not_found``, ``rights.answered``, ``rights.decided_elsewhere``,
    ``rights.bad_outcome``, ``rights.no_words``, ``rights.too_long``, ``rights.nothing_chosen``,
    ``rights.no_person``.
    """
    row = get_request(actor, request_id)
    if not actor.holds("rights.answer", row.household.place_id):
        raise NotPermitted("rights.not_found")
    if row.proposal_id or row.appeal_id:
        raise Refusal("rights.decided_elsewhere")
    if outcome not in set(Outcome):
        raise Refusal("rights.bad_outcome")
    answer = _words(words)
    # Of two at once only one answers.
    if not Request.objects.filter(id=row.id, answered_at=None).update(answered_at=at):
        raise Refusal("rights.answered")
    if outcome != Outcome.REFUSED:
        _carry_out(actor, row, erase, answer, at)
    row.outcome, row.answer, row.answered_at = outcome, answer, at
    row.answered_by, row.answered_by_name = actor.id, actor.name[:50]
    row.save()
    record(
        actor, "rights.answer", "request", row.id, row.household.place_id, at=at, quiet=True,
        kind=row.kind, outcome=outcome, household=str(row.household_id),
    )  # fmt: skip
    return row


def _carry_out(
    actor: Actor, row: Request, erase: Sequence[str], answer: str, at: datetime
) -> None:
    why = f"本人申请 {row.ref}"
    if row.kind == Kind.DELETE:
        if not erase or set(erase) - {*ERASABLE, VISITS}:
            raise Refusal("rights.nothing_chosen")
        if fields := [name for name in erase if name != VISITS]:
            for person in _about(row):
                erase_fields(actor, person, fields, words=why, at=at)
        if VISITS in erase:
            erase_visits(actor, row.household, at=at)
        row.erased = sorted(erase)
    elif row.kind == Kind.RESTRICT:
        for person in _about(row):
            restrict_person(actor, person, on=True, words=why, at=at)


def _about(row: Request) -> list[UUID]:
    """Whom a request is about: the person named; of a whole household who asked and the children.
    Another adult asks for herself."""
    if row.person_id:
        return [row.person_id]
    members = Person.objects.filter(household_id=row.household_id, ended_on=None).order_by("id")
    today = localdate(row.made_at)
    return [m.id for m in members if m.id == row.asker_id or is_minor(m.born_on, today)]


@one_transaction
def lift_restriction(actor: Actor, request_id: UUID, words: str, *, at: datetime) -> Request:
    """Take data into use again that a granted request set aside, because the person asks.

    Refuses ``rights.not_found``, ``rights.not_restricted``, ``household.no_words``.
    """
    row = get_request(actor, request_id)
    if not actor.holds("rights.answer", row.household.place_id):
        raise NotPermitted("rights.not_found")
    people = Person.objects.filter(id__in=_about(row)).exclude(restricted_on=None)
    ids = list(people.order_by("id").values_list("id", flat=True))
    if row.kind != Kind.RESTRICT or not ids:
        raise Refusal("rights.not_restricted")
    for person in ids:
        restrict_person(actor, person, on=False, words=words, at=at)
    return row


def note_copy(actor: Actor, request_id: UUID, *, at: datetime) -> Request:
    """That a copy was made for somebody at the counter: the household sees it among the looks.
    Refuses ``rights.not_found``."""
    row = get_request(actor, request_id)
    if not actor.holds("rights.answer", row.household.place_id):
        raise NotPermitted("rights.not_found")
    record(
        actor, "rights.copy", "household", row.household_id, row.household.place_id, at=at,
        quiet=True, request=str(row.id),
    )  # fmt: skip
    return row


def _new(resident: Resident, kind: str, words: str, at: datetime) -> Request:
    today = localdate(at)
    return Request(
        household=resident.household, asker=resident.person, kind=kind, words=words,
        ref=follow_code(), made_at=at, channel=Request.Channel.BOARD, due_on=_due(today),
    )  # fmt: skip


def _due(today: date) -> date:
    return state_calendar().add(today, terms(today)["answer_working_days"])


def _keep(actor: Actor, row: Request, verb: str = "rights.ask") -> Request:
    row.save(force_insert=True)
    copied = verb == "rights.copy"
    record(
        actor, verb, "household" if copied else "request",
        row.household_id if copied else row.id, row.household.place_id, at=row.made_at,
        quiet=True, kind=row.kind, household=str(row.household_id),
    )  # fmt: skip
    return row


def _bounded(resident: Resident, at: datetime) -> None:
    throttle("rights_ask", str(resident.household.id), at=at)


def _member(household_id: UUID, person_id: UUID) -> Person:
    # Also who ended: she may ask that what is left be deleted.
    person = Person.objects.filter(household_id=household_id, id=person_id).first()
    if person is None:
        raise NotPermitted("person.not_found")
    return person


def _words(words: str, *, needed: bool = True) -> str:
    said = words.replace("\x00", "").strip()
    if needed and not said:
        raise Refusal("rights.no_words")
    if len(said) > LONGEST:
        raise Refusal("rights.too_long", most=LONGEST)
    return said
