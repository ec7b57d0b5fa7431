"""What became of a person's letters that waited for somebody."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianhu.kernel.actor import Actor
from lianhu.letters.models import Letter, Outcome


@dataclass(frozen=True, slots=True)
class Settled:
    """A letter that somebody looked at: whether it counts now, and what he wrote for its writer."""

    id: UUID
    taken: bool
    words: str
    at: datetime


def list_settled(actor: Actor, *, since: datetime) -> list[Settled]:
    """The actor's own letters that were settled, newest first. One query."""
    # open to all: what a person wrote is that person's to hear of, from whatever post.
    rows = Letter.objects.filter(user_id=actor.id, settled_at__gte=since)
    return [
        # A copy came under its letter's id, and is not what the phone holds a card for.
        Settled(key, outcome == Outcome.STORED or ref != "", words, at)
        for key, outcome, ref, words, at in rows.filter(copy_of=None)
        .order_by("-settled_at", "-id")
        .values_list("id", "outcome", "ref", "settled_words", "settled_at")
        if at is not None
    ]
