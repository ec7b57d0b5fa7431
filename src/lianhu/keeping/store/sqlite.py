"""A SQLite database in a backup: one compressed file, taken in one read transaction."""

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

from lianhu.keeping.store.person_keys import ALL, write_keys

FILE = "database.sqlite3.gz"
# What lets somebody in is not kept: after a restore everybody signs in again.
LEFT_OUT = ("accounts_session", "accounts_enroltoken")
APART = "people_personkey"  # in a file of its own (store/person_keys.py)


def dump(target: Path, keys: Path, told: Callable[[int], None]) -> dict[str, int]:
    """Write the database into a folder, and persons' keys into a file apart; the rows of each
    table. Writers go on meanwhile."""
    plain = target / "database.sqlite3"
    connection.ensure_connection()
    connection.connection.execute("VACUUM INTO ?", [str(plain)])
    told(1)
    with closing(sqlite3.connect(plain)) as copy:
        copy.execute("PRAGMA secure_delete = ON")
        count = write_keys(keys, copy.execute(ALL))
        for table in (*LEFT_OUT, APART):
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        copy.commit()
        rows = count_rows(copy) | {APART: count}
    told(1)
    with plain.open("rb") as read, gzip.open(target / FILE, "wb", compresslevel=1) as write:
        shutil.copyfileobj(read, write, 1 << 20)
    plain.unlink()
    told(1)
    return rows


def count_rows(copy: sqlite3.Connection) -> dict[str, int]:
    """The rows of each table of ours; parts of the search index are counted by its name."""
    names = [
        row[0]
        for row in copy.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE 'matters_search_%' ORDER BY name"
        )
    ]
    return {
        name: int(copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608
        for name in names
    }


def unpack(backup: Path, target: Path) -> None:
    """The database of a backup as a file."""
    with gzip.open(backup / FILE, "rb") as read, target.open("wb") as write:
        shutil.copyfileobj(read, write, 1 << 20)


def faults_of(path: Path) -> list[str]:
    """What SQLite itself finds wrong in a file; empty when it is sound."""
    with closing(sqlite3.connect(path)) as copy:
        found = [row[0] for row in copy.execute("PRAGMA quick_check(5)")]
        keys = copy.execute("PRAGMA foreign_key_check").fetchmany(5)
    return [str(f) for f in found if f != "ok"] + [f"foreign key: {key[0]}" for key in keys]


def take_place(scratch: Path, told: Callable[[int, int], None]) -> None:
    """Let a prepared file become the living database in one transaction of that database, so
    that servers under way see the old state or the new one and never a mixture."""

    def progress(status: int, left: int, pages: int) -> None:
        told(pages - left, pages)

    target: Any = connection.settings_dict["NAME"]
    connection.close()
    with (
        closing(sqlite3.connect(scratch)) as source,
        closing(sqlite3.connect(target, timeout=120)) as living,
    ):
        living.execute("PRAGMA synchronous = FULL")
        living.execute("PRAGMA journal_mode = WAL")
        source.backup(living, progress=progress)
        living.execute("PRAGMA wal_checkpoint(TRUNCATE)")
