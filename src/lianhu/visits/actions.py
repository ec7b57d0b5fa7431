"""Record a visit, a need said there becoming a matter by one switch; set how often a county wants
visits."""

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
from lianhu.visits.models import Cadence, Visit
from lianhu.visits.rules import Rule, fits, limits

LONGEST_SOURCE = 200


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


@one_transaction
def set_cadence(actor: Actor, county: str, wished: Rule, *, at: datetime) -> Cadence:
    """How often a county wants its households visited, from today or a later day on; its phones
    hear of it. What is due already is counted by the rule of the day it is counted from.

    Refuses ``account.not_permitted``, ``cadence.past_day``, ``cadence.bad_days`` (see
    `rules.fits`), ``cadence.no_source``.
    """
    actor.require("visit.rules", county)
    source = " ".join(wished.source.replace("\x00", "").split())
    if wished.since < localdate(at):
        raise Refusal("cadence.past_day")
    if not fits(wished):
        most = limits(wished.since)
        raise Refusal(
            "cadence.bad_days",
            longest=most["longest"],
            latest=most["latest"],
            most=most["most"],
        )
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise Refusal("cadence.no_source")
    row = Cadence.objects.create(
        place_id=county, since=wished.since, **wished.every, first=wished.first,
        per_day=wished.per_day, source=source, made_by_name=actor.name, made_at=at,
    )  # fmt: skip
    record(
        actor, "cadence.set", "cadence", row.id, county, at=at, since=row.since.isoformat(),
        red=row.red, yellow=row.yellow, green=row.green,
    )  # fmt: skip
    return row


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
