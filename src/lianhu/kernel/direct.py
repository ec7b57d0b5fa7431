"""Few rows by statements that are written once: the hot path of letters.

Django builds each statement anew, which costs five times what the database needs to run it. The
statements here are Django's own tables and columns, written once per table and process, with the
values changed as each database wants them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from lianhu.kernel.bulk import changes_for, listed_columns

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """How the rows of a table are inserted."""

    head: str
    marks: str
    names: tuple[str, ...]
    changes: tuple[tuple[int, Callable[[Any], Any]], ...]
    key: str


@cache
def _form(model: type[models.Model], vendor: str) -> _Form:
    """The table's insert; a key that the database counts itself is left out."""
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
    table, columns = listed_columns(model, fields)
    return _Form(
        # Only names of our own tables and columns are put into the text.
        head=f"INSERT INTO {table} ({columns}) VALUES ",  # noqa: S608
        marks=f"({', '.join(['%s'] * len(fields))})",
        names=tuple(f.attname for f in fields),
        changes=tuple(changes_for(fields)),
        key=connection.ops.quote_name(str(model._meta.pk.column)),
    )


def insert_objects(objects: Sequence[models.Model]) -> None:
    """Insert unsaved objects of one model, as they are: one statement. Constraints of the
    database hold; nothing else of a model's `save` runs. They count as saved afterwards, without
    the keys that the database gave."""
    _insert(objects)


def insert_new_objects(objects: Sequence[models.Model]) -> set[UUID]:
    """As `insert_objects`, but an object whose key is taken is passed over; the keys of those
    that were inserted, which the transaction then holds as if it had locked them."""
    return {as_uuid(row[0]) for row in _insert(objects, new=True)}


def _insert(objects: Sequence[models.Model], *, new: bool = False) -> list[Any]:
    if not objects:
        return []
    form = _form(type(objects[0]), connection.vendor)
    values: list[Any] = []
    for one in objects:
        row = [getattr(one, name) for name in form.names]
        for number, change in form.changes:
            if row[number] is not None:
                row[number] = change(row[number])
        values += row
    lines = ", ".join([form.marks] * len(objects))
    tail = f" ON CONFLICT DO NOTHING RETURNING {form.key}" if new else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{form.head}{lines}{tail}", values)
        found: list[Any] = cursor.fetchall() if new else []
    for one in objects:
        one._state.adding = False  # noqa: SLF001 - as `save` says that a row is there
    return found


def read_rows(statement: str, values: Values = ()) -> list[Any]:
    """The rows of a statement; what SQLite keeps as text comes as text: see `as_uuid`,
    `as_moment`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[Any] = cursor.fetchall()
    return found


def run_statement(statement: str, values: Values) -> int:
    """Run a statement that changes rows; how many."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        changed: int = cursor.rowcount
    return changed


def uuid_value(value: UUID) -> UUID | str:
    """A UUID as a parameter of a statement."""
    return value if connection.vendor == "postgresql" else value.hex


def day_value(value: date) -> date | str:
    """A day as a parameter of a statement."""
    return value if connection.vendor == "postgresql" else value.isoformat()


def as_uuid(value: UUID | str) -> UUID:
    """A UUID as it came from either database."""
    return value if isinstance(value, UUID) else UUID(value)


def as_moment(value: datetime) -> datetime:
    """A moment as it came from either database: SQLite keeps those of UTC without saying so."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
