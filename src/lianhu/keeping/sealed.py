"""Which versions of the ring the sealed values need, and whether the keys at hand open them."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from django.db import connection

from lianhu.keeping.columns import KEYS, TABLES, Column, Table
from lianhu.keeping.owned import has_key, own_faults, own_marks, owned_columns
from lianhu.kernel.direct import as_uuid, read_rows
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import ring
from lianhu.kernel.seal import EARLY, HEAD, unseal_bytes, version_of
from lianhu.kernel.suites import MARKS


@dataclass(frozen=True, slots=True)
class Need:
    """How many values of a column need a version of the ring."""

    table: str
    column: str
    version: int
    values: int


def needs() -> list[Need]:
    """Which versions the values in the database need; a pass over every sealed column. Nothing
    for tables that are not there yet. What a person's own key sealed needs none but by that key."""
    there = set(connection.introspection.table_names())
    return [
        need
        for table in TABLES
        if table.name in there
        for column in table.columns
        for need in [
            *_needs_of(table, column),
            *_index_needs(table, column, keyed=KEYS.name in there),
        ]
    ]


def _needs_of(table: Table, column: Column) -> list[Need]:
    quote = connection.ops.quote_name
    name = quote(column.name)
    # Only names of our own tables and columns are put into the text.
    heads = read_rows(
        f"SELECT substr({name}, 1, {HEAD}), count(*) FROM {quote(table.name)}"  # noqa: S608
        f" WHERE length({name}) > 0 AND substr({name}, 1, 1) NOT IN (%s, %s) GROUP BY 1",
        own_marks(),
    )
    found: dict[int, int] = {}
    for head, count in heads:
        # The second and third byte of an early value are already its nonce.
        number = version_of(head)
        found[number] = found.get(number, 0) + count
    return [Need(table.label, column.name, n, count) for n, count in sorted(found.items())]


def _index_needs(table: Table, column: Column, *, keyed: bool) -> list[Need]:
    """Blind indexes by version, but those of the version of their sealed value. Those of early
    values carry no version and go with the value. One of an older version whose value is lost with
    its own key needs none: nobody can make it anew, so it would hold up that version for good."""
    if not column.index:
        return []
    quote = connection.ops.quote_name
    index, sealed = quote(column.index), quote(column.name)
    newest: list[bytes] = []
    stays = ""
    if table.owner and keyed:
        stays = (
            f" AND (substr({index}, 1, 2) = %s OR substr({sealed}, 1, 1) NOT IN (%s, %s)"
            f" OR {has_key(table, column)})"
        )
        newest = [ring().newest.number.to_bytes(2, "big"), *own_marks()]
    found = read_rows(
        f"SELECT substr({index}, 1, 2), count(*) FROM {quote(table.name)}"  # noqa: S608 - as above
        f" WHERE length({index}) > 0 AND substr({sealed}, 1, 1) >= %s"
        f" AND (substr({index}, 1, 2) <> substr({sealed}, 2, 2)"
        f" OR substr({sealed}, 1, 1) IN (%s, %s)){stays} GROUP BY 1",
        [bytes([EARLY]), *own_marks(), *newest],
    )
    return [
        Need(table.label, column.index, int.from_bytes(head, "big"), count)
        for head, count in found
    ]


def used_versions() -> set[int]:
    """The versions that values in the database need."""
    return {need.version for need in needs()}


def ring_faults() -> list[str]:
    """What keeps the ring at hand from opening what is in the database, in words; refuses as
    `ring`. One value of each column and version is opened, which tells a wrong key."""
    keys, faults = ring(), list[str]()
    for need in needs():
        if need.version not in keys.versions:
            faults.append(
                f"数据库里 {need.table} 的 {need.column} 有 {need.values} 个值要用第 "
                f"{need.version} 版钥匙，钥匙文件里没有这一版。"
            )
        elif not _opens(need):
            faults.append(
                f"钥匙文件里第 {need.version} 版钥匙不是封存 {need.table} 的 {need.column} "
                "时的那一把：请换回当时的钥匙文件。"
            )
    return faults


def find_key_faults() -> list[str]:
    """As `ring_faults`; with the right ring also what the keys of persons do not open."""
    return ring_faults() or [fault for owned in owned_columns() for fault in own_faults(*owned)]


def require_keys() -> None:
    """Refuses ``keys.wrong_ring`` when the ring at hand cannot open what is in the database, and
    as `ring`: no key, no start. A person's value whose own key is gone keeps no county from its
    work; `lianhu check` says it."""
    if faults := ring_faults():
        raise Refusal("keys.wrong_ring", why="".join(faults[:3]))


def _opens(need: Need) -> bool:
    """Whether the ring's version opens a value that says it is of that version."""
    table = next(t for t in TABLES if t.label == need.table)
    column = next((c for c in table.columns if c.name == need.column), None)
    if column is None:  # an index: there is nothing to open
        return True
    quote = connection.ops.quote_name
    name = quote(column.name)
    early = bytes([need.version if need.version < EARLY else EARLY])
    rows = read_rows(
        f"SELECT {quote('id')}, {name} FROM {quote(table.name)}"  # noqa: S608 - as above
        f" WHERE substr({name}, 1, {HEAD}) IN (%s, %s) OR substr({name}, 1, 1) = %s LIMIT 1",
        [bytes([mark]) + need.version.to_bytes(2, "big") for mark in MARKS] + [early],
    )
    try:
        return all(unseal_bytes(value, f"{column.where}.{as_uuid(key)}") for key, value in rows)
    except InvalidTag:
        return False
