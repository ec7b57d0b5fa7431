"""Open one household in an emergency: for a time, with a reason, told to who reviews it.

One call, one ledger entry. Who asks for somebody that is not there leaves the same trace as who
finds a household, and takes as long: the answer stands on the opener's own page.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.models import User
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.scope import Whole, whole_county
from lianhu.kernel.transactions import one_transaction
from lianhu.people.actions import reveal_field
from lianhu.people.models import Person
from lianhu.rights.models import Opening
from lianhu.rights.queries.emergencies import get_opening, lent, list_to_review
from lianhu.rights.rules import emergency_terms
from lianhu.territory.queries import (
    COUNTY_LENGTH,
    VILLAGE_LENGTH,
    former_codes,
    get_place,
    reach,
    within,
)

LONGEST = 200
OPEN = "emergency.open"


@one_transaction
def open_emergency(
    actor: Actor, place: str, name: str, words: str, *, code: str = "", at: datetime
) -> Opening:
    """Open the household of somebody of exactly this name in a village or group of the actor's
    county, and of this household number where one is given.

    Whether one was found is told by `matches`. Refuses ``account.not_permitted``,
    ``place.not_found``, ``emergency.own_place``, ``emergency.no_name``, ``emergency.no_words``,
    ``emergency.too_long``, ``emergency.too_many``.
    """
    actor.require(OPEN, "")
    there = get_place(place).code
    counties = {held[:COUNTY_LENGTH] for held in actor.scopes[OPEN]}
    if len(there) < VILLAGE_LENGTH or there[:COUNTY_LENGTH] not in counties:
        raise NotPermitted("place.not_found")
    if actor.holds("person.reveal", there):
        raise Refusal("emergency.own_place")
    if not (name := _plain(name)):
        raise Refusal("emergency.no_name")
    now = emergency_terms(localdate(at))
    if len(words := _plain(words)) < now["shortest_words"]:
        raise Refusal("emergency.no_words", shortest=now["shortest_words"])
    if len(words) > LONGEST:
        raise Refusal("emergency.too_long", most=LONGEST)
    # Two at once of the same person must count each other.
    User.objects.select_for_update().get(id=actor.id)
    lately = Opening.objects.filter(actor_id=actor.id, opened_at__gt=at - timedelta(days=1))
    if lately.count() >= now["most_a_day"]:
        raise Refusal("emergency.too_many", most=now["most_a_day"])
    found = _find([there, *former_codes(there)], name, _plain(code))
    home, lies = found[0] if len(found) == 1 else (None, there)
    row = Opening(
        place_id=lies, household_id=home, matches=len(found), actor_id=actor.id, opened_at=at,
        ends_at=at + timedelta(minutes=now["minutes"]),
    )  # fmt: skip
    row.set_words(words)
    row.save(force_insert=True)
    _note(actor, OPEN, row, at, minutes=now["minutes"])
    return row


def _find(places: list[str], name: str, code: str) -> list[tuple[UUID, str]]:
    """At most two living households at places with somebody of this name: identifier and place,
    of each nothing else. One query."""
    with whole_county(Whole.EMERGENCY):
        rows = Person.objects.filter(
            within(places), name=name, ended_on=None, household__ended_on=None
        )
        if code:
            rows = rows.filter(household__code=code)
        homes = rows.values_list("household_id", "household__place_id").distinct()
        return list(homes.order_by("household_id")[:2])


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()


@one_transaction
def reveal_in_emergency(
    actor: Actor, opening_id: UUID, person_id: UUID, field: str, *, at: datetime
) -> str:
    """One field of one person of the opened household in clear, noted as any other reveal.

    Refuses ``emergency.not_found``, ``emergency.over``, ``household.not_found``,
    ``person.not_found`` (also of another household of that place), ``reveal.bad_field``.
    """
    row = get_opening(actor, opening_id)
    with lent(actor, row, at=at) as (reader, home_id):
        # Whoever lives there, and nobody of the next door.
        rows = reach(Person.objects, reader, "person.reveal").filter(household_id=home_id)
        if not rows.filter(id=person_id).exists():
            raise NotPermitted("person.not_found")
        return reveal_field(reader, person_id, field, "emergency", at=at)


@one_transaction
def close_emergency(actor: Actor, opening_id: UUID, *, at: datetime) -> Opening:
    """Shut what one opened before its time is over. Refuses ``emergency.not_found``,
    ``emergency.over``."""
    row = get_opening(actor, opening_id, lock=True)
    if not row.is_open(at):
        raise Refusal("emergency.over")
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    _note(actor, "emergency.close", row, at)
    return row


@one_transaction
def review_emergency(
    actor: Actor, opening_id: UUID, proper: bool, words: str, *, at: datetime
) -> Opening:
    """Say, as another person of the town or county, whether an opening was in order; if not, why.

    Refuses ``emergency.not_found`` (absent, out of reach, one's own, reviewed),
    ``emergency.same_person``, ``emergency.no_words``, ``emergency.too_long``.
    """
    known = list_to_review(actor).filter(id=opening_id).values("id")
    # scoped by the line above: the lock wants the row alone, without its joins.
    row = Opening.objects.select_for_update(of=("self",)).filter(id__in=known).first()
    if row is None:
        raise NotPermitted("emergency.not_found")
    reviewer = User.objects.get(id=actor.id)
    if reviewer.is_same_person(row.actor):
        raise Refusal("emergency.same_person")
    words = _plain(words)
    shortest = emergency_terms(localdate(at))["shortest_words"]
    if not proper and len(words) < shortest:
        raise Refusal("emergency.no_words", shortest=shortest)
    if len(words) > LONGEST:
        raise Refusal("emergency.too_long", most=LONGEST)
    row.reviewer_id, row.reviewed_at, row.proper, row.review_words = (
        actor.id, at, proper, words,
    )  # fmt: skip
    row.save(update_fields=["reviewer", "reviewed_at", "proper", "review_words"])
    _note(actor, "emergency.review", row, at, proper=proper)
    return row


def _note(actor: Actor, verb: str, row: Opening, at: datetime, **facts: Any) -> None:
    home = str(row.household_id) if row.household_id else ""
    record(
        actor, verb, "household", home, row.place_id, at=at, quiet=True, opening=str(row.id),
        **facts,
    )  # fmt: skip
