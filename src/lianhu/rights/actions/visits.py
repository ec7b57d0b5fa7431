"""Delete what visitors wrote of a household: that it was visited stays, the words go."""

from datetime import datetime
from uuid import UUID

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.people.models import Household
from lianhu.visits.models import Visit

VISITS = "visits"  # as the form names it


def erase_visits(actor: Actor, household: Household, *, at: datetime) -> None:
    """Within the decision about a request, whose caller has asked for the right to it."""
    blank_visits(household.id, at.isoformat())
    record(
        actor, "rights.erase_visits", "household", household.id, household.place_id, at=at,
        until=at.isoformat(),
    )  # fmt: skip


def blank_visits(household_id: UUID, until: str) -> int:
    """The deletion itself, of visits that arrived until a moment; also done again after a restore
    of an older backup."""
    rows = Visit.objects.filter(
        household_id=household_id, received_at__lte=datetime.fromisoformat(until)
    )
    return rows.exclude(words="").update(words="")
