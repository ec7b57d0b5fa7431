"""Write many matters with their past at once: for building a county."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lianhu.audit.actions import load_entries
from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.seal import seal
from lianhu.matters.actions.counting import count_loaded
from lianhu.matters.models import Attachment, Matter, Step
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
    """A matter with its past. `fields` are further columns of the table by name
    (see `FURTHER`), and "reporter_phone" in clear."""

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
    photos: tuple[str, ...] = ()  # hashes of what its first step shows


def load_matters(rows: Iterable[MatterRow]) -> None:
    """Write matters, their steps, their ledger entries, their place in the search index and their
    counts.

    Give them in the order in which they came, so that ledger and index are in order of time.
    """
    chunk = list(rows)
    insert_rows(Matter, (*MATTER, *FURTHER), (_matter(row) for row in chunk))
    insert_rows(
        Step,
        STEP,
        (
            (s.id, row.id, n, s.verb, s.at, s.actor_id, s.actor_name, s.office, s.words)
            for row in chunk
            for n, s in enumerate(row.steps, 1)
        ),
    )
    insert_rows(
        Attachment,
        ("matter_id", "step_id", "sha256"),
        ((row.id, row.steps[0].id, sha256) for row in chunk for sha256 in row.photos),
    )
    count_loaded(
        (row.place, row.row_class, row.stage, row.due_on, row.fields.get("answered_at"),
         row.received_at)
        for row in chunk
    )  # fmt: skip
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


MATTER = (
    "id", "place_id", "row_class", "office", "ref", "category", "top", "words", "reporter_id",
    "reporter_name", "source", "stage", "is_open", "captured_at", "received_at", "due_on",
    "step_count", "reporter_phone_sealed",
)  # fmt: skip
STEP = (
    "id", "matter_id", "number", "verb", "at", "actor_id", "actor_name", "office", "words",
)  # fmt: skip
# The columns that `MatterRow.fields` may name, and what stands there otherwise.
FURTHER: dict[str, object] = {
    "spot": "", "about": "", "lon": None, "lat": None, "subject_place": "",
    "household_id": None, "handler_id": None, "accused_id": None, "waiting_since": None,
    "answered_at": None, "answered_by": "", "answerer_id": None, "answer": "",
    "closed_at": None, "score": None, "score_words": "", "escalations": 0, "reopenings": 0,
    "duplicate_of_id": None,
}  # fmt: skip


def _matter(row: MatterRow) -> tuple[object, ...]:
    """The values of `MATTER` and `FURTHER`, the reporter's phone sealed."""
    phone = row.fields.get("reporter_phone", "")
    return (
        row.id, row.place, row.row_class, row.office, row.ref, row.category, row.top, row.words,
        row.reporter_id, row.reporter_name, row.source, row.stage,
        Stage(row.stage) not in ENDED, row.captured_at, row.received_at, row.due_on,
        len(row.steps), seal(phone, f"matter.phone.{row.id}"),
        *(row.fields.get(name, otherwise) for name, otherwise in FURTHER.items()),
    )  # fmt: skip
