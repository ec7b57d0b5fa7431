"""Members of a household: in, out, born, died, the head, a field set right."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import uuid7
from lianhu.kernel.scope import Whole, whole_county
from lianhu.kernel.seal import blinds
from lianhu.people.actions.changing import (
    VERB,
    check_day,
    check_words,
    home_of,
    living,
    member_of,
    note,
    settle,
)
from lianhu.people.actions.load import PersonRow, load_households
from lianhu.people.models import Household, Person
from lianhu.people.rules import (
    ENDINGS,
    HEAD,
    RELATION_WORDS,
    Sex,
    is_id_number,
    relation_after,
)
from lianhu.territory.queries import reach

JOININGS = ("born", "moved_in", "missed")
CORRECTABLE = {
    "name": "姓名", "relation": "与户主关系", "sex": "性别", "born_on": "出生日期",
    "id_number": "身份证号", "phone": "电话",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person who joins a household; what is not known stays empty."""

    name: str
    relation: str = ""
    sex: str = ""
    born_on: date | None = None
    id_number: str = ""
    phone: str = ""


@transaction.atomic
def add_member(
    actor: Actor, household_id: UUID, new: NewMember, how: str, *, on: date, words: str = "",
    at: datetime,
) -> Person:  # fmt: skip
    """A person who was born into, moved into, or was missed in a household.

    Refuses ``household.not_found``, ``household.ended``, ``household.bad_day``,
    ``person.bad_joining``, what `clean` refuses, ``person.registered`` (this ID number lives
    somewhere already), ``household.two_heads``.
    """
    home = home_of(actor, household_id)
    check_day(on, at)
    said = check_words(words)
    if how not in JOININGS:
        raise Refusal("person.bad_joining")
    values = {
        "name": clean("name", new.name, at),
        "relation": clean("relation", new.relation, at) if new.relation else "",
        "sex": clean("sex", new.sex, at) if new.sex else "",
        "id_number": clean("id_number", new.id_number, at) if new.id_number else "",
        "phone": clean("phone", new.phone, at) if new.phone else "",
    }
    if new.born_on:
        check_day(new.born_on, at)
    _check_free(values["id_number"])
    if values["relation"] == HEAD and any(m.relation == HEAD for m in living(home)):
        raise Refusal("household.two_heads")
    row = PersonRow(
        id=uuid7(), household_id=home.id, place=home.place_id, born_on=new.born_on, **values
    )
    load_households([], [row])
    person = Person.objects.get(id=row.id)
    settle(home)
    note(actor, f"person.{how}", home, person=person, on=on, words=said, at=at)
    return person


def _check_free(number: str) -> None:
    """Refuse ``person.registered`` when somebody living has this ID number."""
    indexes = blinds(number, "person.id")
    with whole_county(Whole.REGISTERED):
        # scoped by the caller: only whether the number is taken.
        rows = Person.objects.filter(id_index__in=indexes, ended_on=None)
        if indexes and rows.exists():
            raise Refusal("person.registered")


@transaction.atomic
def end_member(
    actor: Actor, person_id: UUID, how: str, *, on: date, words: str = "",
    head_id: UUID | None = None, at: datetime,
) -> Person:  # fmt: skip
    """A member died or moved out for good; he stays readable in the household's history.

    When the head goes, `head_id` names who is head next; when the last member goes, the household
    ends. Refuses ``person.not_found``, ``person.ended``, ``household.bad_day``,
    ``person.bad_ending``, ``household.needs_head``.
    """
    person = member_of(actor, person_id)
    home = home_of(actor, person.household_id)
    check_day(on, at)
    said = check_words(words)
    if how not in ENDINGS:
        raise Refusal("person.bad_ending")
    rest = [m for m in living(home) if m.id != person.id]
    if person.relation == HEAD and rest:
        follower = next((m for m in rest if m.id == head_id), None)
        if follower is None:
            raise Refusal("household.needs_head")
        _seat(rest, follower)
    person.ended_on, person.ended_how = on, how
    person.version += 1
    person.save(update_fields=["ended_on", "ended_how", "version"])
    if not rest:
        home.ended_on = on
    settle(home)
    note(actor, f"person.{how}", home, person=person, on=on, words=said, at=at)
    return person


def _seat(members: list[Person], head: Person) -> None:
    """Make one of the members head; what the others are to him follows where it is certain."""
    was = head.relation
    for member in members:
        now = HEAD if member is head else relation_after(was, member.relation, member.sex)
        if now != member.relation:
            member.relation = now
            member.version += 1
            member.save(update_fields=["relation", "version"])


@transaction.atomic
def change_head(
    actor: Actor, household_id: UUID, person_id: UUID, *, words: str = "", at: datetime
) -> Household:
    """Another member is head from now on. Relations that do not follow for certain are left
    empty, for a person to fill in. Refuses ``household.not_found``, ``household.ended``,
    ``person.not_found``."""
    home = home_of(actor, household_id)
    members = living(home)
    head = next((m for m in members if m.id == person_id), None)
    if head is None:
        raise NotPermitted("person.not_found")
    said, old = check_words(words), home.head_name
    _seat(members, head)
    settle(home)
    note(
        actor, "household.head", home, person=head, words=said, at=at,
        values={"head": (old, head.name)},
    )  # fmt: skip
    return home


@transaction.atomic
def restore_member(actor: Actor, person_id: UUID, *, words: str, at: datetime) -> Person:
    """Take back an ending that was wrong: the person is in the household again, and the
    household lives. Refuses ``person.not_found``, ``person.not_ended``, ``household.no_words``,
    ``person.registered``."""
    rows = reach(Person.objects, actor, VERB).select_for_update(of=("self",))
    person = rows.filter(id=person_id).select_related("household").first()
    if person is None:
        raise NotPermitted("person.not_found")
    if person.ended_on is None:
        raise Refusal("person.not_ended")
    said, home = check_words(words, needed=True), person.household
    _check_free(person.id_number)
    person.ended_on, person.ended_how = None, ""
    if person.relation == HEAD and any(m.relation == HEAD for m in living(home)):
        person.relation = ""
    person.place_id = home.place_id
    person.version += 1
    person.save()
    home.ended_on = None
    settle(home)
    note(actor, "person.restored", home, person=person, words=said, at=at)
    return person


def clean(field: str, value: str, at: datetime) -> str:
    """A value as the register keeps it; refuses ``person.bad_value`` naming the field."""
    said = value.replace("\x00", "").strip()
    good = {
        "name": lambda: 0 < len(said) <= 50,
        "relation": lambda: said in RELATION_WORDS,
        "sex": lambda: said in set(Sex),
        "born_on": lambda: _is_day(said, at),
        "id_number": lambda: not said or is_id_number(said.upper()),
        "phone": lambda: not said or (len(said) == 11 and said.isascii() and said.isdigit()),
    }[field]()
    if not good:
        raise Refusal("person.bad_value", field=CORRECTABLE[field])
    return said.upper() if field == "id_number" else said


def _is_day(said: str, at: datetime) -> bool:
    try:
        return date.fromisoformat(said) <= localdate(at)
    except ValueError:
        return False


@transaction.atomic
def correct_person(
    actor: Actor, person_id: UUID, field: str, value: str, *, words: str, at: datetime
) -> Person:
    """Set one field right, with the reason; the old value stays in the timeline.

    Refuses ``person.not_found``, ``person.ended``, ``person.bad_field``, ``person.bad_value``,
    ``household.no_words``, ``household.needs_head`` (the head's relation is not a field),
    ``household.two_heads``, ``person.registered``.
    """
    person = member_of(actor, person_id)
    home = home_of(actor, person.household_id)
    if field not in CORRECTABLE:
        raise Refusal("person.bad_field")
    said, new = check_words(words, needed=True), clean(field, value, at)
    if field == "relation" and HEAD in {person.relation, new} and new != person.relation:
        raise Refusal(
            "household.needs_head" if person.relation == HEAD else "household.two_heads"
        )
    old = str(getattr(person, field) or "")
    if field == "id_number":
        if new != old:
            _check_free(new)
        person.set_id_number(new)
    elif field == "phone":
        person.set_phone(new)
    elif field == "born_on":
        person.born_on, person.born_month = date.fromisoformat(new), ""
    else:
        setattr(person, field, new)
    person.version += 1
    person.save()
    settle(home)
    note(
        actor, "person.correct", home, person=person, words=said, at=at,
        values={field: (old, new)},
    )  # fmt: skip
    return person
