"""Record a fact with its source, end it, and note who looked. A fact is never edited: it ends and
another begins."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.audit.actions import record
from lianhu.grading.actions.decide import ROW_CLASS, note
from lianhu.grading.models import Fact, Grade
from lianhu.grading.rules.table import fact_kinds, is_forbidden
from lianhu.kernel.actor import Actor
from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.people.models import Household, Person
from lianhu.people.queries import get_household
from lianhu.territory.queries import reach

LONGEST_SOURCE = 200


def _kind(kind: str, value: str) -> bool:
    """Whether it is a fact of a person; refuses what is not in the list."""
    if is_forbidden(kind):
        raise Refusal("grading.forbidden_fact", name=kind)
    known = fact_kinds().get(kind)
    if known is None or known["from"] != "record":
        raise Refusal("grading.unknown_fact", name=kind)
    if value not in (known["words"] if known["kind"] == "one_of" else {""}):
        raise Refusal("grading.bad_value")
    return bool(known["of"] == "person")


@one_transaction
def record_fact(
    actor: Actor,
    household_id: UUID,
    kind: str,
    *,
    since: date,
    source: str,
    at: datetime,
    value: str = "",
    person_id: UUID | None = None,
    until: date | None = None,
) -> Fact:
    """Record something of a household, or of one of its members, with where it stands.

    A new income band ends the one before. Refuses ``household.not_found``,
    ``grading.unknown_fact``, ``grading.forbidden_fact``, ``grading.bad_value``,
    ``grading.no_source``, ``grading.bad_day``, ``grading.whose``.
    """
    household = get_household(actor, household_id, verb="grade.fact")
    of_person = _kind(kind, value)
    source = source.replace("\x00", "").strip()
    if not 0 < len(source) <= LONGEST_SOURCE or is_forbidden(source):
        raise Refusal("grading.no_source")
    if since > localdate(at) or (until is not None and until < since):
        raise Refusal("grading.bad_day")
    member = Person.objects.filter(
        id=person_id or household.id, household=household, ended_on=None
    )
    if of_person != (person_id is not None) or (of_person and not member.exists()):
        raise Refusal("grading.whose")
    if value:
        older = Fact.objects.filter(household=household, kind=kind, until=None)
        older.update(until=since - timedelta(days=1))
    fact = Fact.objects.create(
        household=household, person_id=person_id, kind=kind, value=value, since=since,
        until=until, source=source, recorded_by=actor.id, recorded_by_name=actor.name,
        recorded_at=at,
    )  # fmt: skip
    note(actor, "grade.fact", household, at=at, tell=False)
    return fact


@one_transaction
def end_fact(actor: Actor, fact_id: UUID, *, last_day: date, at: datetime) -> Fact:
    """A fact holds no longer than a day, inclusive; no colour changes by it.

    Refuses ``grading.no_fact``, ``grading.bad_day``.
    """
    homes = reach(Household.objects, actor, "grade.fact")
    fact = Fact.objects.filter(id=fact_id, household__in=homes).first()
    if fact is None:
        raise NotPermitted("grading.no_fact")
    if last_day > localdate(at) or last_day < fact.since - timedelta(days=1):
        raise Refusal("grading.bad_day")
    fact.until = last_day
    fact.save(update_fields=["until"])
    note(actor, "grade.fact", fact.household, at=at, tell=False)
    return fact


def note_look(actor: Actor, household: Household, *, at: datetime) -> None:
    """Note that what is recorded of a household in hand, and the reasons made of it, is shown:
    the household sees it, no list of the desk does."""
    record(
        actor, "grade.look", "household", household.id, household.place_id, at=at,
        row_class=ROW_CLASS, quiet=True,
    )  # fmt: skip


FACT = (
    "id", "household_id", "person_id", "kind", "value", "since", "until", "source",
    "recorded_by", "recorded_by_name", "recorded_at",
)  # fmt: skip
GRADE = (
    "id", "household_id", "colour", "state", "reason", "evidence", "rules", "proposed_by",
    "proposed_by_name", "proposed_at", "confirmed_by", "confirmed_by_name", "confirmed_at",
    "starts_on", "lapses_on", "ends_on", "ended_by", "ended_by_name", "end_reason", "noticed_on",
)  # fmt: skip


def load_facts(rows: Iterable[tuple[object, ...]]) -> None:
    """Write many facts (values in the order of `FACT`) at once: for building a county."""
    insert_rows(Fact, FACT, rows)


def load_grades(rows: Iterable[tuple[object, ...]]) -> None:
    """Write many decisions (values in the order of `GRADE`) at once: for building a county."""
    insert_rows(Grade, GRADE, rows)
