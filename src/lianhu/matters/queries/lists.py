"""Lists of matters: inbox queues, filters, and what a grid's phones hold."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from lianhu.kernel.actor import Actor
from lianhu.matters.models import Matter
from lianhu.matters.queries.merged import Merged
from lianhu.matters.queries.search import matching
from lianhu.matters.rules import RUNNING, Stage, likeness
from lianhu.territory.models import RowClass
from lianhu.territory.queries import COUNTY_LENGTH, reach, within

QUEUES = {"mine": "我的", "office": "本单位", "under": "下面全部"}
ORDERS = {
    "due": ("due_on", "id"),
    "-due": ("-due_on", "-id"),
    "received": ("received_at", "id"),
    "-received": ("-received_at", "-id"),
}


# IN, for Django writes "is_open = True" as a bare column, in which no index can be looked up.
OPEN, ENDED = Q(is_open__in=(True,)), Q(is_open__in=(False,))
# The bare column, as the index of open matters says it, which holds all that the figures ask for.
AT_HAND = Q(is_open=True)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list page asks for; empty fields ask for nothing."""

    queue: str = "under"
    state: str = "open"  # open, ended, all
    top: str = ""
    stage: str = ""
    late: str = ""  # late, today
    under: str = ""
    words: str = ""
    order: str = "due"


def list_matters(
    actor: Actor, wanted: Filter, *, today: date, said: Q | None = None
) -> Merged[Matter]:
    """Matters in reach that fit a filter, in its order, each with its handler. Lazy: two queries
    for a slice and two for a count; one each below a place that is no county. A filter with words
    takes one more at once, unless what `matching` found for them is given as `said`.

    What the actor reported about officials is asked for apart. As a second condition beside the
    range of places it kept both databases from reading that range by an index: a village's page
    then cost as much as the village had matters.
    """
    walked = _many_by_day(wanted)
    rows = reach(Matter.objects, actor, "matter.read", walked=walked, own=False)
    own = _own_about_officials(actor)
    if not (may_hold_own(wanted.under) and actor.scopes.get("matter.read")):
        own = own.none()
    if said is None:
        said = matching(actor, wanted.words) if wanted.words else Q()
    many, few = (
        _fit(part.filter(said), actor, wanted, today, walked=walked).select_related("handler")
        for part in (rows, own)
    )
    return Merged(many, few, ORDERS.get(wanted.order, ORDERS["due"]))


def _fit(
    rows: QuerySet[Matter], actor: Actor, wanted: Filter, today: date, *, walked: bool
) -> QuerySet[Matter]:
    """Those of the rows that fit a filter, whatever they say."""
    rows = rows.filter(_queue(actor, wanted.queue))
    if wanted.state != "all":
        rows = rows.filter(OPEN if wanted.state == "open" else ENDED)
    if wanted.top:
        rows = rows.filter(top=wanted.top)
    if wanted.stage:
        rows = rows.filter(stage=wanted.stage)
    if wanted.late == "late":
        rows = rows.filter(OPEN, stage__in=RUNNING, due_on__lt=today)
    elif wanted.late == "today":
        rows = rows.filter(OPEN, stage__in=RUNNING, due_on=today)
    if wanted.under:
        rows = rows.filter(within([wanted.under], walked=walked))
    return rows


def may_hold_own(under: str) -> bool:
    """Whether what somebody reported about officials can lie at or below a place ("" for all):
    it is kept at the county's own code, so below no town and no village."""
    return len(under) <= COUNTY_LENGTH


def _own_about_officials(actor: Actor) -> QuerySet[Matter]:
    """What `reach` leaves out with `own=False`: few rows, found by their reporter."""
    rows: QuerySet[Matter] = (
        # open to all: one's own reports.
        Matter.objects.filter(reporter_id=actor.id, row_class=RowClass.ABOUT_OFFICIAL)
        .exclude(accused_id=actor.id)
    )  # fmt: skip
    if official := actor.scopes.get("matter.read+official"):
        rows = rows.exclude(within(official))  # those are in reach anyhow
    return rows


def _many_by_day(wanted: Filter) -> bool:
    """Whether a filter asks for rows by the day they came and leaves so many that the first page
    is soon full when one goes through all of them in that order."""
    few = wanted.queue != "under" or wanted.stage or wanted.late or wanted.words
    return wanted.order.endswith("received") and wanted.state != "open" and not few


def _queue(actor: Actor, queue: str) -> Q:
    if queue == "mine":
        # Both forms: one for the index that holds only open ones, one for those by handler and
        # office, which SQLite looks up in one by one.
        return OPEN & AT_HAND & turn_of(actor)
    if queue == "office":
        return Q(office__in=sorted(actor.offices))
    return Q()


def turn_of(actor: Actor) -> Q:
    """Whose turn it is: what I handle, and what waits in my office for a decision."""
    waiting = Q(handler=None, stage__in=[Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED])
    mine = Q(handler_id=actor.id, stage__in=[Stage.DISPATCHED, Stage.HANDLING])
    return mine | (Q(office__in=sorted(actor.offices)) & waiting) | _to_verify(actor)


def _to_verify(actor: Actor) -> Q:
    """Answers to check: at village level those of my places, never one I answered myself."""
    villages = [c for c in actor.scopes.get("matter.verify", ()) if len(c) >= 12]
    towns = [c for c in actor.scopes.get("matter.verify", ()) if len(c) < 12]
    ready = Q(stage__in=[Stage.ANSWERED, Stage.VERIFIED]) & ~Q(answerer_id=actor.id)
    hub = Q(office__in=sorted(actor.offices)) if towns else Q(pk__in=[])
    return ready & (within(villages) | hub)


def open_of_grids(
    actor: Actor, grids: list[str], *, closed_since: datetime
) -> QuerySet[Matter]:
    """What phones hold of grids: ordinary matters open, or ended and received since a moment."""
    return (
        reach(Matter.objects, actor, "matter.read")
        .filter(place_id__in=grids, row_class=RowClass.ORDINARY)
        .filter(Q(is_open=True) | Q(received_at__gte=closed_since))
        .select_related("duplicate_of")
        .prefetch_related("steps")
        .order_by("-received_at", "id")
    )


def list_own(actor: Actor, *, since: datetime) -> QuerySet[Matter]:
    """What the actor reported or handles, confidential ones included: open, or recent."""
    return (
        reach(Matter.objects, actor, "matter.read")
        .filter(Q(reporter_id=actor.id) | Q(handler_id=actor.id))
        .filter(Q(is_open=True) | Q(received_at__gte=since))
        .select_related("duplicate_of")
        .prefetch_related("steps")
        .order_by("-received_at", "id")
    )


def list_reported(actor: Actor) -> QuerySet[Matter]:
    """What the actor reported, newest first, whatever rights they hold besides."""
    # open to all: one's own reports.
    return (
        Matter.objects.filter(reporter_id=actor.id)
        .exclude(accused_id=actor.id)
        .select_related("place", "duplicate_of")
        .order_by("-received_at", "id")
    )


def list_of_household(actor: Actor, household_id: UUID) -> QuerySet[Matter]:
    """Matters of one household in reach, newest first."""
    return (
        reach(Matter.objects, actor, "matter.read")
        .filter(household_id=household_id)
        .order_by("-received_at", "id")
    )


def find_similar(
    actor: Actor, place: str, top: str, words: str, *, at: datetime, days: int, least: float
) -> list[Matter]:
    """Open matters of the same village and top category that read alike, most alike first."""
    village = place[:12]
    rows = (
        reach(Matter.objects, actor, "matter.read")
        .filter(within([village]), OPEN, top=top, row_class=RowClass.ORDINARY)
        .filter(received_at__gte=at - timedelta(days=days))
        .order_by("-received_at")[:200]
    )
    scored = [(likeness(words, m.words), m) for m in rows]
    alike = sorted((s for s in scored if s[0] >= least), key=lambda s: -s[0])
    return [m for _, m in alike[:3]]
