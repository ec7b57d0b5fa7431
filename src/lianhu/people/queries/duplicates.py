"""Persons who may be registered twice: the same ID number, or the same name and birth nearby.

The machine only finds them; a person looks at both and decides.
"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import Substr

from lianhu.kernel.actor import Actor
from lianhu.people.models import Person
from lianhu.territory.queries import reach, within

VILLAGE = 12
SAME_ID, SAME_BIRTH = "id_number", "birth"


@dataclass(frozen=True, slots=True)
class Likeness:
    """Persons who may be one, and why: ``id_number`` or ``birth`` (and name and village)."""

    why: str
    persons: list[Person]

    @property
    def ids(self) -> list[UUID]:
        """The identifiers of the persons, oldest first."""
        return [person.id for person in self.persons]


def find_duplicates(actor: Actor, under: str, *, most: int = 100) -> list[Likeness]:
    """Living persons of a place who may be registered twice, those of one ID number first; at
    most `most` groups of a kind. Three queries."""
    rows = reach(Person.objects, actor, "household.change")
    rows = rows.filter(within([under]), ended_on=None)
    shared = (
        rows.exclude(id_index=b"")
        .values("id_index")
        .annotate(n=Count("id"))
        .filter(n__gt=1)
        .order_by("id_index")
        .values_list("id_index", flat=True)[:most]
    )
    indexes = [bytes(index) for index in shared]
    alike = (
        rows.exclude(born_on=None)
        .annotate(village=Substr("place_id", 1, VILLAGE))
        .values("name", "born_on", "village")
        .annotate(n=Count("id"))
        .filter(n__gt=1)
        .order_by("village", "name", "born_on")
        .values_list("name", "born_on", "village")[:most]
    )
    keys = set(alike)
    found: defaultdict[tuple[str, object], list[Person]] = defaultdict(list)
    wanted = rows.filter(id_index__in=indexes) | rows.filter(
        name__in={name for name, _, _ in keys}, born_on__in={born for _, born, _ in keys}
    )
    for person in wanted.select_related("household", "place", "key").order_by("id"):
        if (index := bytes(person.id_index)) in indexes:
            found[SAME_ID, index].append(person)
        key = (person.name, person.born_on, person.place_id[:VILLAGE])
        if key in keys:
            found[SAME_BIRTH, key].append(person)
    groups = [
        Likeness(why, persons)
        for (why, _), persons in found.items()
        if _may_be_one(why, persons)
    ]
    return sorted(groups, key=lambda group: group.why != SAME_ID)


def _may_be_one(why: str, persons: list[Person]) -> bool:
    """Two good ID numbers that differ are two persons, whatever their names."""
    if len(persons) < 2 or why == SAME_ID:
        return len(persons) > 1
    return any(not person.id_index for person in persons)
