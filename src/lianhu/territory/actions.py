"""Change the divisions. Names change, places end; codes and rows stay where they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.audit.actions import load_versions, record
from lianhu.kernel.actor import Actor
from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.territory.models import Level, Place, PlaceChange, Resource
from lianhu.territory.queries.resources import get_resource
from lianhu.territory.rules import level_of, parent_of, resource_kinds


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


KEEP = "resource.keep"
PHONE = re.compile(r"[0-9+][0-9 -]{1,18}[0-9]")
LOWEST = (Level.VILLAGE, Level.GROUP, Level.GRID)


@dataclass(frozen=True, slots=True)
class Wished:
    """What is to stand of a resource. `consent_words`: how the person said yes."""

    kind: str
    name: str
    words: str = ""
    phone: str = ""
    is_private: bool = False
    consent_on: date | None = None
    consent_words: str = ""


@transaction.atomic
def add_resource(
    actor: Actor, place: str, wished: Wished, *, at: datetime, replaces: Resource | None = None
) -> Resource:
    """Something that is there for a village, a group or a grid; its phones hear of it.

    A contact has a number; a private person's stands here only with consent (个人信息保护法 13(1)1,
    25). Refuses ``place.not_found``, ``place.ended``, ``place.bad_code`` (wider than a village),
    ``resource.unknown_kind``, ``resource.no_name``, ``resource.no_phone``,
    ``resource.bad_phone``, ``resource.no_consent``.
    """
    here = _own(actor, place, KEEP)
    if here.level not in LOWEST:
        raise Refusal("place.bad_code", place=place)
    today = localdate(at)
    asked = _judged(wished, today)
    row = Resource(
        place=here, kind=asked.kind, name=asked.name, words=asked.words,
        is_private=asked.is_private, consent_on=asked.consent_on,
        consent_words=asked.consent_words, starts_on=today, replaces=replaces,
        made_by_name=actor.name, made_at=at,
    )  # fmt: skip
    row.set_phone(asked.phone)
    row.save(force_insert=True)
    verb = "resource.change" if replaces else "resource.add"
    record(actor, verb, "resource", row.id, place, at=at, kind=row.kind)
    return row


def _judged(wished: Wished, today: date) -> Wished:
    """As it will stand, or the refusal."""
    kind = resource_kinds().get(wished.kind)
    if kind is None:
        raise Refusal("resource.unknown_kind")
    name, phone = _plain(wished.name, 60), _plain(wished.phone, 40)
    if not name:
        raise Refusal("resource.no_name")
    if kind.sort == "contact" and not phone:
        raise Refusal("resource.no_phone")
    if phone and not PHONE.fullmatch(phone):
        raise Refusal("resource.bad_phone")
    said, on = _plain(wished.consent_words, 200), wished.consent_on
    if wished.is_private and not (said and on and on <= today):
        raise Refusal("resource.no_consent")
    private = wished.is_private
    return Wished(
        wished.kind, name, _plain(wished.words, 300), phone, private,
        on if private else None, said if private else "",
    )  # fmt: skip


def _plain(text: str, most: int) -> str:
    return " ".join(text.replace("\x00", "").split())[:most]


@transaction.atomic
def change_resource(
    actor: Actor, resource_id: UUID, wished: Wished, *, at: datetime
) -> Resource:
    """The same thing said anew: the old row ends and stays readable. Refuses
    ``resource.not_found`` and as `add_resource`."""
    old = get_resource(actor, resource_id)
    row = add_resource(actor, old.place_id, wished, at=at, replaces=old)
    _end(actor, old, localdate(at), "改了写法", at=at)
    return row


@transaction.atomic
def end_resource(
    actor: Actor, resource_id: UUID, last_day: date, words: str, *, at: datetime
) -> Resource:
    """It is there no longer after a day, or its person took the consent back. Refuses
    ``resource.not_found``, ``resource.bad_day`` (not yet, or before it was there)."""
    row = get_resource(actor, resource_id)
    if not row.starts_on <= last_day <= localdate(at):
        raise Refusal("resource.bad_day")
    _end(actor, row, last_day, _plain(words, 200), at=at)
    record(actor, "resource.end", "resource", row.id, row.place_id, at=at, kind=row.kind)
    return row


def _end(actor: Actor, row: Resource, on: date, words: str, *, at: datetime) -> None:
    row.ended_on, row.end_words, row.ended_by_name = on, words, actor.name
    if row.is_private:
        row.set_phone("")  # a private number is kept no longer than it is used
    row.save(update_fields=["ended_on", "end_words", "ended_by_name", "phone_sealed"])


RESOURCE = (
    "id", "place_id", "kind", "name", "words", "phone_sealed", "is_private", "consent_on",
    "consent_words", "starts_on", "made_by_name", "made_at",
)  # fmt: skip


def load_resources(rows: Iterable[tuple[object, ...]]) -> None:
    """Write many resources (values in the order of `RESOURCE`) at once: for building a county."""
    insert_rows(Resource, RESOURCE, rows)


def forget_resources(before: datetime, most: int) -> int:
    """Delete resources that ended before a moment; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Resource.objects.filter(ended_on__lt=localdate(before)).order_by("ended_on", "id")
    ids = list(rows.values_list("id", flat=True)[:most])
    # open to all: as above.
    Resource.objects.filter(replaces_id__in=ids).update(replaces=None)
    # open to all: as above.
    Resource.objects.filter(id__in=ids).delete()
    return len(ids)
