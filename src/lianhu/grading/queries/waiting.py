"""What waits for a person: suggestions, second persons, renewals, appeals, and recorded facts."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from lianhu.grading.models import Appeal, Fact, Grade
from lianhu.grading.queries.colours import grades_in_reach
from lianhu.grading.queries.suggest import Suggested, Suggestion, suggest
from lianhu.grading.rules.colours import ORDER, Colour, State, clocks
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import Household
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
    """Open appeals in reach of who decides them, the most urgent first."""
    homes = reach(Household.objects, actor, "grade.appeal")
    rows = Appeal.objects.filter(household__in=homes, decided_at=None)  # scoped by reach()
    return rows.select_related("household", "grade").order_by("due_on", "id")


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
