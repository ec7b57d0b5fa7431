"""Write a whole register, or a part of one, at once."""

from collections.abc import Iterable
from datetime import date
from itertools import islice
from uuid import UUID

import msgspec

from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.ownkey import OwnKey
from lianhu.kernel.seal import blind_with
from lianhu.people.keys import NewKeys
from lianhu.people.models import Household, Person, PersonKey

PART = 5_000


class PersonRow(msgspec.Struct, frozen=True, gc=False):
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


class HouseholdRow(msgspec.Struct, frozen=True, gc=False):
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
    """Write a register, or a part of one, sealing ID numbers and phones on the way, each person's
    by a key of her own.

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
    people, written = iter(persons), PART
    # In parts, so that few keys wait for the persons before them, and the ring's version is asked
    # for often.
    while written == PART:
        keys = NewKeys()
        part = (_sealed(person, keys) for person in islice(people, PART))
        written = insert_rows(Person, PERSON, part)
        insert_rows(PersonKey, ("person_id", "mark", "key_sealed"), keys.rows)


PERSON = (
    "id", "household_id", "place_id", "name", "relation", "sex", "born_on", "residence",
    "away_to", "id_sealed", "id_index", "phone_sealed", "phone_index",
    "more_phones_sealed", "born_month",
)  # fmt: skip

NOBODYS = OwnKey(b"", b"")  # of whom nothing is sealed


def _sealed(row: PersonRow, keys: NewKeys) -> tuple[object, ...]:
    """The values of `PERSON`, ID number and phones sealed."""
    key, number, phone, more = str(row.id), row.id_number, row.phone, row.more_phones
    own = keys.make(row.id, key) if number or phone or more else NOBODYS
    version, suite = keys.version, keys.version.suite
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
        own.seal(number.encode(), f"person.id.{key}", suite),
        blind_with(version, number, "person.id") if number else b"",
        own.seal(phone.encode(), f"person.phone.{key}", suite),
        blind_with(version, phone, "person.phone") if phone else b"",
        own.seal(more.encode(), f"person.phones.{key}", suite),
        row.born_month,
    )
