"""Import a register: all of it or nothing, once, and undone as a whole."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import uuid7
from lianhu.people.actions.load import HouseholdRow, PersonRow, load_households
from lianhu.people.actions.matching import (
    ELSEWHERE,
    KNOWN,
    NEW,
    Match,
    head_names,
    match_register,
)
from lianhu.people.actions.placing import Placing
from lianhu.people.actions.tally import Tally, resize, tell
from lianhu.people.models import Household, RegisterImport
from lianhu.people.register.findings import Register
from lianhu.people.register.initials import initials
from lianhu.people.rules import RELATION_WORDS, Residence

CODES = {word: code for code, word in RELATION_WORDS.items()}
MOST_NAME, MOST_NUMBER, MOST_ADDRESS = 50, 24, 200  # signs; as the columns have them


@dataclass(slots=True)
class Preview:
    """What an import would do."""

    register: Register
    place: str
    placing: Placing
    codes: list[str]  # the place of each household
    match: Match

    @property
    def said(self) -> dict[str, object]:
        """What is there already and what would be new, for a page or for machines."""
        gone = [i for i, home in enumerate(self.match.homes) if home]
        rows = zip(self.register.rows, self.match.persons, strict=True)
        return {
            "already": {"households": len(gone), "persons": self.match.count(KNOWN)},
            "new": {
                "households": len(self.new_homes()),
                "persons": self.match.count(NEW),
                "groups": sorted(self.placing.new_groups),
            },
            "elsewhere": [[p.sheet, p.row] for p, status in rows if status == ELSEWHERE],
        }

    def new_homes(self) -> set[int]:
        """Households, by their number in the register, that are not there but have new members."""
        homes = self.match.homes
        rows = zip(self.register.rows, self.match.persons, strict=True)
        return {p.household for p, s in rows if s == NEW and homes[p.household - 1] is None}


def preview_import(actor: Actor, register: Register, place: str) -> Preview:
    """What importing a register for a place would do; nothing is written.

    Refuses ``account.not_permitted``, ``place.not_found``, ``register.unreadable``,
    ``register.elsewhere`` (a row of another place), ``register.too_long``.
    """
    actor.require("household.load", place)
    if not register.readable or not register.header_rows:
        raise Refusal("register.unreadable", kind=register.problems[0].kind)
    placing = Placing(place)
    _check_lengths(register)
    codes = [placing.code_of(home) for home in register.homes]
    return Preview(register, place, placing, codes, match_register(register, codes, place[:6]))


def _check_lengths(register: Register) -> None:
    for home in register.homes:
        long = len(home.number) > MOST_NUMBER or len(home.address) > MOST_ADDRESS
        if long or len(home.head_name) > MOST_NAME:
            raise Refusal("register.too_long", sheet=home.sheet, row=home.row)
    for person in register.rows:
        if len(person.name) > MOST_NAME:
            raise Refusal("register.too_long", sheet=person.sheet, row=person.row)


@transaction.atomic
def import_register(
    actor: Actor, preview: Preview, file_sha256: str, *, at: datetime
) -> RegisterImport | None:
    """Write what a preview found new; None when all of it is there already.

    `file_sha256` names the file. One transaction, one ledger entry; refuses
    ``account.not_permitted``. What is there already is not changed.
    """
    actor.require("household.load", preview.place)
    register, match = preview.register, preview.match
    if match.count(NEW) == 0:
        return None
    groups = preview.placing.make_groups()
    fresh = preview.new_homes()
    ids = [home or uuid7() for home in match.homes]
    grown = Counter(
        str(ids[p.household - 1])
        for p, status in zip(register.rows, match.persons, strict=True)
        if status == NEW and p.household not in fresh
    )
    # Read before writing: on PostgreSQL nothing else may be asked while rows flow in.
    moved = _places_of([home for home in match.homes if home])
    tally = Tally()
    load_households(
        tally.households(_households(preview, fresh, ids)),
        tally.persons(_persons(preview, ids, moved)),
    )
    resize(grown, 1)
    entry = RegisterImport.objects.create(
        place_id=preview.place, at=at, actor_id=actor.id, file_name=register.file[:200],
        file_sha256=file_sha256, households=len(fresh),
        persons=match.count(NEW), problems=len(register.problems),
        household_ids=b"".join(tally.household_ids), person_ids=b"".join(tally.person_ids),
        grown=dict(grown), groups=groups, digest=tally.digest,
    )  # fmt: skip
    tell(actor, "household.load", entry, {*preview.codes, *tally.places}, at=at)
    return entry


def _households(preview: Preview, fresh: set[int], ids: list[UUID]) -> Iterator[HouseholdRow]:
    register = preview.register
    heads = head_names(register)
    sizes = Counter(
        p.household
        for p, status in zip(register.rows, preview.match.persons, strict=True)
        if status == NEW
    )
    for number in sorted(fresh):
        home = register.homes[number - 1]
        head = heads[number - 1]
        yield HouseholdRow(
            ids[number - 1], preview.codes[number - 1], home.number, head, initials(head),
            home.address, sizes[number],
        )  # fmt: skip


def _persons(preview: Preview, ids: list[UUID], moved: dict[UUID, str]) -> Iterator[PersonRow]:
    """New persons; in a household that is there already they live where it does now."""
    for person, status in zip(preview.register.rows, preview.match.persons, strict=True):
        if status != NEW:
            continue
        home = ids[person.household - 1]
        birth = person.birth or ""
        yield PersonRow(
            id=uuid7(),
            household_id=home,
            place=moved.get(home) or preview.codes[person.household - 1],
            name=person.name,
            relation=CODES[person.relation] if person.relation else "",
            sex=person.sex or "",
            born_on=date.fromisoformat(birth) if len(birth) == 10 else None,
            residence=Residence.AWAY if person.away else Residence.HOME,
            id_number=person.id_number or "",
            phone=person.phones[0] if person.phones else "",
            more_phones=" ".join(person.phones[1:]),
            born_month=birth if len(birth) == 7 else "",
        )


def _places_of(homes: list[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for start in range(0, len(homes), 5_000):
        # scoped by the import, which matched them.
        rows = Household.objects.filter(id__in=homes[start : start + 5_000])
        found.update(rows.values_list("id", "place_id"))
    return found
