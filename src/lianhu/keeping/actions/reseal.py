"""One table sealed anew under a version of the ring, online: what `rotate` does table by table.

A value is only replaced as long as it is what was read, so nobody's change is lost.
"""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from lianhu.keeping.actions.backup import Told
from lianhu.keeping.columns import Table
from lianhu.kernel.direct import as_uuid, read_rows, run_statement
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import Version
from lianhu.kernel.ownkey import OWN, OwnKey, is_own
from lianhu.kernel.seal import Sealed, blind_with, head_of, seal_with, unseal_bytes
from lianhu.people.keys import keys_of

Row = tuple[Any, ...]
Made = list[bytes | None]  # None for what stays as it is


def reseal_table(table: Table, version: Version, told: Told, pause: float) -> int:
    """Seal anew what a table has under other versions; how many rows were replaced."""
    done = 0
    for found in _chunks(table, version):
        keys = _keys_for(found) if table.owner else {}
        rows, made = [], []
        for row in found:
            new = _made(table, version, row, keys)
            if any(value is not None for value in new):
                rows.append(row)
                made.append(new)
        start = time.perf_counter()
        done += _replace(table, rows, made)
        told(table.label, len(found))
        time.sleep((time.perf_counter() - start) * pause)
    return done


def _chunks(table: Table, version: Version) -> Iterator[list[Row]]:
    """Rows with a value of another version, or that its person's own key did not seal by the
    present suite: identifier, owner and sealed values, in order of the identifiers. Each chunk is
    a query of its own, so that no transaction stays open."""
    quote = connection.ops.quote_name
    key, names = quote("id"), [quote(column.name) for column in table.columns]
    indexes = [quote(column.index) for column in table.columns if column.index]
    head, owner = head_of(version), quote(table.owner) if table.owner else "NULL"
    by_ring = [f"(length({n}) > 0 AND substr({n}, 1, 3) <> %s)" for n in names]
    by_own = [
        f"(length({n}) > 0 AND CASE WHEN {owner} IS NULL THEN substr({n}, 1, 3) <> %s"
        f" ELSE substr({n}, 1, 1) <> %s END)"
        for n in names
    ]
    old = " OR ".join(
        (by_own if table.owner else by_ring)
        + [f"(length({n}) > 0 AND substr({n}, 1, 2) <> %s)" for n in indexes]
    )
    # Only names of our own tables and columns are put into the text.
    text = f"SELECT {key}, {owner}, {', '.join(names)} FROM {quote(table.name)} WHERE ({old})"  # noqa: S608
    one = [head, bytes([OWN[version.suite.name]])] if table.owner else [head]
    heads: list[bytes] = one * len(names) + [head[1:]] * len(indexes)
    rows = read_rows(f"{text} ORDER BY {key} LIMIT {table.chunk}", heads)
    while rows:
        yield rows
        rows = read_rows(
            f"{text} AND {key} > %s ORDER BY {key} LIMIT {table.chunk}", [*heads, rows[-1][0]]
        )


def _keys_for(rows: list[Row]) -> dict[UUID, OwnKey]:
    """The own keys of the rows' owners, made where there is none; of those for whom somebody holds
    up the table, none: the next pass takes them."""
    owners = [as_uuid(row[1]) for row in rows if row[1] is not None]
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                # Shorter than PostgreSQL waits before it ends one of two that wait for each other.
                run_statement("SET LOCAL lock_timeout = '500ms'", [])
            return keys_of(owners, make=True)
    except OperationalError:
        return keys_of(owners)


def _made(table: Table, version: Version, row: Row, keys: dict[UUID, OwnKey]) -> Made:
    """The columns of a row anew: each sealed value, followed by its blind index if it has one.
    Both stay where the value's own key is gone: lost, or replaced by a deletion since the row was
    read; and where there is no key yet, for the next pass."""
    key, made = as_uuid(row[0]), Made()
    own = keys.get(as_uuid(row[1])) if row[1] is not None else None
    for column, sealed in zip(table.columns, row[2:], strict=True):
        where = f"{column.where}.{key}"
        try:
            new, content = (
                _by_ring(version, sealed, where) if row[1] is None
                else _by_own(own, version, sealed, where)
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code != "keys.destroyed":
                raise
            made += [None, None] if column.index else [None]
            continue
        made.append(new)
        if column.index:
            text = content.decode()
            made.append(blind_with(version, text, column.where) if text else b"")
    return made


def _by_ring(version: Version, sealed: Sealed, where: str) -> tuple[bytes, bytes]:
    """A value sealed anew by the ring, and its content."""
    content = unseal_bytes(sealed, where)
    return (seal_with(version, content, where) if content else b""), content


def _by_own(
    own: OwnKey | None, version: Version, sealed: Sealed, where: str
) -> tuple[bytes | None, bytes]:
    """A value sealed anew by its person's key, where it is not already and by the suite, and its
    content. Refuses ``keys.destroyed`` without the key that it needs."""
    if own is None:
        raise Refusal("keys.destroyed")
    if not is_own(sealed):
        content = unseal_bytes(sealed, where)
        return own.seal(content, where), content
    content = own.unseal(sealed, where)
    as_is = sealed[0] == OWN[version.suite.name]
    return None if as_is else own.seal(content, where), content


def _replace(table: Table, rows: list[Row], made: list[Made]) -> int:
    """Put new values where the old ones still are; how many rows. PostgreSQL passes over rows
    that somebody holds: we wait for nobody, so nobody's deadlock can be ours."""
    quote = connection.ops.quote_name
    names = [n for c in table.columns for n in (c.name, c.index) if n]
    sets = ", ".join(f"{quote(name)} = COALESCE(%s, {quote(name)})" for name in names)
    same = " AND ".join(f"{quote(column.name)} = %s" for column in table.columns)
    key = quote("id")
    # As above.
    text = f"UPDATE {quote(table.name)} SET {sets} WHERE {key} = %s AND {same}"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        free = {row[0] for row in rows}
        if connection.vendor == "postgresql":
            free = {row[0] for row in _free(table, [row[0] for row in rows])}
        both = zip(rows, made, strict=True)
        values = [[*new, row[0], *row[2:]] for row, new in both if row[0] in free]
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
