"""What an import wrote, summed up so that a later change shows."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F

from lianhu.audit.actions import raise_grids, record
from lianhu.kernel.actor import Actor
from lianhu.people.actions.load import HouseholdRow, PersonRow
from lianhu.people.models import Household, RegisterImport

GRID = 17
SPAN = 1 << 128


class Tally:
    """Identifiers, places and a sum of digests, whatever the order of the rows."""

    def __init__(self) -> None:
        self.household_ids: list[bytes] = []
        self.person_ids: list[bytes] = []
        self.places: set[str] = set()
        self._sum = 0

    @property
    def digest(self) -> str:
        """The sum as 32 hexadecimal digits."""
        return f"{self._sum:032x}"

    def add(self, *values: object) -> None:
        """One row's values as the database gives them back."""
        row = hashlib.blake2b(repr(values).encode(), digest_size=16).digest()
        self._sum = (self._sum + int.from_bytes(row)) % SPAN

    def households(self, rows: Iterable[HouseholdRow]) -> Iterator[HouseholdRow]:
        """Let households through and sum them up."""
        for row in rows:
            self.household_ids.append(row.id.bytes)
            self.places.add(row.place)
            self.add(
                row.id.hex, row.place, row.code, row.head_name, row.address, row.size, None
            )
            yield row

    def persons(self, rows: Iterable[PersonRow]) -> Iterator[PersonRow]:
        """Let persons through and sum them up."""
        for row in rows:
            self.person_ids.append(row.id.bytes)
            self.places.add(row.place)
            self.add(
                row.id.hex, row.household_id.hex, row.place, row.name, row.relation, row.sex,
                row.born_on, str(row.residence), row.away_to, 1,
            )  # fmt: skip
            yield row


def identifiers(joined: bytes) -> list[UUID]:
    """The UUIDs in a run of 16 bytes each."""
    return [UUID(bytes=joined[at : at + 16]) for at in range(0, len(joined), 16)]


def resize(grown: Mapping[str, int], sign: int) -> None:
    """Add to (or take from) the size of households that were there before the import."""
    for home, persons in grown.items():
        Household.objects.filter(id=UUID(home)).update(size=F("size") + sign * persons)


def tell(
    actor: Actor, verb: str, entry: RegisterImport, places: Iterable[str], *, at: datetime
) -> None:
    """One ledger entry; the phones of just the grids that were touched hear of it."""
    record(
        actor, verb, "register", entry.id, entry.place_id, at=at, quiet=True,
        file=entry.file_name, households=entry.households, persons=entry.persons,
    )  # fmt: skip
    for grid in sorted({code for code in places if len(code) == GRID}):
        raise_grids(grid)
