"""Whose number it is, and the household that is shown to itself."""

from dataclasses import dataclass
from uuid import UUID

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.seal import blinds
from lianhu.people.models import Household, Person
from lianhu.people.register.initials import initials
from lianhu.territory.queries import path_of

GROUP_DEPTH = 3  # town, village, group come before a grid
NAME = "本户"  # the ledger names no resident


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody of a household, known by a code or at the counter, with the household."""

    person: Person
    household: Household

    @property
    def where(self) -> str:
        """The names of its places below the county; a grid's own name tells its group. One
        query."""
        names = [p.name for p in path_of(self.household.place_id)[1:]]
        return "".join(names[:2] + names[-1:] if len(names) > GROUP_DEPTH else names)

    @property
    def actor(self) -> Actor:
        """Who acts in the ledger; may say what has changed in this household, and nothing else."""
        scopes: dict[str, tuple[str, ...]] = {"household.propose": (self.household.place_id,)}
        return Actor(id=self.person.id, name=NAME, scopes=scopes, roles=("resident",))


def residents_of_number(number: str) -> list[Resident]:
    """Whose mobile number it is: of each living household the first, by relation to the head.
    One query, whether there is somebody or nobody."""
    # open to all: only who proved by a code that the number is hers is told anything.
    rows = (
        Person.objects.filter(phone_index__in=blinds(number, "person.phone"))
        .filter(ended_on=None, household__ended_on=None)
        .select_related("household", "household__place")
        .order_by("relation", "born_on", "id")
    )
    first: dict[UUID, Resident] = {}
    for person in rows:
        first.setdefault(person.household_id, Resident(person, person.household))
    return list(first.values())


def chosen_resident(residents: list[Resident], said: str) -> Resident | None:
    """The one household of some that fits what was typed: its code, or the pinyin initials of its
    head or of the person; None where none does, or more than one."""
    wanted = "".join(said.split()).lower()
    fitting = [
        r
        for r in residents
        if wanted
        and wanted
        in {r.household.code.lower(), r.household.head_initials, initials(r.person.name)}
    ]
    return fitting[0] if len(fitting) == 1 else None


def get_resident(household_id: UUID, person_id: UUID) -> Resident:
    """A living member of a household; refuses ``rights.signed_out``. One query."""
    # open to all: the door holds a session that a code or the counter opened for just these two.
    row = (
        Person.objects.filter(id=person_id, household_id=household_id, ended_on=None)
        .select_related("household", "household__place")
        .first()
    )
    if row is None:
        raise NotPermitted("rights.signed_out")
    return Resident(row, row.household)


def resident_of_person(person_id: UUID) -> Resident | None:
    """The same for a person of the register whose account is signed in; None where there is none."""
    # open to all: asked only for one's own account.
    row = (
        Person.objects.filter(id=person_id, ended_on=None, household__ended_on=None)
        .select_related("household", "household__place")
        .first()
    )
    return Resident(row, row.household) if row else None
