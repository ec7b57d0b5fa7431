"""Delete or set aside what is held of a person, on the person's own request, after a decision.

What is deleted goes from the register and from its history: the timeline keeps that it was deleted
and by whom, not what stood there. Her key goes with it, and what is left is sealed with a fresh one:
so nothing of before opens in any copy of the tables. What nobody could read any more,
because its key was gone already, is emptied too: it keeps nobody from having something deleted.
What was set aside stays, unused: its numbers are not revealed but for an emergency and for the
person, leave in no whole register and are on no phone; phones forget theirs at the next contact.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.scope import Whole, whole_county
from lianhu.people.actions.changing import VERB, check_words, note
from lianhu.people.actions.forget import destroy_unused
from lianhu.people.keys import lock_key, replace_key
from lianhu.people.models import Change, Household, Person, Proposal
from lianhu.territory.queries import reach

# What may be deleted: the name on the form, and under which names history may hold it.
ERASABLE = {
    "phone": ("phone",),
    "id_number": ("id_number",),
    "away_to": ("away_to", "residence"),
    "spot": (),
}


@transaction.atomic
def erase_fields(
    actor: Actor, person_id: UUID, fields: Sequence[str], *, words: str, at: datetime
) -> Person:
    """Delete fields of a person, living or ended, with every trace of them in the timeline and
    in proposals. `spot` is the household's point on the map.

    Refuses ``person.not_found``, ``person.bad_erasure``, ``household.no_words``.
    """
    person, said = _person(actor, person_id), check_words(words, needed=True)
    if not fields or set(fields) - set(ERASABLE):
        raise Refusal("person.bad_erasure")
    lost = blank_fields(person, fields)
    gone = dict.fromkeys(sorted(fields), ("", ""))
    note(
        actor, "person.erased", person.household, person=person, words=said, values=gone, at=at,
        lost=lost,
    )  # fmt: skip
    return person


def blank_fields(person: Person, fields: Sequence[str]) -> int:
    """The deletion itself, also done again after a restore of an older backup: with a fresh key for
    what is left, none when nothing is; how many values had been lost before. Her history may lie
    where she lived before, out of the actor's reach: what was passed over there would be lost with
    the key."""
    with whole_county(Whole.DELETION):
        return _blank(person, fields)


def _blank(person: Person, fields: Sequence[str]) -> int:
    # Locked before anything is read: nobody seals with the key that goes.
    old_key = lock_key(person.id, alone=True)
    number = person.left_of("id_number", person.id_sealed)
    phone = person.left_of("phone", person.phone_sealed)
    more = person.left_of("more_phones", person.more_phones_sealed)
    said: list[Any] = [
        *Change.objects.filter(person=person).exclude(values_sealed=b""),
        *Proposal.objects.filter(person=person).exclude(values_sealed=b""),
    ]
    values = [row.left_of("values", row.values_sealed) for row in said]
    replace_key(person.id, old_key)
    person.set_phone("" if "phone" in fields else phone or "")
    person.set_more_phones([] if "phone" in fields else more or [])
    person.set_id_number("" if "id_number" in fields else number or "")
    if "away_to" in fields:
        person.away_to = ""
    person.version += 1
    person.save()
    if "spot" in fields:
        Household.objects.filter(id=person.household_id).update(lon=None, lat=None)
    names = {name for field in fields for name in ERASABLE[field]}
    for row, old in zip(said, values, strict=True):
        left = {name: value for name, value in (old or {}).items() if name not in names}
        row.set_values(left)
        row.save(update_fields=["values_sealed"])
    destroy_unused([person.id])
    return sum(value is None for value in (number, phone, more, *values))


@transaction.atomic
def restrict_person(
    actor: Actor, person_id: UUID, *, on: bool, words: str, at: datetime
) -> Person:
    """Set aside what is held of a person, or take it into use again.

    Refuses ``person.not_found``, ``household.no_words``.
    """
    person, said = _person(actor, person_id), check_words(words, needed=True)
    person.restricted_on = localdate(at) if on else None
    person.version += 1
    person.save(update_fields=["restricted_on", "version"])
    kind = "person.restricted" if on else "person.unrestricted"
    note(actor, kind, person.household, person=person, words=said, at=at)
    return person


def _person(actor: Actor, person_id: UUID) -> Person:
    # No more than an update takes: whoever writes of her holds her key before her row, and we the
    # row before the key.
    rows = reach(Person.objects, actor, VERB).select_for_update(of=("self",), no_key=True)
    person = rows.filter(id=person_id).select_related("household").first()
    if person is None:
        raise NotPermitted("person.not_found")
    return person
