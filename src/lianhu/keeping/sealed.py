"""Every column that holds sealed values or blind indexes, and which versions of the ring it needs.

The one register of them: rotation, the check at the start and `lianhu keys list` walk it, and
tests/keeping/test_sealed.py fails when a model has a column of the kind that is not here.
Models are named, not imported: this wing may not read colours or care (see the contracts), and
needs only the names of their tables.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.db import connection

from lianhu.kernel.direct import as_uuid, read_rows
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import ring
from lianhu.kernel.seal import EARLY, HEAD, unseal_bytes, version_of
from lianhu.kernel.suites import MARKS


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column, for what its values are sealed ("table.field"), and its blind index."""

    name: str
    where: str
    index: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with sealed columns."""

    label: str  # app.Model
    columns: tuple[Column, ...]
    chunk: int = 500  # rows of one transaction: writers wait for some tens of milliseconds

    @property
    def name(self) -> str:
        """Its name in the database."""
        return str(apps.get_model(self.label)._meta.db_table)


TABLES = (
    Table("people.Person", (
        Column("id_sealed", "person.id", index="id_index"),
        Column("phone_sealed", "person.phone", index="phone_index"),
        Column("more_phones_sealed", "person.phones"),
    )),
    Table("people.RegisterImport", (Column("corrections_sealed", "register.corrections"),)),
    Table("people.ImportDraft", (
        Column("content_sealed", "draft.content"),
        Column("found_sealed", "draft.found"),
        Column("corrections_sealed", "draft.corrections"),
    ), chunk=1),
    Table("people.Change", (Column("values_sealed", "change.values"),)),
    Table("people.Proposal", (Column("values_sealed", "proposal.values"),)),
    Table("people.Export", (Column("asked_sealed", "export.asked"),)),
    Table("rights.Opening", (Column("words_sealed", "opening.words"),)),
    Table("grading.CareEpisode", (Column("words_sealed", "care.words"),)),
    Table("accounts.Authenticator", (Column("secret_sealed", "authenticator.secret"),)),
    Table("matters.Matter", (Column("reporter_phone_sealed", "matter.phone"),)),
    Table("letters.Letter", (Column("text_sealed", "letter.text", index="text_index"),)),
    Table("territory.Resource", (Column("phone_sealed", "resource.phone"),)),
)  # fmt: skip

# Keyed hashes of what is nowhere kept, so that none can be made anew. They are of tries within
# hours: with a version that is gone, some tries are forgotten.
FLEETING = ("accounts.Attempt.key", "rights.SignInCode.code_hash")


@dataclass(frozen=True, slots=True)
class Need:
    """How many values of a column need a version of the ring."""

    table: str
    column: str
    version: int
    values: int


def needs() -> list[Need]:
    """Which versions the values in the database need; a pass over every sealed column. Nothing
    for tables that are not there yet."""
    there = set(connection.introspection.table_names())
    return [
        need
        for table in TABLES
        if table.name in there
        for column in table.columns
        for need in [*_needs_of(table, column), *(_index_needs(table, column))]
    ]


def _needs_of(table: Table, column: Column) -> list[Need]:
    quote = connection.ops.quote_name
    name = quote(column.name)
    # Only names of our own tables and columns are put into the text.
    heads = read_rows(
        f"SELECT substr({name}, 1, {HEAD}), count(*) FROM {quote(table.name)}"  # noqa: S608
        f" WHERE length({name}) > 0 GROUP BY 1"
    )
    found: dict[int, int] = {}
    for head, count in heads:
        # The second and third byte of an early value are already its nonce.
        number = version_of(head)
        found[number] = found.get(number, 0) + count
    return [Need(table.label, column.name, n, count) for n, count in sorted(found.items())]


def _index_needs(table: Table, column: Column) -> list[Need]:
    """Blind indexes of another version than their sealed value; there should be none. Those of
    early values carry no version and go with the value."""
    if not column.index:
        return []
    quote = connection.ops.quote_name
    index, sealed = quote(column.index), quote(column.name)
    found = read_rows(
        f"SELECT substr({index}, 1, 2), count(*) FROM {quote(table.name)}"  # noqa: S608 - as above
        f" WHERE length({index}) > 0 AND substr({sealed}, 1, 1) >= %s"
        f" AND substr({index}, 1, 2) <> substr({sealed}, 2, 2) GROUP BY 1",
        [bytes([EARLY])],
    )
    return [
        Need(table.label, column.index, int.from_bytes(head, "big"), count)
        for head, count in found
    ]


def used_versions() -> set[int]:
    """The versions that values in the database need."""
    return {need.version for need in needs()}


def find_key_faults() -> list[str]:
    """What keeps the ring at hand from opening what is in the database, in words; refuses as
    `ring`. One value of each column and version is opened, which tells a wrong key."""
    keys, faults = ring(), []
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


def require_keys() -> None:
    """Refuses ``keys.wrong_ring`` when the ring at hand cannot open what is in the database, and
    as `ring`: no key, no start."""
    if faults := find_key_faults():
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
