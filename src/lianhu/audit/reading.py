"""Entries as lines, straight from the database: quick, and equal on every kind of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from lianhu.audit.rules import Range, line

CHUNK = 5_000
NEAR = 2_000  # ids this close are read by one query, the strangers between them passed over
_COLUMNS = {
    "sqlite": (
        "id, CASE length(at) WHEN 19 THEN at || '.000000' ELSE at END, actor_id, actor_name,"
        " verb, object_kind, object_id, place_id, row_class, facts"
    ),
    "postgresql": (
        "id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),"
        " replace(actor_id::text, '-', ''), actor_name, verb, object_kind, object_id, place_id,"
        " row_class, facts::text"
    ),
}


def read_ids(after: int, most: int) -> list[int]:
    """Ids above one, ascending, at most so many."""
    return [
        row[0]
        for row in _rows(
            "SELECT id FROM audit_entry WHERE id > %s ORDER BY id LIMIT %s", after, most
        )
    ]


def last_id() -> int:
    """The highest id that can be seen; 0 for none."""
    return int(next(_rows("SELECT coalesce(max(id), 0) FROM audit_entry"))[0])


def count_up_to(number: int) -> int:
    """How many entries have an id up to one."""
    return int(next(_rows("SELECT count(*) FROM audit_entry WHERE id <= %s", number))[0])


def read_lines(ranges: Sequence[Range]) -> Iterator[tuple[int, bytes]]:
    """Id and line of every entry in or between near ranges (ascending), in the order of ids."""
    columns = _COLUMNS[connection.vendor]
    for first, last in _joined(ranges):
        # Our own names of columns.
        sql = f"SELECT {columns} FROM audit_entry WHERE id BETWEEN %s AND %s ORDER BY id"  # noqa: S608
        for row in _rows(sql, first, last):
            yield row[0], line(row)


def _joined(ranges: Sequence[Range]) -> list[Range]:
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first - found[-1][1] <= NEAR:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _rows(sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
    """Rows without Django's wrapping, a chunk at a time."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def writers() -> list[str]:
    """The transactions that may still commit an id lower than the highest one seen before.

    Whoever takes an id holds the table's write lock already, and keeps it to the end. SQLite has
    one writer, whose ids are in the order of its commits.
    """
    if connection.vendor == "sqlite":
        return []
    sql = (
        "SELECT DISTINCT virtualtransaction FROM pg_locks WHERE locktype = 'relation'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND relation = 'audit_entry'::regclass AND mode <> 'AccessShareLock'"
        " AND pid <> pg_backend_pid()"
    )
    return sorted(row[0] for row in _rows(sql))


@contextmanager
def one_sealer() -> Iterator[bool]:
    """A transaction for who seals; False when somebody else is at it (PostgreSQL). Where two
    do seal at once the second finds its number taken and gives up."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            yield bool(next(_rows("SELECT pg_try_advisory_xact_lock(321, 9)"))[0])
        else:
            yield True
