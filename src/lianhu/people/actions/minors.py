"""Look at what is hidden of somebody under age: ask, and another person agrees or not; note who
opened a minor's page.

One field, one purpose, for some hours and some times (catalogue/minors.toml). Of a younger child it
is also said how a guardian agreed.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.models import User
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.people.models import MinorLook, Person
from lianhu.people.queries import get_person
from lianhu.people.queries.minors import find_agreed, get_waiting
from lianhu.people.rules import REVEALABLE, is_minor, minor_terms, needs_guardian

LONGEST = 200
State = MinorLook.State


@one_transaction
def ask_look(
    actor: Actor, person_id: UUID, field: str, purpose: str, consent: str, words: str, *,
    at: datetime,
) -> MinorLook:  # fmt: skip
    """Ask to see one field of somebody under age. Of a younger child `consent` says how a guardian
    agreed, and `words` who.

    Refuses ``person.not_found``, ``reveal.bad_field``, ``reveal.no_purpose``, ``minor.of_age``,
    ``minor.no_consent``, ``minor.no_words``, ``minor.too_long``.
    """
    person = get_person(actor, person_id, verb="person.reveal")
    on = localdate(at)
    if field not in REVEALABLE:
        raise Refusal("reveal.bad_field")
    if purpose not in read("purposes.toml")["reveal"]:
        raise Refusal("reveal.no_purpose")
    if not is_minor(person.latest_birth, on):
        raise Refusal("minor.of_age")
    guarded = needs_guardian(person.latest_birth, on)
    if guarded and consent not in read("minors.toml")["consents"]:
        raise Refusal("minor.no_consent")
    row = MinorLook(
        place_id=person.place_id, person=person, field=field, purpose=purpose,
        consent=consent if guarded else "", words=_words(words, needed=True), asker_id=actor.id,
        asked_at=at, ends_at=at + timedelta(hours=minor_terms(on)["wait_hours"]),
    )  # fmt: skip
    row.save(force_insert=True)
    _note(actor, "minor.ask", row, person, at)
    return row


@one_transaction
def agree_look(actor: Actor, look_id: UUID, words: str, *, at: datetime) -> MinorLook:
    """Agree, as the second person. Refuses ``minor.not_found`` (absent, over, one's own, out of
    reach), ``minor.same_person``, ``minor.too_long``."""
    row = get_waiting(actor, look_id, at=at)
    second = User.objects.get(id=actor.id)
    if second.is_same_person(row.asker):
        raise Refusal("minor.same_person")
    hours = minor_terms(localdate(at))["look_hours"]
    return _decide(actor, row, State.AGREED, _words(words), at + timedelta(hours=hours), at)


@one_transaction
def decline_look(actor: Actor, look_id: UUID, words: str, *, at: datetime) -> MinorLook:
    """Do not agree, and say why. Refuses ``minor.not_found``, ``minor.no_words``,
    ``minor.too_long``."""
    row = get_waiting(actor, look_id, at=at)
    return _decide(actor, row, State.DECLINED, _words(words, needed=True), at, at)


def _decide(
    actor: Actor, row: MinorLook, state: str, words: str, ends: datetime, at: datetime
) -> MinorLook:
    row.second_id, row.second_words, row.state, row.ends_at = actor.id, words, state, ends
    row.save(update_fields=["second", "second_words", "state", "ends_at"])
    verb = "minor.agree" if state == State.AGREED else "minor.decline"
    _note(actor, verb, row, row.person, at)
    return row


def spend_look(actor: Actor, person: Person, field: str, purpose: str, *, at: datetime) -> None:
    """Use up one of the times that somebody under age may be looked at, inside the reveal's own
    transaction. Nothing for who is of age, nor for a purpose that is free. Refuses
    ``minor.needs_approval``."""
    on = localdate(at)
    if purpose in minor_terms(on)["free"] or not is_minor(person.latest_birth, on):
        return
    row = find_agreed(actor, person.id, field, purpose, at=at)
    if row is None:
        raise Refusal("minor.needs_approval")
    row.taken += 1
    row.save(update_fields=["taken"])


def note_page(actor: Actor, person: Person, *, at: datetime) -> bool:
    """Note that the page of a person in hand is shown, where that is a minor; whether it is."""
    if not is_minor(person.latest_birth, localdate(at)):
        return False
    record(
        actor, "minor.look", "person", person.id, person.place_id, at=at, quiet=True,
        household=str(person.household_id),
    )  # fmt: skip
    return True


def _words(text: str, *, needed: bool = False) -> str:
    words = text.strip().replace("\x00", "")
    if needed and not words:
        raise Refusal("minor.no_words")
    if len(words) > LONGEST:
        raise Refusal("minor.too_long")
    return words


def _note(actor: Actor, verb: str, row: MinorLook, person: Person, at: datetime) -> None:
    record(
        actor, verb, "person", person.id, row.place_id, at=at, quiet=True, field=row.field,
        purpose=row.purpose, household=str(person.household_id),
    )  # fmt: skip
