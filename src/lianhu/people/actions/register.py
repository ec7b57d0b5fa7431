"""Change the register one thing at a time, and reveal one field."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.people.actions.changing import member_of, note
from lianhu.people.actions.minors import spend_look
from lianhu.people.models import Person
from lianhu.people.queries import find_by_id_number, get_person
from lianhu.people.rules import REVEALABLE, Residence

EVER = {"emergency", "request"}  # purposes for which set-aside data may still be looked at


@transaction.atomic
def reveal_field(
    actor: Actor, person_id: UUID, field: str, purpose: str, *, at: datetime
) -> str:
    """One field of one person in clear, for the page to show for 30 seconds.

    Every reveal is in the ledger with its purpose, where the resident can see it. Refuses
    ``person.not_found``, ``reveal.no_purpose``, ``reveal.bad_field``, ``person.restricted`` (the
    person asked that the data be set aside), ``minor.needs_approval``.
    """
    person = get_person(actor, person_id, verb="person.reveal")
    if field not in REVEALABLE:
        raise Refusal("reveal.bad_field")
    note_reveal(actor, person, field, purpose, at=at)
    return str(getattr(person, field))


def note_reveal(
    actor: Actor, person: Person, field: str, purpose: str, *, at: datetime
) -> None:
    """Note that a field of a person in hand is shown, or refuse as `reveal_field`."""
    if purpose not in read("purposes.toml")["reveal"]:
        raise Refusal("reveal.no_purpose")
    if person.restricted_on and purpose not in EVER:
        raise Refusal("person.restricted")
    spend_look(actor, person, field, purpose, at=at)
    record(
        actor, "person.reveal", "person", person.id, person.place_id, at=at, quiet=True,
        field=field, purpose=purpose, household=str(person.household_id),
    )  # fmt: skip


@transaction.atomic
def look_up_id_number(actor: Actor, number: str, *, at: datetime) -> list[Person]:
    """Persons in reach with exactly this ID number: who holds a number learns whose it is, so each
    is noted in the ledger, where the resident can see it. The number itself stands nowhere."""
    found = find_by_id_number(actor, number)
    for person in found:
        record(
            actor, "person.looked_up", "person", person.id, person.place_id, at=at, quiet=True,
            household=str(person.household_id),
        )  # fmt: skip
    return found


@transaction.atomic
def change_residence(
    actor: Actor,
    person_id: UUID,
    residence: str,
    away_to: str,
    *,
    words: str = "",
    at: datetime,
) -> Person:
    """Note that a person is at home or away, and where. Refuses ``person.not_found``,
    ``person.ended``, ``person.bad_residence``."""
    person = member_of(actor, person_id)
    if residence not in set(Residence) or len(away_to) > 30:
        raise Refusal("person.bad_residence")
    old = _whereabouts(person)
    person.residence = residence
    person.away_to = away_to.replace("\x00", "").strip() if residence == Residence.AWAY else ""
    person.version += 1
    person.save(update_fields=["residence", "away_to", "version"])
    note(
        actor, "person.residence", person.household, person=person, at=at, words=words,
        values={"residence": (old, _whereabouts(person))},
    )  # fmt: skip
    return person


def _whereabouts(person: Person) -> str:
    """在家, or 外出 and where to."""
    return f"{person.get_residence_display()} {person.away_to}".strip()
