"""The decision tables: the county's own versions, and the default that comes with Lianhu."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from lianhu.grading.models import RuleTable
from lianhu.grading.rules.table import Table, default_tables, table_from
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.territory.queries import reach


def table_in_force(county: str, on: date) -> Table:
    """The table that decides on a day: the county's own if one is published, else Lianhu's."""
    # open to all: the criteria are public.
    rows = RuleTable.objects.filter(place_id=county, since__lte=on, published_at__isnull=False)
    for row in rows.order_by("-since", "-published_at")[:1]:
        return table_from(row.content)
    ours = default_tables()
    return next((t for t in reversed(ours) if t.since <= on), ours[0])


def published_tables(county: str) -> list[RuleTable]:
    """Every table the county published, latest first."""
    # open to all: the criteria are public, former ones too.
    rows = RuleTable.objects.filter(place_id=county, published_at__isnull=False)
    return list(rows.order_by("-since", "-published_at"))


def list_tables(actor: Actor) -> QuerySet[RuleTable]:
    """Drafts and published versions in reach, latest first."""
    rows = reach(RuleTable.objects, actor, "grade.rules").filter(dropped_at=None)
    return rows.order_by("-made_at", "-id")


def get_table(actor: Actor, table_id: UUID, *, verb: str = "grade.rules") -> RuleTable:
    """One version; absent and out of reach refuse alike with ``grading.no_table``."""
    rows = reach(RuleTable.objects, actor, verb).filter(dropped_at=None)
    row = rows.filter(id=table_id).first()
    if row is None:
        raise NotPermitted("grading.no_table")
    return row
