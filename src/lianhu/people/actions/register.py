"""Change the register one thing at a time, and reveal one field."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.people.models import Household, Person
from lianhu.people.queries import get_household, get_person
from lianhu.people.rules import REVEALABLE, Residence
from lianhu.territory.models import Level
from lianhu.territory.queries import get_place


@transaction.atomic
def reveal_field(
    actor: Actor, person_id: UUID, field: str, purpose: str, *, at: datetime
) -> str:
    """One field of one person in clear, for the page to show for 30 seconds.

    Every reveal is in the ledger with its purpose, where the resident can see it. Refuses
    ``person.not_found``, ``reveal.no_purpose``, ``reveal.bad_field``.
    """
    person = get_person(actor, person_id, verb="person.reveal")
    if field not in REVEALABLE:
        raise Refusal("reveal.bad_field")
    if purpose not in read("purposes.toml")["reveal"]:
        raise Refusal("reveal.no_purpose")
    value = str(getattr(person, field))
    record(
        actor, "person.reveal", "person", person.id, person.place_id, at=at, quiet=True,
        field=field, purpose=purpose, household=str(person.household_id),
    )  # fmt: skip
    return value


@transaction.atomic
def change_residence(
    actor: Actor, person_id: UUID, residence: str, away_to: str, *, at: datetime
) -> Person:
    """Note that a person is at home or away, and where. Refuses ``person.not_found``,
    ``person.bad_residence``."""
    person = get_person(actor, person_id, verb="person.read")
    if residence not in set(Residence) or len(away_to) > 30:
        raise Refusal("person.bad_residence")
    person.residence = residence
    person.away_to = away_to.strip() if residence == Residence.AWAY else ""
    person.version += 1
    person.save(update_fields=["residence", "away_to", "version"])
    record(
        actor, "person.residence", "person", person.id, person.place_id, at=at,
        residence=residence, household=str(person.household_id),
    )  # fmt: skip
    return person


@transaction.atomic
def move_household(actor: Actor, household_id: UUID, grid: str, *, at: datetime) -> Household:
    """Put a household with its members into another grid; both grids' phones hear of it.

    Refuses ``household.not_found``, ``place.not_found`` (grid out of reach or not a grid).
    """
    household = get_household(actor, household_id)
    actor.require("posting.change", household.place_id, code="household.not_found")
    actor.require("posting.change", grid, code="place.not_found")
    if get_place(grid).level != Level.GRID:
        raise Refusal("place.not_found")
    old = household.place_id
    Household.objects.filter(id=household.id).update(place_id=grid)
    Person.objects.filter(household_id=household.id).update(place_id=grid)
    record(actor, "household.leave", "household", household.id, old, at=at, to=grid)
    record(actor, "household.move", "household", household.id, grid, at=at, old=old)
    household.refresh_from_db()
    return household
