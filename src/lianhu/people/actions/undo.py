"""Undo an import as a whole, as long as nothing of it was changed since."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions.tally import Tally, identifiers, resize, tell
from lianhu.people.keys import destroy_keys
from lianhu.people.models import Household, Person, RegisterImport
from lianhu.territory.models import Place
from lianhu.territory.queries import reach

CHUNK = 5_000


@transaction.atomic
def undo_import(actor: Actor, import_id: UUID, *, at: datetime) -> RegisterImport:
    """Take out everything that an import made; one ledger entry.

    Refuses ``register.not_found``, ``register.undone`` (already), ``register.changed`` (something
    was changed, moved, added to or refers to it since).
    """
    entry = (
        reach(RegisterImport.objects, actor, "household.load")
        .select_for_update()
        .filter(id=import_id)
        .first()
    )
    if entry is None:
        raise NotPermitted("register.not_found")
    if entry.undone_at is not None:
        raise Refusal("register.undone")
    homes = identifiers(bytes(entry.household_ids))
    persons = identifiers(bytes(entry.person_ids))
    places = _unchanged(entry, homes, persons)
    try:
        for start in range(0, len(persons), CHUNK):
            gone = persons[start : start + CHUNK]
            # Rows before keys, as whoever corrects a person locks them; and keys while the rows
            # are there, for a key is destroyed by who sees the person only.
            rows = Person.objects.filter(id__in=gone)
            list(rows.order_by("id").select_for_update().values_list("id"))
            destroy_keys(gone)
            rows.delete()
        for start in range(0, len(homes), CHUNK):
            Household.objects.filter(id__in=homes[start : start + CHUNK]).delete()
    except ProtectedError as fault:
        raise Refusal("register.changed") from fault
    resize(entry.grown, -1)
    _drop_groups(entry.groups)
    entry.undone_at = at
    entry.save(update_fields=["undone_at"])
    tell(actor, "household.unload", entry, places, at=at)
    return entry


def _unchanged(entry: RegisterImport, homes: list[UUID], persons: list[UUID]) -> set[str]:
    """The places of what the import made; refuses ``register.changed``."""
    tally = Tally()
    for start in range(0, len(homes), CHUNK):
        rows = Household.objects.filter(id__in=homes[start : start + CHUNK])
        for key, place, *values in rows.values_list(
            "id", "place_id", "code", "head_name", "address", "size", "ended_on"
        ):
            tally.add(key.hex, place, *values)
            tally.places.add(place)
    for start in range(0, len(persons), CHUNK):
        people = Person.objects.filter(id__in=persons[start : start + CHUNK])
        for key, home, place, *rest in people.values_list(
            "id", "household_id", "place_id", "name", "relation", "sex", "born_on", "residence",
            "away_to", "version",
        ):  # fmt: skip
            tally.add(key.hex, home.hex, place, *rest)
            tally.places.add(place)
    if tally.digest != entry.digest:
        raise Refusal("register.changed")
    return tally.places


def _drop_groups(codes: list[str]) -> None:
    """Take out the groups made for the import, but those that something else uses by now."""
    for code in codes:
        try:
            with transaction.atomic():
                Place.objects.filter(code=code).delete()
        except ProtectedError:
            continue
