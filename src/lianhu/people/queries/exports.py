"""Lists carried out as files: one's own, those that wait for another's word, what a list takes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.timezone import localdate

from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force, read
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import Export
from lianhu.people.rules import tier_of
from lianhu.territory.queries import reach

State = Export.State


@dataclass(frozen=True, slots=True)
class Taking:
    """What it takes to carry out so many persons now."""

    persons: int
    before: int  # asked for by the same person within the hours that count together
    hours: int
    tier: int


def terms(on: date) -> dict[str, Any]:
    """The thresholds and terms in force on a day (catalogue/exports.toml)."""
    return in_force(read("exports.toml")["versions"], on)


def taking_of(actor: Actor, persons: int, *, at: datetime) -> Taking:
    """What carrying out so many persons takes, with all that the actor asked for of late, be it by
    whatever list: slices of a list are the list. One query."""
    now = terms(localdate(at))
    hours = now["together_hours"]
    # open to all: one's own.
    rows = Export.objects.filter(asker_id=actor.id, asked_at__gt=at - timedelta(hours=hours))
    left_out = (State.DECLINED, State.DROPPED)
    before = rows.exclude(state__in=left_out, taken=0).aggregate(n=Sum("persons"))["n"] or 0
    return Taking(persons, before, hours, tier_of(before + persons, now["tiers"]))


def list_waiting(actor: Actor, *, at: datetime) -> QuerySet[Export]:
    """Others' exports that the actor may agree to: of a tier whose verb is the actor's, where the
    list is of; oldest first."""
    tiers = enumerate(terms(localdate(at))["tiers"], 1)
    of_tier = (
        reach(Export.objects, actor, tier["second"]).filter(tier=number)
        for number, tier in tiers
    )
    rows = (
        reduce(or_, of_tier)
        .filter(state=State.ASKED, ends_at__gt=at)
        .exclude(asker_id=actor.id)
    )
    return rows.select_related("asker", "place").order_by("asked_at", "id")


def list_own(actor: Actor) -> QuerySet[Export]:
    """What the actor asked for, latest first."""
    # open to all: one's own.
    rows = Export.objects.filter(asker_id=actor.id)
    return rows.select_related("second", "place").order_by("-asked_at", "-id")


def list_taken(actor: Actor, *, on: date) -> QuerySet[Export]:
    """What was carried out within reach of who looks after it all, latest first."""
    rows = reach(Export.objects, actor, terms(on)["tiers"][-1]["second"])
    rows = rows.exclude(asker_id=actor.id).filter(Q(taken__gt=0) | ~Q(state=State.ASKED))
    return rows.select_related("asker", "second", "place").order_by("-asked_at", "-id")


def get_waiting(actor: Actor, export_id: UUID, *, at: datetime) -> Export:
    """One that waits for such as the actor; absent, over, one's own and out of reach refuse alike
    with ``export.not_found``."""
    known = list_waiting(actor, at=at).filter(id=export_id).values("id")
    # scoped by the line above: the lock wants the row alone, without its joins.
    row = Export.objects.select_for_update(of=("self",)).filter(id__in=known).first()
    if row is None:
        raise NotPermitted("export.not_found")
    return row


def get_own(actor: Actor, export_id: UUID, *, lock: bool = False) -> Export:
    """One's own; absent and somebody else's refuse alike with ``export.not_found``."""
    # open to all: one's own.
    rows = Export.objects.filter(asker_id=actor.id, id=export_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotPermitted("export.not_found")
    return row
