"""Change the divisions. Names change, places end; codes and rows stay where they are."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from lianhu.audit.actions import load_versions, record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.territory.models import Level, Place, PlaceChange
from lianhu.territory.rules import level_of, parent_of


def _own(actor: Actor, code: str, verb: str = "place.change") -> Place:
    """The living place on which the actor may change divisions."""
    actor.require(verb, code, code="place.not_found")
    place = Place.objects.select_for_update().filter(code=code).first()
    if place is None:
        raise NotPermitted("place.not_found")
    if place.ended_on is not None:
        raise Refusal("place.ended", place=code)
    return place


def _note(place: Place, kind: str, on: date, **facts: object) -> None:
    PlaceChange.objects.create(place=place, kind=kind, on=on, **facts)


@transaction.atomic
def add_place(
    actor: Actor,
    code: str,
    name: str,
    *,
    on: date,
    at: datetime,
    is_community: bool = False,
    verb: str = "place.change",
) -> Place:
    """Add a place under the parent that its code names; `verb` is what gives the right to.

    Refuses ``place.not_found`` (no such parent in reach), ``place.bad_code``, ``place.exists``.
    """
    level, parent = level_of(code), parent_of(code)
    if not level or not parent or not name.strip():
        raise Refusal("place.bad_code", place=code)
    actor.require(verb, parent, code="place.not_found")
    if not Place.objects.filter(code=parent).exists():
        raise NotPermitted("place.not_found")
    if Place.objects.filter(code=code).exists():
        raise Refusal("place.exists", place=code)
    place = Place.objects.create(
        code=code,
        name=name.strip(),
        level=level,
        parent_id=parent,
        is_community=is_community,
        begun_on=on,
    )
    if level == Level.GRID:
        load_versions([code])
    _note(place, "added", on, new_name=place.name)
    record(actor, "place.add", "place", code, code, at=at, name=place.name)
    return place


@transaction.atomic
def rename_place(actor: Actor, code: str, name: str, *, on: date, at: datetime) -> Place:
    """Give a place another name from a day on; refuses ``place.not_found``, ``place.ended``,
    ``place.bad_name``."""
    place = _own(actor, code)
    if not name.strip() or len(name.strip()) > 50:
        raise Refusal("place.bad_name")
    old, place.name = place.name, name.strip()
    place.save(update_fields=["name"])
    _note(place, "renamed", on, old_name=old, new_name=place.name)
    record(actor, "place.rename", "place", code, code, at=at, old=old, new=place.name)
    return place


@transaction.atomic
def merge_place(
    actor: Actor,
    code: str,
    into: str,
    *,
    on: date,
    at: datetime,
    kind: str = "merged",
    verb: str = "place.change",
) -> Place:
    """End a place and let a neighbour of the same level answer for it and everything below.

    No row moves: groups keep their codes and get the new parent, and whoever is granted the
    successor reaches the old code too. Refuses ``place.not_found``, ``place.ended``,
    ``place.not_alike`` (another level, another town, or itself).
    """
    place, heir = _own(actor, code, verb), _own(actor, into, verb)
    if place.level != heir.level or place.parent_id != heir.parent_id or code == into:
        raise Refusal("place.not_alike")
    Place.objects.filter(parent=place).update(parent=heir)
    place.ended_on, place.successor = on, heir
    place.save(update_fields=["ended_on", "successor"])
    _note(place, kind, on, old_name=place.name, new_name=heir.name, into=heir)
    record(actor, "place.merge", "place", code, code, at=at, into=into)
    return heir


@transaction.atomic
def convert_place(
    actor: Actor, code: str, new_code: str, name: str, *, on: date, at: datetime
) -> Place:
    """Turn a village into a community under its new code (or the reverse).

    Refuses as `add_place` and `merge_place` do.
    """
    old = _own(actor, code)
    add_place(actor, new_code, name, on=on, at=at, is_community=not old.is_community)
    Place.objects.filter(code=new_code).update(lon=old.lon, lat=old.lat)
    return merge_place(actor, code, new_code, on=on, at=at, kind="converted")


def load_places(places: Iterable[Place]) -> None:
    """Write many places at once, parents before children, and a first version for each grid.

    Each place is built by `make_place`; for building a county or importing a new edition.
    """
    rows = list(places)
    Place.objects.bulk_create(rows, batch_size=2000)
    load_versions([p.code for p in rows if p.level == Level.GRID])


def make_place(
    code: str,
    name: str,
    *,
    is_community: bool = False,
    lon: float | None = None,
    lat: float | None = None,
    on: date | None = None,
) -> Place:
    """An unsaved place whose level and parent its code tells; refuses ``place.bad_code``."""
    level = level_of(code)
    if not level:
        raise Refusal("place.bad_code", place=code)
    return Place(
        code=code,
        name=name,
        level=level,
        parent_id=parent_of(code) or None,
        is_community=is_community,
        lon=lon,
        lat=lat,
        begun_on=on,
    )
