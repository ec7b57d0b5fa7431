"""What waits for a person: suggestions, second persons, renewals, appeals, and recorded facts."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from lianhu.accounts.queries.staff import accounts_of
from lianhu.grading.models import Appeal, Fact, Grade
from lianhu.grading.queries.colours import grades_in_reach
from lianhu.grading.queries.suggest import Suggested, Suggestion, suggest
from lianhu.grading.rules.colours import ORDER, Colour, State, clocks
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import Change, Household
from lianhu.people.queries import get_household
from lianhu.territory.queries import reach, within


def open_suggestions(
    actor: Actor, *, under: str, on: date
) -> tuple[Suggested, list[Suggestion]]:
    """Suggestions of more help that nobody has decided about, by place and 户号. Six queries.

    Left out: what waits for a second person, and what a person lately decided against.
    """
    found = suggest(actor, under=under, on=on)
    since = on - timedelta(days=clocks(on)["declined_days"])
    rows = (
        grades_in_reach(actor, "grade.propose")
        .filter(within([under], "household__place_id"))
        .filter(state__in=(State.WAITING, State.DECLINED, State.REFUSED))
        .exclude(state__in=(State.DECLINED, State.REFUSED), proposed_at__date__lt=since)
        .values_list("household_id", "colour")
    )
    settled: dict[UUID, int] = {}
    for home, colour in rows:
        settled[home] = max(settled.get(home, 0), ORDER[Colour(colour)])
    left = [r for r in found.more if ORDER[r.colour] > settled.get(r.household_id, 0)]
    return found, sorted(left, key=lambda r: (r.place, r.code))


def suggestion_for(actor: Actor, household_id: UUID, *, on: date) -> Suggestion | None:
    """What the rules suggest for one household, None for nothing."""
    home = get_household(actor, household_id, verb="grade.propose")
    found = suggest(actor, under=home.place_id, on=on)
    return next((row for row in found.rows if row.household_id == household_id), None)


def list_confirmations(actor: Actor) -> QuerySet[Grade]:
    """Decisions that wait for a second person in reach, oldest first."""
    return (
        grades_in_reach(actor, "grade.confirm")
        .filter(state=State.WAITING)
        .select_related("household")
        .order_by("proposed_at", "id")
    )


def list_renewals(actor: Actor, *, on: date) -> QuerySet[Grade]:
    """Decisions in reach that lapse soon, soonest first."""
    end = on + timedelta(days=clocks(on)["renew_days"])
    return (
        grades_in_reach(actor, "grade.propose")
        .filter(state=State.HELD, lapses_on__gt=on, lapses_on__lte=end)
        .select_related("household")
        .order_by("lapses_on", "id")
    )


def list_appeals(actor: Actor) -> QuerySet[Appeal]:
    """Open appeals in reach of who decides them, the most urgent first; `own` tells which the
    actor may not decide."""
    return _open_appeals(actor).annotate(own=_took_part(actor))


def appeals_to_decide(actor: Actor) -> QuerySet[Appeal]:
    """Those of them that the actor may decide."""
    return _open_appeals(actor).filter(~_took_part(actor))


def _open_appeals(actor: Actor) -> QuerySet[Appeal]:
    homes = reach(Household.objects, actor, "grade.appeal")
    rows = Appeal.objects.filter(household__in=homes, decided_at=None)  # scoped by reach()
    return rows.select_related("household", "grade").order_by("due_on", "id")


def _took_part(actor: Actor) -> Exists:
    """Whether the actor, from whichever account, decided anything about the colour of an appeal's
    household, however long ago and suggestions declined too: what holds now may rest on it."""
    people = accounts_of(actor.id)
    did = Q(proposed_by__in=people) | Q(confirmed_by__in=people) | Q(ended_by__in=people)
    # What holds there may have been decided where it came from by a split or a merge:
    # scoped by the appeal's household.
    changes = Change.objects.filter(kind__in=("household.split", "household.merge"))
    home = OuterRef(OuterRef("household"))
    near = Q(household=OuterRef("household"))
    near |= Q(household__in=changes.filter(household=home).values("other"))
    near |= Q(household__in=changes.filter(other=home).values("household"))
    return Exists(Grade.objects.filter(did, near))  # scoped by the lines above


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many decisions wait for somebody, how many of these long, and how many are late."""

    count: int
    long: int  # of which the daily run reminded
    late: int
    first: date | None  # the day on which the oldest was proposed; for appeals the first due


def count_confirmations(actor: Actor) -> Waiting:
    """What waits for this person as the second: nothing that she proposed. Two queries."""
    rows = list_confirmations(actor).exclude(proposed_by__in=accounts_of(actor.id))
    found = rows.order_by().aggregate(
        n=Count("id"), long=Count("id", filter=Q(reminded_on__isnull=False)),
        first=Min("proposed_at"),
    )  # fmt: skip
    first = localdate(found["first"]) if found["first"] else None
    return Waiting(found["n"], found["long"], 0, first)


def count_appeals(actor: Actor, *, on: date) -> Waiting:
    """Appeals that this person may decide, with the first day on which one is due. Two queries."""
    found = appeals_to_decide(actor).order_by().aggregate(
        n=Count("id"), long=Count("id", filter=Q(reminded_on__isnull=False)),
        late=Count("id", filter=Q(due_on__lt=on)), first=Min("due_on"),
    )  # fmt: skip
    return Waiting(found["n"], found["long"], found["late"], found["first"])


def get_appeal(actor: Actor, appeal_id: UUID) -> Appeal:
    """One appeal in reach; refuses ``grading.appeal_not_found``."""
    homes = reach(Household.objects, actor, "grade.appeal")
    rows = Appeal.objects.filter(id=appeal_id, household__in=homes)  # scoped by reach() above
    row = rows.select_related("household", "grade").first()
    if row is None:
        raise NotPermitted("grading.appeal_not_found")
    return row


def facts_of(actor: Actor, household_id: UUID) -> QuerySet[Fact]:
    """What is recorded of one household, for who may record; latest first."""
    homes = reach(Household.objects, actor, "grade.fact").filter(id=household_id)
    rows = Fact.objects.filter(household__in=homes)  # scoped by reach() above
    return rows.select_related("person").order_by("-since", "-id")


def own_facts(household_id: UUID) -> list[Fact]:
    """What is recorded of a household, for its own page; the door has made sure whose it is."""
    # open to all: asked only for the household's own page, after its one-time code.
    rows = Fact.objects.filter(household_id=household_id).select_related("person")
    return list(rows.order_by("-since", "-id"))
