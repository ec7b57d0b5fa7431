"""Record a visit; a need said there becomes a matter by one switch."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.audit.actions import raise_grids, record
from lianhu.kernel.actor import Actor
from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.matters.actions.report import Report, report_matter
from lianhu.matters.actions.writing import clean
from lianhu.matters.models import Matter
from lianhu.people.queries import get_household
from lianhu.territory.models import RowClass
from lianhu.visits.models import Visit


def duty_codes() -> set[str]:
    """The codes of the four duties."""
    return set(read("duties.toml")["duties"])


@one_transaction
def record_visit(
    actor: Actor,
    household_id: UUID,
    on: date,
    duties: Iterable[str] = (),
    words: str = "",
    *,
    at: datetime,
    need: Report | None = None,
    visit_id: UUID | None = None,
) -> tuple[Visit, Matter | None]:
    """A visit, and the matter that the need said there became.

    Evening and late records count the same; the day is the visitor's word, but never later than
    the day we hear of it: a phone's clock may be ahead. Refuses
    ``household.not_found``, ``visit.unknown_duty``, and what `report_matter` refuses.
    """
    household = get_household(actor, household_id, verb="visit.record")
    wanted = list(dict.fromkeys(duties))
    if not set(wanted) <= duty_codes():
        raise Refusal("visit.unknown_duty")
    visit = Visit(
        household=household,
        place_id=household.place_id,
        visitor_id=actor.id,
        visitor_name=actor.name,
        on=min(on, localdate(at)),
        received_at=at,
        duties=wanted,
        words=clean(words, required=False),
    )
    if visit_id is not None:
        visit.id = visit_id
    matter = None
    if need is not None:
        matter = report_matter(actor, need, at=at)
        if matter.row_class == RowClass.ORDINARY:
            # A visit is seen by the village; a confidential matter must not show through it.
            visit.matter_id = matter.id
    visit.save(force_insert=True)
    record(
        actor, "visit.record", "visit", visit.id, household.place_id, at=at,
        household=str(household.id),
    )  # fmt: skip
    return visit, matter


VISIT = (
    "id", "household_id", "place_id", "visitor_id", "visitor_name", "on", "received_at",
    "duties", "words",
)  # fmt: skip


def load_visits(visits: Iterable[tuple[object, ...]]) -> None:
    """Write many visits (values in the order of `VISIT`) at once: for building a county."""
    insert_rows(Visit, VISIT, visits)


def forget_visits(before: datetime, most: int) -> int:
    """Delete visits of before a moment; how many. Phones show the last one, so their grids rise."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Visit.objects.filter(received_at__lt=before, on__lt=localdate(before))
    found = list(rows.order_by("received_at").values_list("id", "household__place_id")[:most])
    # open to all: as above.
    Visit.objects.filter(id__in=[key for key, _ in found]).delete()
    for grid in sorted({grid for _, grid in found}):
        raise_grids(grid)
    return len(found)
