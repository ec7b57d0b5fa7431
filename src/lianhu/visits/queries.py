"""Read visits within reach."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force, read
from lianhu.people.models import Household
from lianhu.territory.queries import reach, within
from lianhu.visits.models import Visit
from lianhu.visits.rules import next_visit_on, why_words


@dataclass(frozen=True, slots=True)
class Due:
    """A household to visit, by when and why."""

    household_id: UUID
    due_on: date
    why: str


def last_visits(actor: Actor, grids: list[str]) -> dict[UUID, Visit]:
    """The latest visit of each household of some grids. One query."""
    latest = (
        Visit.objects.filter(household_id=OuterRef("household_id"))  # inside reach( below
        .order_by("-on", "-received_at")
        .values("id")[:1]
    )
    rows = reach(Visit.objects, actor, "visit.read").filter(
        place_id__in=grids, id=Subquery(latest)
    )
    return {row.household_id: row for row in rows}


def list_due(households: list[Household], last: dict[UUID, Visit], *, today: date) -> list[Due]:
    """When each household is next to be visited, soonest first."""
    rule = in_force(read("visits.toml")["versions"], today)
    due: list[Due] = []
    for household in households:
        seen = last[household.id].on if household.id in last else None
        on = next_visit_on(seen, rule["from"], interval_days=rule["green"])
        due.append(Due(household.id, on, why_words(seen)))
    return sorted(due, key=lambda d: (d.due_on, d.household_id))


def list_of_household(actor: Actor, household_id: UUID) -> QuerySet[Visit]:
    """Visits to one household in reach, latest first."""
    return (
        reach(Visit.objects, actor, "visit.read")
        .filter(household_id=household_id)
        .order_by("-on", "-received_at")
    )


def list_visits(actor: Actor, *, under: str) -> QuerySet[Visit]:
    """Visits in reach at or below a place, latest first."""
    return (
        reach(Visit.objects, actor, "visit.read")
        .filter(within([under]))
        .select_related("household", "place")
        .order_by("-on", "-id")
    )
