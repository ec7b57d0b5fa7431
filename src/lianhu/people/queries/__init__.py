"""Read households and persons within the actor's reach, masked by default."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from lianhu.kernel.actor import Actor
from lianhu.kernel.direct import read_rows, uuid_value
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.masking import mask_id, mask_name, mask_phone
from lianhu.kernel.seal import blinds
from lianhu.people.models import Household, Person
from lianhu.people.rules import (
    ENDINGS,
    RELATION_WORDS,
    RESIDENCE_WORDS,
    SEX_WORDS,
    Sex,
    age_on,
    is_minor,
    needs_guardian,
)
from lianhu.territory.queries import reach, within


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as a page shows them: masked unless the actor knows the village's names."""

    id: UUID
    name: str
    relation: str
    sex: str
    age: int | None
    residence: str
    id_number: str
    phone: str
    name_masked: bool
    ended_on: date | None = None
    ended: str = ""
    is_minor: bool = False
    needs_guardian: bool = False


def shown_name(actor: Actor, name: str, place: str) -> str:
    """The name in whole for those who know the village anyway, else masked."""
    return name if actor.holds("person.names", place) else mask_name(name)


HOUSEHOLD_ORDERS = {
    "": ("place_id", "code", "id"),
    "name": ("head_initials", "head_name", "id"),
    "-size": ("-size", "id"),
    "code": ("code", "id"),
}


def list_households(
    actor: Actor, *, under: str = "", words: str = "", order: str = ""
) -> QuerySet[Household]:
    """Living households at or below a place, by place and code unless `order` says another;
    `words` filters by head's name, initials or code."""
    rows = reach(Household.objects, actor, "household.read").filter(ended_on=None)
    if under:
        rows = rows.filter(within([under]))
    if words := words.replace("\x00", ""):
        rows = rows.filter(
            Q(head_name__startswith=words) | Q(code=words) | Q(head_initials=words.lower())
        )
    return rows.order_by(*HOUSEHOLD_ORDERS.get(order, HOUSEHOLD_ORDERS[""]))


def get_household(
    actor: Actor, household_id: UUID, *, verb: str = "household.read"
) -> Household:
    """One household; absent and out of reach refuse alike with ``household.not_found``."""
    row = (
        reach(Household.objects, actor, verb)
        .filter(id=household_id)
        .select_related("place")
        .first()
    )
    if row is None:
        raise NotPermitted("household.not_found")
    return row


GRID_OF = 'SELECT "place_id" FROM "people_household" WHERE "id" = %s'


def grid_of(actor: Actor, household_id: UUID) -> str:
    """The grid of a household in reach, and nothing else of it; refuses
    ``household.not_found``."""
    # The place says whether it is in reach: households have no row class.
    for (place,) in read_rows(GRID_OF, [uuid_value(household_id)]):
        if actor.holds("household.read", place):
            return str(place)
    raise NotPermitted("household.not_found")


def list_cards(actor: Actor, household: Household, *, today: date) -> list[PersonCard]:
    """The members of a household in reach, head first, masked. One query."""
    rows = (
        reach(Person.objects, actor, "person.read")
        .filter(household_id=household.id, ended_on=None)
        .select_related("key")
        .order_by("relation", "born_on", "id")
    )
    return [card_of(actor, person, today) for person in rows]


def card_of(actor: Actor, person: Person, today: date) -> PersonCard:
    """A person as a page shows them, their age as of a day."""
    return PersonCard(
        id=person.id,
        name=shown_name(actor, person.name, person.place_id),
        relation=RELATION_WORDS.get(person.relation, ""),
        sex=SEX_WORDS[Sex(person.sex)] if person.sex else "",
        age=age_on(person.born_on, today) if person.born_on else None,
        residence=RESIDENCE_WORDS[person.residence]  # type: ignore[index]
        + (f" {person.away_to}" if person.away_to else ""),
        id_number=mask_id(person.id_number),
        phone=mask_phone(person.phone),
        name_masked=not actor.holds("person.names", person.place_id),
        ended_on=person.ended_on,
        ended=ENDINGS.get(person.ended_how, ""),
        is_minor=is_minor(person.latest_birth, today),
        needs_guardian=needs_guardian(person.latest_birth, today),
    )


def get_person(actor: Actor, person_id: UUID, *, verb: str = "person.read") -> Person:
    """One person; absent and out of reach refuse alike with ``person.not_found``."""
    row = reach(Person.objects, actor, verb).filter(id=person_id).select_related("key").first()
    if row is None:
        raise NotPermitted("person.not_found")
    return row


def find_by_id_number(actor: Actor, number: str) -> list[Person]:
    """Persons in reach with exactly this ID number, by the blind index; none for none."""
    indexes = blinds(number.strip().upper(), "person.id")
    if not indexes:
        return []
    return list(reach(Person.objects, actor, "person.read").filter(id_index__in=indexes))


def households_of_grids(actor: Actor, grids: list[str]) -> list[Household]:
    """The living households of grids with all members prefetched. Two queries."""
    return list(
        reach(Household.objects, actor, "household.read")
        .filter(place_id__in=grids, ended_on=None)
        .prefetch_related(
            Prefetch("persons", Person.objects.filter(ended_on=None).select_related("key"))
        )
        .order_by("place_id", "code", "id")
    )


def count_by_place(
    actor: Actor, codes: Iterable[str], under: str
) -> dict[str, tuple[int, int]]:
    """Households and persons below each of the codes (all of one length). One query.

    Persons are the sum of household sizes.
    """
    found = dict.fromkeys(codes, (0, 0))
    if not found:
        return {}
    length = len(next(iter(found)))
    # By whole place, which the index has in order and with all that is asked; by the beginning of
    # a place a hundred thousand households would be sorted for each page.
    rows = (
        list_households(actor, under=under)
        .order_by()
        .values("place_id")
        .annotate(number=Count("*"), heads=Sum("size"))
        .values_list("place_id", "number", "heads")
    )
    for place, number, heads in rows:
        code = place[:length]
        if code in found:
            homes, people = found[code]
            found[code] = homes + number, people + heads
    return found


def find_by_name(actor: Actor, name: str, *, under: str) -> list[Person]:
    """At most 20 persons in reach of exactly this name at or below a place, with their places."""
    return list(
        reach(Person.objects, actor, "person.read")
        .filter(within([under]), name=name, ended_on=None)
        .select_related("place", "household")
        .order_by("place_id", "id")[:20]
    )
