"""Write a whole register, or a part of one, at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.seal import blind, seal
from lianhu.people.models import Household, Person


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person on the way into the register, in clear."""

    id: UUID
    household_id: UUID
    place: str
    name: str
    relation: str
    sex: str
    born_on: date | None
    residence: str = "home"
    away_to: str = ""
    id_number: str = ""
    phone: str = ""
    more_phones: str = ""  # further numbers, parted by spaces
    born_month: str = ""  # YYYY-MM, where no day is known


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household on the way into the register."""

    id: UUID
    place: str
    code: str
    head_name: str
    head_initials: str
    address: str
    size: int
    lon: float | None = None
    lat: float | None = None


def load_households(households: Iterable[HouseholdRow], persons: Iterable[PersonRow]) -> None:
    """Write a register, or a part of one, sealing ID numbers and phones on the way.

    For building a county and importing a register; the caller writes the ledger entry.
    """
    names = (
        "id", "place_id", "code", "head_name", "head_initials", "address", "size", "lon", "lat",
    )  # fmt: skip
    rows = (
        (h.id, h.place, h.code, h.head_name, h.head_initials, h.address, h.size, h.lon, h.lat)
        for h in households
    )
    insert_rows(Household, names, rows)
    insert_rows(Person, PERSON, (_sealed(p) for p in persons))


PERSON = (
    "id", "household_id", "place_id", "name", "relation", "sex", "born_on", "residence",
    "away_to", "id_sealed", "id_index", "phone_sealed", "phone_index",
    "more_phones_sealed", "born_month",
)  # fmt: skip


def _sealed(row: PersonRow) -> tuple[object, ...]:
    """The values of `PERSON`, ID number and phones sealed."""
    key = str(row.id)
    return (
        row.id,
        row.household_id,
        row.place,
        row.name,
        row.relation,
        row.sex,
        row.born_on,
        row.residence,
        row.away_to,
        seal(row.id_number, f"person.id.{key}"),
        blind(row.id_number, "person.id"),
        seal(row.phone, f"person.phone.{key}"),
        blind(row.phone, "person.phone"),
        seal(row.more_phones, f"person.phones.{key}"),
        row.born_month,
    )
