"""`lianhu keys rotate`: everything sealed and indexed anew under a new version, online.

Two things make it safe beside a server under way. A version is known to every process before
anything is sealed with it, and seals everywhere before anything old is sealed anew; and a value is
only replaced as long as it is what was read, so nobody's change is lost. Cut off anywhere, the
next run goes on: which version a value is of stands in the value.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.actions import record
from lianhu.keeping.actions.backup import Told, no_telling
from lianhu.keeping.sealed import TABLES, Need, Table, needs
from lianhu.kernel.direct import as_uuid, read_rows
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import (
    LOOK,
    MOST_VERSIONS,
    Version,
    fresh_ring,
    new_entry,
    read_content,
    write_content,
)
from lianhu.kernel.seal import blind_with, head_of, seal_with, unseal_bytes
from lianhu.territory.models import Place

PASSES = 5
KNOWN_AFTER = 2 * LOOK
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: the version, whether it went on with an earlier run, rows sealed anew
    and what was left because somebody held it (the next run takes it)."""

    version: int
    suite: str
    resumed: bool
    rows: int
    left: int
    seconds: float


def rotate(
    *, at: datetime, told: Told = no_telling, pause: float = 1.0, grace: float = KNOWN_AFTER
) -> Rotation:
    """Seal everything under a new version, or go on with a run that was cut off.

    `pause` is how long to leave the database to others after each transaction, in lengths of the
    transaction; `grace` how many seconds until every process has read the ring anew. Refuses
    ``keys.busy`` (another one runs), ``keys.no_version``, and as `ring`.
    """
    start = time.perf_counter()
    with alone():
        version, resumed = _begin(grace)
        rows = 0
        for _ in range(PASSES):
            rows += sum(_pass(table, version, told, pause) for table in TABLES)
            left = sum(need.values for need in _others(version))
            if not left:
                break
        found = Rotation(
            version.number, version.suite.name, resumed, rows, left,
            round(time.perf_counter() - start, 1),
        )  # fmt: skip
        note_keys("keys.rotate", version.number, at, rows=rows, left=left)
    return found


@contextmanager
def alone() -> Iterator[None]:
    """One change of the ring at a time; refuses ``keys.busy``."""
    path = Path(settings.LIANHU_KEYS)
    with path.with_name(f"{path.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal("keys.busy") from error
        yield


def note_keys(verb: str, number: int, at: datetime, **facts: Any) -> None:
    """Write into the ledger what was done with a version."""
    county = Place.objects.filter(level="county").order_by("code").first()
    code = county.code if county else ""
    with transaction.atomic():
        record(
            system_actor(code),
            verb,
            "keys",
            str(number),
            code,
            at=at,
            quiet=True,
            **facts,
        )


def _others(version: Version) -> list[Need]:
    return [need for need in needs() if need.version != version.number]


def _begin(grace: float) -> tuple[Version, bool]:
    """The version to seal with from now on, known and in use everywhere; whether it is that of a
    run before."""
    path = Path(settings.LIANHU_KEYS)
    keys = fresh_ring()
    missing = sorted({need.version for need in needs()} - set(keys.versions))
    if missing:
        raise Refusal("keys.no_version", number=missing[0])
    if _others(keys.newest):
        return keys.newest, True
    last = keys.versions[max(keys.versions)]
    waiting = last is not keys.newest and last.suite.name == settings.LIANHU_SUITE
    if not waiting:
        content = read_content(path)
        number = max(keys.versions) + 1
        if number > MOST_VERSIONS:
            raise Refusal("keys.unreadable", path=str(path))
        content["versions"][str(number)] = new_entry(settings.LIANHU_SUITE)
        write_content(path, content)
        time.sleep(grace)
    content = read_content(path)
    content["current"] = max(fresh_ring().versions)
    write_content(path, content)
    time.sleep(grace)
    return fresh_ring().newest, waiting


def _pass(table: Table, version: Version, told: Told, pause: float) -> int:
    """Seal anew what a table has under other versions; how many rows were replaced."""
    done = 0
    for rows in _chunks(table, version):
        made = [_made(table, version, row) for row in rows]
        start = time.perf_counter()
        done += _replace(table, rows, made)
        told(table.label, len(rows))
        time.sleep((time.perf_counter() - start) * pause)
    return done


def _chunks(table: Table, version: Version) -> Iterator[list[Row]]:
    """Rows with a value of another version: identifier and sealed values, in order of the
    identifiers. Each chunk is a query of its own, so that no transaction stays open."""
    quote = connection.ops.quote_name
    key, names = quote("id"), [quote(column.name) for column in table.columns]
    indexes = [quote(column.index) for column in table.columns if column.index]
    old = " OR ".join(
        [f"(length({n}) > 0 AND substr({n}, 1, 3) <> %s)" for n in names]
        + [f"(length({n}) > 0 AND substr({n}, 1, 2) <> %s)" for n in indexes]
    )
    # Only names of our own tables and columns are put into the text.
    text = f"SELECT {key}, {', '.join(names)} FROM {quote(table.name)} WHERE ({old})"  # noqa: S608
    head = head_of(version)
    heads: list[bytes] = [head] * len(names) + [head[1:]] * len(indexes)
    rows = read_rows(f"{text} ORDER BY {key} LIMIT {table.chunk}", heads)
    while rows:
        yield rows
        rows = read_rows(
            f"{text} AND {key} > %s ORDER BY {key} LIMIT {table.chunk}", [*heads, rows[-1][0]]
        )


def _made(table: Table, version: Version, row: Row) -> list[bytes]:
    """The columns of a row anew: each sealed value, followed by its blind index if it has one."""
    key, made = as_uuid(row[0]), list[bytes]()
    for column, sealed in zip(table.columns, row[1:], strict=True):
        where = f"{column.where}.{key}"
        content = unseal_bytes(sealed, where)
        made.append(seal_with(version, content, where) if content else b"")
        if column.index:
            text = content.decode()
            made.append(blind_with(version, text, column.where) if text else b"")
    return made


def _replace(table: Table, rows: list[Row], made: list[list[bytes]]) -> int:
    """Put new values where the old ones still are; how many rows. PostgreSQL passes over rows
    that somebody holds: we wait for nobody, so nobody's deadlock can be ours."""
    quote = connection.ops.quote_name
    names = [n for c in table.columns for n in (c.name, c.index) if n]
    sets = ", ".join(f"{quote(name)} = %s" for name in names)
    same = " AND ".join(f"{quote(column.name)} = %s" for column in table.columns)
    key = quote("id")
    # As above.
    text = f"UPDATE {quote(table.name)} SET {sets} WHERE {key} = %s AND {same}"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        free = {row[0] for row in rows}
        if connection.vendor == "postgresql":
            free = {row[0] for row in _free(table, [row[0] for row in rows])}
        values = [[*new, *row] for row, new in zip(rows, made, strict=True) if row[0] in free]
        if not values:
            return 0
        cursor.executemany(text, values)
        changed: int = cursor.rowcount
    return changed


def _free(table: Table, keys: list[Any]) -> list[Row]:
    quote = connection.ops.quote_name
    return read_rows(
        f"SELECT {quote('id')} FROM {quote(table.name)} WHERE {quote('id')} = ANY(%s)"  # noqa: S608
        f" ORDER BY {quote('id')} FOR UPDATE SKIP LOCKED",
        [keys],
    )
