"""A PostgreSQL database in a backup: every table by COPY out of one snapshot, and back again.

No program but ours is needed and no superuser: the tables' owner may do all of it.
"""

import gzip
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from lianhu.keeping.store.person_keys import ALL, write_keys
from lianhu.keeping.store.sqlite import APART, LEFT_OUT
from lianhu.kernel.errors import Refusal

FOLDER = "tables"
SEQUENCES = "sequences"
BLOCK = 1 << 20
PATIENCE = 60  # seconds for the locks of the exchange
Told = Callable[[int], None]


@contextmanager
def _apart() -> Iterator[psycopg.Connection[Any]]:
    """A connection of our own to Django's database."""
    known = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        known.pop(name, None)
    with psycopg.connect(**known) as apart:
        yield apart


def tables(apart: psycopg.Connection[Any]) -> list[str]:
    """Names of the tables of our schema."""
    rows = apart.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = current_schema()::regnamespace ORDER BY relname"
    )
    return [row[0] for row in rows]


def _columns(apart: psycopg.Connection[Any], table: str) -> list[str]:
    rows = apart.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return [row[0] for row in rows]


def dump(target: Path, keys: Path, told: Told) -> tuple[dict[str, int], dict[str, Any]]:
    """Write every table into a folder, and persons' keys into a file apart: the rows of each, and
    the columns and sequences that a restore needs. Writers go on meanwhile."""
    (target / FOLDER).mkdir()
    rows: dict[str, int] = {}
    columns: dict[str, list[str]] = {}
    with _apart() as apart:
        apart.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table in tables(apart):
            columns[table] = _columns(apart, table)
            rows[table] = 0
            if table == APART:
                with apart.cursor(name="keys") as cursor:
                    rows[table] = write_keys(keys, cursor.execute(ALL))
            elif table not in LEFT_OUT:
                rows[table] = _copy_out(apart, table, columns[table], target / FOLDER)
            told(1)
        sequences = dict(
            apart.execute(
                "SELECT sequencename, last_value FROM pg_sequences"
                " WHERE schemaname = current_schema() AND last_value IS NOT NULL"
            ).fetchall()
        )
    return rows, {"columns": columns, SEQUENCES: sequences}


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)


def _copy_out(
    apart: psycopg.Connection[Any], table: str, columns: list[str], folder: Path
) -> int:
    query = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _names(columns))
    with gzip.open(folder / f"{table}.copy.gz", "wb", compresslevel=1) as file:
        cursor = apart.cursor()
        with cursor.copy(query) as copy:
            buffer = bytearray()
            for block in copy:
                buffer += block
                if len(buffer) > BLOCK:
                    file.write(buffer)
                    buffer.clear()
            file.write(buffer)
        return cursor.rowcount


def load(backup: Path, shape: dict[str, Any], told: Told) -> None:
    """Fill the empty, migrated tables of our schema, in one transaction."""
    with _apart() as apart:
        here = tables(apart)
        apart.execute(
            sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, here)))
        )
        for table in here:
            file = backup / FOLDER / f"{table}.copy.gz"
            if file.is_file():
                _copy_in(apart, table, shape["columns"][table], file)
            told(1)
        for name, value in shape[SEQUENCES].items():
            apart.execute("SELECT setval(%s::regclass, %s)", [name, value])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy_in(
    apart: psycopg.Connection[Any], table: str, columns: list[str], file: Path
) -> None:
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    with gzip.open(file, "rb") as read, apart.cursor().copy(query) as copy:
        while block := read.read(BLOCK):
            copy.write(block)


def count_rows() -> dict[str, int]:
    """The rows of each table of our schema."""
    with _apart() as apart:
        return {
            name: apart.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            ).fetchone()[0]  # type: ignore[index]
            for name in tables(apart)
        }


def make_schema(name: str) -> None:
    """A scratch schema; raises what PostgreSQL says when we may not."""
    assert re.fullmatch(r"[a-z0-9_]+", name)  # noqa: S101 - our own names
    with _apart() as apart:
        apart.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))


def drop_schema(name: str) -> None:
    """A scratch schema and all in it, gone."""
    with _apart() as apart:
        apart.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))


def take_place(scratch: str, away: str) -> None:
    """Let the tables of a scratch schema become the living ones, in one short transaction.

    The living ones go to the schema `away`. Every one of them is locked first, so nobody is half
    way through a change; whoever waits for the lock finds the new table when it is given. Under
    load the locks may not be had at once: rather than make somebody's change fail we let go and
    ask again, for a minute. Refuses ``keeping.too_busy``.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            _exchange(scratch, away)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            if time.monotonic() > until:
                raise Refusal("keeping.too_busy") from error
            time.sleep(0.2)
        else:
            return


def _exchange(scratch: str, away: str) -> None:
    with _apart() as apart:
        living = apart.execute("SELECT current_schema()").fetchone()[0]  # type: ignore[index]
        # Shorter than PostgreSQL waits before it ends one of two that wait for each other.
        apart.execute("SET LOCAL lock_timeout = '500ms'")
        old = tables(apart)
        for table in sorted(old, key=_turn):
            name = sql.Identifier(table)
            apart.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(name))
        apart.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(away)))
        for table in old:
            _move(apart, living, table, away)
        new = apart.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = %s::regnamespace ORDER BY relname",
            [scratch],
        ).fetchall()
        for (table,) in new:
            _move(apart, scratch, table, living)
        apart.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(scratch)))


def _turn(table: str) -> tuple[bool, bool, str]:
    """The order in which a letter's transaction touches tables: its own first, the ledger last."""
    return not table.startswith("letters_"), table.startswith("audit_"), table


def _move(apart: psycopg.Connection[Any], source: str, table: str, target: str) -> None:
    apart.execute(
        sql.SQL("ALTER TABLE {}.{} SET SCHEMA {}").format(
            *(sql.Identifier(name) for name in (source, table, target))
        )
    )
