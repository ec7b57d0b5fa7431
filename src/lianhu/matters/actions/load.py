"""Write many matters with their past at once: for building a county."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lianhu.audit.actions import load_entries
from lianhu.audit.models import Entry
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
    """Write matters, their steps, their ledger entries and their place in the search index."""
    chunk = list(rows)
    Matter.objects.bulk_create((_matter(row) for row in chunk), batch_size=1000)
    Step.objects.bulk_create(
        (
            Step(
                id=s.id, matter_id=row.id, number=n, verb=s.verb, at=s.at, actor_id=s.actor_id,
                actor_name=s.actor_name, office=s.office, words=s.words,
            )
            for row in chunk
            for n, s in enumerate(row.steps, 1)
        ),
        batch_size=2000,
    )  # fmt: skip
    load_entries(
        Entry(
            at=s.at, actor_id=s.actor_id, actor_name=s.actor_name, verb=f"matter.{s.verb}",
            object_kind="matter", object_id=str(row.id), place_id=row.place,
            row_class=row.row_class, facts={},
        )
        for row in chunk
        for s in row.steps
    )  # fmt: skip
    index_texts(
        [
            (row.id, row.place, row.row_class, " ".join(s.words for s in row.steps if s.words))
            for row in chunk
        ]
    )


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
