"""Two registrations of one person become one: chosen field by field by a person, and undone."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions.changing import (
    VERB,
    check_words,
    home_of,
    living,
    member_of,
    note,
    settle,
)
from lianhu.people.models import Change, Household, Person
from lianhu.people.rules import HEAD
from lianhu.territory.queries import reach

# What may be taken over from the registration that goes.
TAKEN = ("name", "sex", "born_on", "id_number", "phone", "residence")


@transaction.atomic
def merge_persons(
    actor: Actor, keep_id: UUID, drop_id: UUID, take: Collection[str] = (), *,
    words: str = "", at: datetime,
) -> Person:  # fmt: skip
    """One registration stays, the other ends as a duplicate; the fields in `take` come from it.

    Never by machine: the caller is a person who saw both. Refuses ``person.not_found``,
    ``person.ended``, ``household.ended``, ``person.same``, ``person.bad_field``,
    ``household.needs_head`` (the one that goes is head of others: change the head first).
    """
    if keep_id == drop_id:
        raise Refusal("person.same")
    if not set(take) <= set(TAKEN):
        raise Refusal("person.bad_field")
    first, second = sorted((keep_id, drop_id))  # locked in one order by everybody
    locked = {key: member_of(actor, key) for key in (first, second)}
    keep, drop = locked[keep_id], locked[drop_id]
    home, other = home_of(actor, keep.household_id), home_of(actor, drop.household_id)
    rest = [m for m in living(other) if m.id != drop.id]
    if drop.relation == HEAD and [m for m in rest if m.id != keep.id or other.id != home.id]:
        raise Refusal("household.needs_head")
    said = check_words(words)
    values: dict[str, tuple[str, str]] = {"dropped": ("", str(drop.id))}
    for field in TAKEN:
        if field in take and (old := _value(keep, field)) != (new := _value(drop, field)):
            values[field] = (old, new)
            _set(keep, field, new)
    if drop.relation == HEAD and other.id == home.id:
        values["relation"] = (keep.relation, HEAD)
        keep.relation = HEAD
    keep.version += 1
    keep.save()
    _end(drop, localdate(at))
    for each in {home.id: home, other.id: other}.values():
        if not living(each):
            each.ended_on = localdate(at)
        settle(each)
    # Last, and of the household that is left too, so that the phones of both hear of it.
    if other.id != home.id:
        note(actor, "person.duplicate", other, person=drop, other=home, words=said, at=at)
    values["version"] = ("", str(keep.version))
    note(actor, "person.merge", home, person=keep, words=said, at=at, values=values)
    return keep


def _end(person: Person, on: date) -> None:
    person.ended_on, person.ended_how = on, "duplicate"
    person.version += 1
    person.save(update_fields=["ended_on", "ended_how", "version"])


def _value(person: Person, field: str) -> str:
    if field == "residence":
        return f"{person.residence} {person.away_to}".strip()
    return str(getattr(person, field) or "")


def _set(person: Person, field: str, value: str) -> None:
    if field == "id_number":
        person.set_id_number(value)
    elif field == "phone":
        person.set_phone(value)
    elif field == "born_on":
        person.born_on = date.fromisoformat(value) if value else None
    elif field == "residence":
        person.residence, _, person.away_to = value.partition(" ")
    else:
        setattr(person, field, value)


@transaction.atomic
def unmerge_persons(actor: Actor, change_id: UUID, *, words: str, at: datetime) -> Person:
    """Take a merge back from what its entry kept, as long as nothing was changed since; the
    registration that lives again.

    Refuses ``person.not_found``, ``person.changed_since``, ``household.no_words``.
    """
    row = (
        reach(Change.objects, actor, VERB)
        .filter(id=change_id, kind="person.merge")
        .select_related("person")
        .first()
    )
    if row is None or row.person is None:
        raise NotPermitted("person.not_found")
    said, values = check_words(words, needed=True), row.values
    if "dropped" not in values:  # emptied by a restore without her key
        raise Refusal("person.changed_since")
    keep = member_of(actor, row.person.id)
    rows = reach(Person.objects, actor, VERB).select_for_update(of=("self",))
    drop = rows.filter(id=values["dropped"]["new"]).select_related("household").first()
    if drop is None:
        raise NotPermitted("person.not_found")
    if str(keep.version) != values["version"]["new"] or drop.ended_how != "duplicate":
        raise Refusal("person.changed_since")
    for field in (*TAKEN, "relation"):
        if field in values:
            _set(keep, field, values[field]["old"])
    keep.version += 1
    keep.save()
    drop.ended_on, drop.ended_how = None, ""
    drop.version += 1
    drop.save(update_fields=["ended_on", "ended_how", "version"])
    home = keep.household
    other: Household = home if drop.household_id == home.id else drop.household
    for each in {home.id: home, other.id: other}.values():
        each.ended_on = None
        settle(each)
    if other.id != home.id:
        note(actor, "person.restored", other, person=drop, words=said, at=at)
    note(actor, "person.unmerge", home, person=keep, words=said, at=at)
    return drop
