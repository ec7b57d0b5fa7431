"""Draft, change, drop and publish a county's decision table."""

from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.audit.actions import record
from lianhu.grading.models import RuleTable
from lianhu.grading.queries.tables import get_table
from lianhu.grading.rules.table import Table, table_content
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.people.queries.assessments import is_cleared


@one_transaction
def draft_table(actor: Actor, county: str, table: Table, *, at: datetime) -> RuleTable:
    """Keep a table as a draft, which decides nothing. Refuses ``account.not_permitted``."""
    actor.require("grade.rules", county)
    row = RuleTable.objects.create(
        place_id=county, content=table_content(table), since=table.since,
        made_by_name=actor.name, made_at=at,
    )  # fmt: skip
    _note(actor, "grade.draft", row, at=at)
    return row


@one_transaction
def change_table(actor: Actor, table_id: UUID, table: Table, *, at: datetime) -> RuleTable:
    """Write a draft anew; what is published is never edited. Refuses ``grading.no_table``,
    ``grading.published``."""
    row = _draft(actor, table_id)
    row.content, row.since = table_content(table), table.since
    row.made_by_name, row.made_at = actor.name, at
    row.save()
    _note(actor, "grade.draft", row, at=at)
    return row


@one_transaction
def drop_table(actor: Actor, table_id: UUID, *, at: datetime) -> RuleTable:
    """Put a draft away. Refuses ``grading.no_table``, ``grading.published``."""
    row = _draft(actor, table_id)
    row.dropped_at = at
    row.save(update_fields=["dropped_at"])
    _note(actor, "grade.drop", row, at=at)
    return row


@one_transaction
def publish_table(actor: Actor, table_id: UUID, *, at: datetime) -> RuleTable:
    """Let a draft decide from its day on, publicly, under the publisher's name.

    No household's colour changes by it. Refuses ``grading.no_table``, ``grading.published``,
    ``grading.past_day``, ``grading.no_assessment`` (none of the draft as it is now says that it
    may go on: 个人信息保护法, 55).
    """
    row = get_table(actor, table_id, verb="grade.publish")
    if row.published_at:
        raise Refusal("grading.published")
    if row.since < localdate(at):
        raise Refusal("grading.past_day")
    if not is_cleared(row.place_id, "rule_table", row.id, since=row.made_at):
        raise Refusal("grading.no_assessment")
    row.published_at, row.published_by_name = at, actor.name
    row.save(update_fields=["published_at", "published_by_name"])
    _note(actor, "grade.publish", row, at=at)
    return row


def _draft(actor: Actor, table_id: UUID) -> RuleTable:
    row = get_table(actor, table_id)
    if row.published_at:
        raise Refusal("grading.published")
    return row


def _note(actor: Actor, verb: str, row: RuleTable, *, at: datetime) -> None:
    """The tables are public, so their entries are ordinary ones; no phone holds them."""
    record(
        actor, verb, "rule_table", row.id, row.place_id, at=at, quiet=True,
        since=row.since.isoformat(),
    )  # fmt: skip
