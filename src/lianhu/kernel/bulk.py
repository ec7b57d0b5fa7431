"""Write many rows of one table at once, without the ORM's work for each row.

For building a county and importing a register: about a third of the time of `bulk_create`.
Columns that are not named get the model's default. Values are those a model would hold.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice, repeat
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

Row = tuple[Any, ...]
Change = tuple[int, Callable[[Any], Any]]
CHUNK = 5_000


def insert_rows(model: type[models.Model], names: tuple[str, ...], rows: Iterable[Row]) -> int:
    """Insert rows whose values stand in the order of `names` (column attributes such as
    ``place_id``), in the caller's transaction; how many. Constraints of the database hold, but
    nothing of the model's own validation runs."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    left = [f for name, f in fields.items() if name not in names and not f.primary_key]
    given = [fields[name] for name in names]
    defaults = tuple(f.get_default() for f in left)
    [rest] = _changed([defaults], changes_for(left)) if left else [()]
    changes = changes_for(given)
    made = (_changed(chunk, changes, rest) for chunk in _chunks(rows))
    table, listed = listed_columns(model, given + left)
    if connection.vendor == "postgresql":
        return _copy(table, listed, chain.from_iterable(made))
    # Only names of our own tables and columns are put into the text.
    marks = ", ".join(["%s"] * len(given + left))
    return _many(f"INSERT INTO {table} ({listed}) VALUES ({marks})", made)  # noqa: S608


def listed_columns(model: type[models.Model], fields: Sequence[Any]) -> tuple[str, str]:
    """A table's name and those of some columns, quoted for a statement."""
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), ", ".join(quote(str(f.column)) for f in fields)


def changes_for(fields: Sequence[Any]) -> list[Change]:
    """Which values of a row, by position, this database wants in another form."""
    plain = _plain_on_postgresql if connection.vendor == "postgresql" else _plain_on_sqlite
    return [(n, plain[kind]) for n, f in enumerate(fields) if (kind := _kind(f)) in plain]


def _kind(field: Any) -> type:
    """What Python type a field's values are of, where the database wants another."""
    target = field.target_field if field.is_relation else field
    kinds: dict[str, type] = {
        "UUIDField": UUID,
        "DateTimeField": datetime,
        "DateField": date,
        "JSONField": dict,
    }
    return kinds.get(target.get_internal_type(), object)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _changed(chunk: list[Row], changes: list[Change], rest: Row = ()) -> list[Row]:
    """Rows as the database wants them, with what all have in common: column by column, which is
    less work than row by row."""
    columns: list[Iterable[Any]] = list(zip(*chunk, strict=True))
    for number, change in changes:
        columns[number] = [
            value if value is None else change(value) for value in columns[number]
        ]
    return list(zip(*columns, *map(repeat, rest), strict=False))  # `repeat` has no end


def _hex(value: UUID) -> str:
    return f"{value.int:032x}"


def _json(value: object) -> str:
    return json.dumps(value)


def _moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


_plain_on_postgresql: dict[type, Callable[[Any], Any]] = {dict: _json}
_plain_on_sqlite: dict[type, Callable[[Any], Any]] = {
    dict: _json,
    UUID: _hex,
    datetime: _moment,
    date: date.isoformat,
}


def _copy(table: str, listed: str, rows: Iterable[Row]) -> int:
    """COPY, and beside the table where it is under row-level security: PostgreSQL takes no COPY
    into such a one, but an INSERT of what came by it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_security_active(%s)", [table])
        if not cursor.fetchone()[0]:
            return _copy_rows(cursor, f"COPY {table} ({listed}) FROM STDIN", rows)
    with transaction.atomic(), connection.cursor() as cursor:
        # Only names of our own tables and columns are put into the text.
        plain = f"SELECT {listed} FROM {table} WITH NO DATA"  # noqa: S608
        cursor.execute(f"CREATE TEMP TABLE lianhu_beside ON COMMIT DROP AS {plain}")
        count = _copy_rows(cursor, f"COPY lianhu_beside ({listed}) FROM STDIN", rows)
        inserted = f"INSERT INTO {table} ({listed}) SELECT {listed} FROM lianhu_beside"  # noqa: S608
        cursor.execute(inserted)
        cursor.execute("DROP TABLE lianhu_beside")
    return count


def _copy_rows(cursor: Any, sql: str, rows: Iterable[Row]) -> int:
    count = 0
    with cursor.cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _many(sql: str, chunks: Iterable[list[Row]]) -> int:
    count = 0
    with connection.cursor() as cursor:
        for chunk in chunks:
            cursor.executemany(sql, chunk)
            count += len(chunk)
    return count
