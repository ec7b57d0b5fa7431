"""What every change of the register does alike: who may, the size, the timeline, the ledger."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.models import Change, Household, Person
from lianhu.people.register.initials import initials
from lianhu.people.rules import HEAD
from lianhu.territory.queries import reach

VERB = "household.change"
MOST_WORDS = 200
Values = Mapping[str, tuple[str, str]]  # field: old, new


def home_of(actor: Actor, household_id: UUID) -> Household:
    """A living household that the actor may change, locked; absent and out of reach refuse alike
    with ``household.not_found``, an ended one with ``household.ended``."""
    rows = reach(Household.objects, actor, VERB).select_for_update(of=("self",))
    home = rows.filter(id=household_id).first()
    if home is None:
        raise NotPermitted("household.not_found")
    if home.ended_on is not None:
        raise Refusal("household.ended")
    return home


def member_of(actor: Actor, person_id: UUID) -> Person:
    """A living person whom the actor may change, locked, with the household; refuses
    ``person.not_found``, ``person.ended``."""
    rows = reach(Person.objects, actor, VERB).select_for_update(of=("self",))
    person = rows.filter(id=person_id).select_related("household").first()
    if person is None:
        raise NotPermitted("person.not_found")
    if person.ended_on is not None:
        raise Refusal("person.ended")
    return person


def living(home: Household) -> list[Person]:
    """The present members, head first."""
    rows = Person.objects.filter(household_id=home.id, ended_on=None)
    return list(rows.order_by("relation", "born_on", "id"))


def check_day(on: date, at: datetime) -> None:
    """Refuse ``household.bad_day`` for a day in the future."""
    if on > localdate(at):
        raise Refusal("household.bad_day")


def check_words(words: str, *, needed: bool = False) -> str:
    """A reason without spaces around it; refuses ``household.no_words`` where one is needed,
    ``household.words_too_long``."""
    said = words.replace("\x00", "").strip()
    if needed and not said:
        raise Refusal("household.no_words")
    if len(said) > MOST_WORDS:
        raise Refusal("household.words_too_long", most=MOST_WORDS)
    return said


def settle(home: Household) -> None:
    """Count the members anew and take the head's name over."""
    members = living(home)
    head = next((m for m in members if m.relation == HEAD), None)
    home.size = len(members)
    if head:
        home.head_name, home.head_initials = head.name, initials(head.name)
    home.save()


def note(
    actor: Actor,
    kind: str,
    home: Household,
    *,
    at: datetime,
    on: date | None = None,
    person: Person | None = None,
    other: Household | None = None,
    words: str = "",
    values: Values | None = None,
    lost: int = 0,
) -> Change:
    """The entry in the timeline and the one in the ledger, last in the change's transaction; the
    grid's phones hear of it. The ledger says which fields, never their values, and how many values
    were `lost`: emptied because nobody could read them any more."""
    change = Change(
        place_id=home.place_id, household=home, other=other, person=person, kind=kind,
        on=on or localdate(at), words=words, at=at, actor_id=actor.id, actor_name=actor.name[:50],
    )  # fmt: skip
    told = {field: {"old": old, "new": new} for field, (old, new) in (values or {}).items()}
    change.set_values(told)
    change.save(force_insert=True)
    facts: dict[str, Any] = {"household": str(home.id), "change": str(change.id)}
    if told:
        facts["fields"] = sorted(told)
    if lost:
        facts["lost"] = lost
    if other:
        facts["other"] = str(other.id)
    record(
        actor, kind, "person" if person else "household", person.id if person else home.id,
        home.place_id, at=at, **facts,
    )  # fmt: skip
    return change
