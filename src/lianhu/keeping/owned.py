"""What persons' own keys sealed (people/keys.py): how many values, and whether the keys fit."""

from cryptography.exceptions import InvalidTag
from django.db import connection

from lianhu.keeping.columns import KEYS, TABLES, Column, Table
from lianhu.kernel.direct import as_uuid, read_rows, run_statement
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ownkey import OWN, OWN_MARKS
from lianhu.kernel.suites import Suite
from lianhu.people.keys import read_key


def own_marks() -> list[bytes]:
    """The first bytes of what own keys sealed, by the suites."""
    return [bytes([mark]) for mark in OWN_MARKS]


def own_values(suite: Suite | None = None) -> int:
    """How many values are sealed by a person's own key; with `suite` those by another suite than
    it, that their key opens. A pass over the columns that have owners."""
    marks = [m for m in own_marks() if suite is None or m[0] != OWN[suite.name]]
    return sum(
        count
        for table, column in owned_columns()
        for mark in marks
        for (count,) in read_rows(
            f"SELECT count(*) FROM {connection.ops.quote_name(table.name)}"  # noqa: S608 - our own names
            f" WHERE substr({connection.ops.quote_name(column.name)}, 1, 1) = %s"
            + (f" AND {has_key(table, column)}" if suite else ""),
            [mark],
        )
    )


def has_key(table: Table, column: Column) -> str:
    """The condition, for a row of the table, that the key that sealed its own value is there."""
    quote = connection.ops.quote_name
    owner = f"{quote(table.name)}.{quote(table.owner)}"
    return (
        f"EXISTS (SELECT 1 FROM {quote(KEYS.name)} k"  # noqa: S608 - our own names
        f" WHERE k.id = {owner} AND k.mark = substr({quote(column.name)}, 2, 2))"
    )


def lost_values(table: Table, column: Column) -> int:
    """How many values of a column their persons' keys do not open any more."""
    quote = connection.ops.quote_name
    found = read_rows(
        f"SELECT count(*) FROM {quote(table.name)}"  # noqa: S608 - our own names
        f" WHERE substr({quote(column.name)}, 1, 1) IN (%s, %s) AND NOT {has_key(table, column)}",
        own_marks(),
    )
    return int(found[0][0])


def owned_columns() -> list[tuple[Table, Column]]:
    """The columns with owners, once the table of keys is there."""
    if KEYS.name not in connection.introspection.table_names():
        return []
    return [(table, column) for table in TABLES if table.owner for column in table.columns]


def empty_closed() -> int:
    """Empty what no person's key opens any more, with its blind index; how many values. For a
    backup that was loaded with keys of a later day: those of who is not in it are destroyed, for
    no deletion would ever reach them."""
    quote, closed = connection.ops.quote_name, 0
    strays = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {quote(table.name)} v WHERE v.id = {quote(KEYS.name)}.id)"  # noqa: S608 - our own names
        for table in dict(owned_columns())
        if table.owner == "id"
    )
    if strays:
        run_statement(f"DELETE FROM {quote(KEYS.name)} WHERE {strays}", [])  # noqa: S608 - as above
    for table, column in owned_columns():
        name = quote(column.name)
        sets = ", ".join(f"{quote(n)} = %s" for n in (column.name, column.index) if n)
        closed += run_statement(
            f"UPDATE {quote(table.name)} SET {sets}"  # noqa: S608 - as above
            f" WHERE substr({name}, 1, 1) IN (%s, %s) AND NOT {has_key(table, column)}",
            [b""] * (1 + bool(column.index)) + own_marks(),
        )
    return closed


def own_faults(table: Table, column: Column) -> list[str]:
    """What of a column its persons' keys do not open: all are held against the keys' marks, one
    is opened."""
    quote = connection.ops.quote_name
    name, owner = f"v.{quote(column.name)}", f"v.{quote(table.owner)}"
    if closed := lost_values(table, column):
        return [
            f"数据库里 {table.label} 的 {column.name} 有 {closed} 个值找不到本人的钥匙，打不开。"
        ]
    rows = read_rows(
        f"SELECT v.id, {owner}, {name} FROM {quote(table.name)} v"  # noqa: S608 - as above
        f" WHERE substr({name}, 1, 1) IN (%s, %s) LIMIT 1",
        own_marks(),
    )
    for row, person, value in rows:
        try:
            key = read_key(as_uuid(person))
            if key is not None:
                key.unseal(value, f"{column.where}.{as_uuid(row)}")
        except Refusal:
            continue  # the ring lacks the version that wraps the key, which is said already
        except InvalidTag:
            return [
                f"{table.label} 的 {column.name} 用本人的钥匙打不开：钥匙和内容不是一起的。"
            ]
    return []
