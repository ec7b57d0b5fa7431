"""Households opened in an emergency: one's own, what one of them shows, and those to review.

What an opening lends is one household's register: names, masked numbers, address. Never its
matters (a report about an official among them), colours, facts or care.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.scope import see_also
from lianhu.people.models import Household, Person
from lianhu.people.queries import PersonCard, card_of
from lianhu.rights.models import Opening
from lianhu.territory.queries import reach

# What is lent over the opened household's place, and nothing else of what the actor holds.
LENT = ("household.read", "person.read", "person.names", "person.reveal")


@dataclass(frozen=True, slots=True)
class Opened:
    """What an opening shows for its time."""

    household: Household
    cards: list[PersonCard]


def list_own(actor: Actor) -> QuerySet[Opening]:
    """What the actor opened, latest first."""
    # open to all: one's own.
    rows = Opening.objects.filter(actor_id=actor.id)
    return rows.select_related("reviewer").order_by("-opened_at", "-id")


def get_opening(actor: Actor, opening_id: UUID, *, lock: bool = False) -> Opening:
    """One's own; absent and somebody else's refuse alike with ``emergency.not_found``."""
    # open to all: one's own.
    rows = Opening.objects.filter(actor_id=actor.id, id=opening_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotPermitted("emergency.not_found")
    return row


@contextmanager
def lent(actor: Actor, row: Opening, *, at: datetime) -> Iterator[tuple[Actor, UUID]]:
    """The actor as the opening lets them read, and its household, while it is open; the database's own
    rules (`keeping.guards`) see its place too inside this block. Refuses ``emergency.over``,
    ``household.not_found``."""
    if not row.is_open(at):
        raise Refusal("emergency.over")
    if row.household_id is None:
        raise NotPermitted("household.not_found")
    with see_also(row.place_id):
        scopes: dict[str, tuple[str, ...]] = dict.fromkeys(LENT, (row.place_id,))
        yield replace(actor, scopes=scopes, offices=frozenset()), row.household_id


def read_opened(actor: Actor, row: Opening, *, at: datetime, today: date) -> Opened:
    """The household and its living members. Refuses ``emergency.over``, ``household.not_found``
    (also where it has moved away since)."""
    with lent(actor, row, at=at) as (reader, home_id):
        home = reach(Household.objects, reader, "household.read").filter(id=home_id).first()
        if home is None:
            raise NotPermitted("household.not_found")
        rows = reach(Person.objects, reader, "person.read").filter(household_id=home.id)
        persons = rows.filter(ended_on=None).select_related("key")
        persons = persons.order_by("relation", "born_on", "id")
        return Opened(home, [card_of(reader, person, today) for person in persons])


def list_to_review(actor: Actor) -> QuerySet[Opening]:
    """Others' openings in reach that nobody has reviewed, oldest first."""
    rows = reach(Opening.objects, actor, "emergency.review").filter(reviewed_at=None)
    rows = rows.exclude(actor_id=actor.id).select_related("actor", "household")
    return rows.order_by("opened_at", "id")


def list_reviewed(actor: Actor) -> QuerySet[Opening]:
    """Others' openings in reach that somebody reviewed, latest first."""
    rows = reach(Opening.objects, actor, "emergency.review").exclude(reviewed_at=None)
    rows = rows.exclude(actor_id=actor.id).select_related("actor", "household", "reviewer")
    return rows.order_by("-opened_at", "-id")


def reasons_of(household_id: UUID) -> dict[str, str]:
    """Why a household was opened, by the opening's identifier as the ledger has it."""
    # open to all: asked only for the household's own page.
    rows = Opening.objects.filter(household_id=household_id).order_by("-opened_at", "-id")
    return {str(row.id): row.words for row in rows[:200]}
