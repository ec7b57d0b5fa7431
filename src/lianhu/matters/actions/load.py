"""Write many matters with their past at once: for building a county."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lianhu.audit.actions import load_entries
from lianhu.kernel.bulk import insert_rows
from lianhu.matters.models import Matter, Step
from lianhu.matters.queries.search import index_texts
from lianhu.matters.rules import ENDED, Stage


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a past matter."""

    id: UUID
    verb: str
    at: datetime
    actor_id: UUID
    actor_name: str
    office: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A matter with its past. `fields` are further columns of the table by name."""

    id: UUID
    place: str
    row_class: str
    office: str
    ref: str
    category: str
    top: str
    words: str
    reporter_id: UUID | None
    reporter_name: str
    source: str
    stage: str
    captured_at: datetime
    received_at: datetime
    due_on: date
    steps: tuple[StepRow, ...]
    fields: dict[str, Any] = field(default_factory=dict)


def load_matters(rows: Iterable[MatterRow]) -> None:
    """Write matters, their steps, their ledger entries and their place in the search index.

    Give them in the order in which they came, so that ledger and index are in order of time.
    """
    chunk = list(rows)
    Matter.objects.bulk_create((_matter(row) for row in chunk), batch_size=1000)
    insert_rows(
        Step,
        (
            "id",
            "matter_id",
            "number",
            "verb",
            "at",
            "actor_id",
            "actor_name",
            "office",
            "words",
        ),
        (
            (s.id, row.id, n, s.verb, s.at, s.actor_id, s.actor_name, s.office, s.words)
            for row in chunk
            for n, s in enumerate(row.steps, 1)
        ),
    )
    entries: list[tuple[Any, ...]] = [
        (s.at, s.actor_id, s.actor_name, f"matter.{s.verb}", "matter", str(row.id), row.place,
         row.row_class, {})
        for row in chunk
        for s in row.steps
    ]  # fmt: skip
    load_entries(sorted(entries, key=_moment))
    index_texts(
        [
            (row.id, row.place, row.row_class, " ".join(s.words for s in row.steps if s.words))
            for row in chunk
        ]
    )


def _moment(entry: tuple[Any, ...]) -> datetime:
    at: datetime = entry[0]
    return at


def _matter(row: MatterRow) -> Matter:
    phone = row.fields.get("reporter_phone", "")
    rest = {k: v for k, v in row.fields.items() if k != "reporter_phone"}
    matter = Matter(
        id=row.id, place_id=row.place, row_class=row.row_class, office=row.office, ref=row.ref,
        category=row.category, top=row.top, words=row.words, reporter_id=row.reporter_id,
        reporter_name=row.reporter_name, source=row.source, stage=row.stage,
        is_open=Stage(row.stage) not in ENDED, captured_at=row.captured_at,
        received_at=row.received_at, due_on=row.due_on, step_count=len(row.steps), **rest,
    )  # fmt: skip
    matter.set_reporter_phone(phone)
    return matter
