"""Households as wholes: moved, split, merged, ended, set right."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import uuid7
from lianhu.people.actions.changing import (
    VERB,
    check_day,
    check_words,
    home_of,
    living,
    note,
    settle,
)
from lianhu.people.models import Household, Person
from lianhu.people.register.initials import initials
from lianhu.people.rules import HEAD, relation_after
from lianhu.territory.models import Level
from lianhu.territory.queries import get_place

PLACES = {Level.GRID, Level.GROUP, Level.VILLAGE}
CORRECTABLE = {"address": ("住址", 200), "code": ("户号", 24)}


@transaction.atomic
def move_household(
    actor: Actor, household_id: UUID, place: str, *, at: datetime, words: str = ""
) -> Household:
    """Put a household with its members into another grid, group or village; the phones of both
    sides hear of it. What was reported and visited stays where it happened.

    Refuses ``household.not_found``, ``household.ended``, ``place.not_found`` (out of reach, or
    no such level), ``household.same_place``.
    """
    home = home_of(actor, household_id)
    actor.require(VERB, place, code="place.not_found")
    new = get_place(place)
    if new.level not in PLACES or new.ended_on is not None:
        raise NotPermitted("place.not_found")
    actor.require(VERB, new.code, code="place.not_found")
    if new.code == home.place_id:
        raise Refusal("household.same_place")
    said, old = check_words(words), home.place_id
    home.place_id = new.code
    home.save(update_fields=["place_id"])
    Person.objects.filter(household_id=home.id).update(place_id=new.code)
    record(actor, "household.leave", "household", home.id, old, at=at, to=new.code)
    note(
        actor, "household.move", home, words=said, at=at, values={"place": (old, new.code)},
    )  # fmt: skip
    return home


@transaction.atomic
def split_household(
    actor: Actor, household_id: UUID, person_ids: Sequence[UUID], head_id: UUID, *,
    code: str = "", address: str = "", words: str = "", at: datetime,
) -> Household:  # fmt: skip
    """Some members make a household of their own, `head_id` its head; the new household.

    Refuses ``household.not_found``, ``household.ended``, ``household.bad_split`` (nobody, all, a
    stranger, or the head among them who must stay).
    """
    home = home_of(actor, household_id)
    members = living(home)
    going = [m for m in members if m.id in set(person_ids)]
    head = next((m for m in going if m.id == head_id), None)
    stays = any(m.relation == HEAD for m in members if m not in going)
    had = any(m.relation == HEAD for m in members)
    strangers = set(person_ids) - {m.id for m in members}
    if head is None or strangers or len(going) == len(members) or (had and not stays):
        raise Refusal("household.bad_split")
    said = check_words(words)
    new = Household.objects.create(
        id=uuid7(), place_id=home.place_id, code=_fitting("code", code),
        head_name=head.name, head_initials=initials(head.name), size=len(going),
        address=_fitting("address", address) or home.address, lon=home.lon, lat=home.lat,
    )  # fmt: skip
    was = head.relation
    for member in going:
        member.household_id = new.id
        member.relation = (
            HEAD if member is head else relation_after(was, member.relation, member.sex)
        )
        member.version += 1
        member.save(update_fields=["household_id", "relation", "version"])
    settle(home)
    note(actor, "household.split", home, other=new, words=said, at=at)
    return new


@transaction.atomic
def merge_households(
    actor: Actor, household_id: UUID, other_id: UUID, *, words: str = "", at: datetime
) -> Household:
    """The members of `other_id` join `household_id`; the other household ends and stays readable.

    What the newcomers are to the head is left empty, for a person to fill in. Refuses
    ``household.not_found``, ``household.ended``, ``household.same``.
    """
    if household_id == other_id:
        raise Refusal("household.same")
    first, second = sorted((household_id, other_id))  # locked in one order by everybody
    locked = {key: home_of(actor, key) for key in (first, second)}
    home, other = locked[household_id], locked[other_id]
    said, old_place = check_words(words), other.place_id
    joining = living(other)
    vacant = not any(m.relation == HEAD for m in living(home))
    for member in joining:
        member.household_id, member.place_id = home.id, home.place_id
        member.relation = HEAD if vacant and member.relation == HEAD else ""
        member.version += 1
        member.save(update_fields=["household_id", "place_id", "relation", "version"])
    other.ended_on = at.date()
    other.size = 0
    other.save(update_fields=["ended_on", "size"])
    settle(home)
    if old_place != home.place_id:
        record(
            actor, "household.leave", "household", other.id, old_place, at=at, to=home.place_id
        )
    note(actor, "household.merge", home, other=other, words=said, at=at)
    return home


@transaction.atomic
def end_household(
    actor: Actor, household_id: UUID, *, on: date, words: str, at: datetime
) -> Household:
    """A household that moved away for good, or never was: all its members end with it.

    Refuses ``household.not_found``, ``household.ended``, ``household.bad_day``,
    ``household.no_words``.
    """
    home = home_of(actor, household_id)
    check_day(on, at)
    said = check_words(words, needed=True)
    for member in living(home):
        member.ended_on, member.ended_how = on, "moved_out"
        member.version += 1
        member.save(update_fields=["ended_on", "ended_how", "version"])
    home.ended_on = on
    settle(home)
    note(actor, "household.end", home, on=on, words=said, at=at)
    return home


def _fitting(field: str, value: str) -> str:
    label, most = CORRECTABLE[field]
    said = value.replace("\x00", "").strip()
    if len(said) > most:
        raise Refusal("person.bad_value", field=label)
    return said


@transaction.atomic
def correct_household(
    actor: Actor, household_id: UUID, field: str, value: str, *, words: str, at: datetime
) -> Household:
    """Set the address or the number right, with the reason; the old one stays in the timeline.

    Refuses ``household.not_found``, ``household.ended``, ``person.bad_field``,
    ``person.bad_value``, ``household.no_words``.
    """
    home = home_of(actor, household_id)
    if field not in CORRECTABLE:
        raise Refusal("person.bad_field")
    said, new = check_words(words, needed=True), _fitting(field, value)
    old = str(getattr(home, field))
    setattr(home, field, new)
    home.save(update_fields=[field])
    note(actor, "household.correct", home, words=said, at=at, values={field: (old, new)})
    return home
