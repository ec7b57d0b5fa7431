"""The key of each person (and of each care episode): made with the first value that it seals,
replaced when something of hers is deleted, destroyed when nothing is left.

Statements are written out, for they lock what they read: whoever seals holds the key's row until
the transaction ends, and a deletion takes it alone, so that no value is left of a key that is gone.
They stand here and not in actions and queries, because the models themselves seal and open by them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import connection

from lianhu.kernel.direct import as_uuid, read_rows, run_statement, uuid_value
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import Version, ring
from lianhu.kernel.ownkey import OwnKey, is_own, new_key
from lianhu.kernel.seal import Sealed, seal, seal_with, unseal, unseal_bytes

READ = 'SELECT "mark", "key_sealed" FROM "people_personkey" WHERE "id" = %s'
READ_MANY = 'SELECT "id", "mark", "key_sealed" FROM "people_personkey" WHERE "id" IN '
ADD = 'INSERT INTO "people_personkey" ("id", "mark", "key_sealed") VALUES '
DESTROY = 'DELETE FROM "people_personkey" WHERE "id" IN '
REPLACE = 'UPDATE "people_personkey" SET "mark" = %s, "key_sealed" = %s WHERE "id" = %s'
CHUNK = 300

Row = TypeVar("Row", bound="Owned")


def wrap(key: OwnKey, person: UUID | str, version: Version | None = None) -> bytes:
    """A key as it is kept, by the newest version of the ring, or another."""
    return seal_with(version or ring().newest, key.secret, f"personkey.key.{person}")


def unwrap(mark: Sealed, wrapped: Sealed, person: UUID) -> OwnKey:
    """A key from what is kept of it; raises and refuses as `unseal`."""
    return OwnKey(bytes(mark), unseal_bytes(wrapped, f"personkey.key.{person}"))


def read_key(person: UUID) -> OwnKey | None:
    """The person's key, if there is one. One query."""
    for mark, wrapped in read_rows(READ, [uuid_value(person)]):
        return unwrap(mark, wrapped, person)
    return None


def lock_key(person: UUID, *, alone: bool = False) -> OwnKey:
    """The key to seal with, made if there is none; it stays as it is until the transaction ends.
    `alone`: nobody else seals with it meanwhile. One query, three when it is made."""
    lock = ""
    if connection.vendor == "postgresql":
        lock = " FOR UPDATE" if alone else " FOR SHARE"
    while True:
        for mark, wrapped in read_rows(READ + lock, [uuid_value(person)]):
            return unwrap(mark, wrapped, person)
        _add({person: new_key()})


def replace_key(person: UUID, old: OwnKey) -> OwnKey:
    """A fresh key in the place of the person's, which is destroyed: for whoever locked it alone.
    Its mark is another, or what the old one sealed would pass for a changed value of the new."""
    key = new_key()
    while key.mark == old.mark:
        key = new_key()
    run_statement(REPLACE, [key.mark, wrap(key, person), uuid_value(person)])
    return key


def destroy_keys(owners: Iterable[UUID]) -> int:
    """Destroy keys whose values are gone or go with them; how many. One query for each 300."""
    asked, gone = list(owners), 0
    for start in range(0, len(asked), CHUNK):
        part = asked[start : start + CHUNK]
        gone += run_statement(
            f"{DESTROY}({_marks(len(part))})", [uuid_value(owner) for owner in part]
        )
    return gone


def keys_of(persons: Iterable[UUID], *, make: bool = False) -> dict[UUID, OwnKey]:
    """The keys of some persons; with `make` also of those who had none. One query for each 300."""
    asked, found = list(dict.fromkeys(persons)), dict[UUID, OwnKey]()
    for start in range(0, len(asked), CHUNK):
        part = asked[start : start + CHUNK]
        found |= _read_many(part)
        if make and (lacking := [person for person in part if person not in found]):
            _add({person: new_key() for person in lacking})
            found |= _read_many(lacking)
    return found


def _read_many(persons: list[UUID]) -> dict[UUID, OwnKey]:
    asked = [uuid_value(person) for person in persons]
    rows = read_rows(f"{READ_MANY}({_marks(len(asked))})", asked)
    return {as_uuid(key): unwrap(mark, kept, as_uuid(key)) for key, mark, kept in rows}


def _add(keys: dict[UUID, OwnKey]) -> None:
    """Keep new keys, but of whom somebody else made one meanwhile."""
    values = [
        value
        for person, key in keys.items()
        for value in (uuid_value(person), key.mark, wrap(key, person))
    ]
    lines = ", ".join([f"({_marks(3)})"] * len(keys))
    run_statement(f"{ADD}{lines} ON CONFLICT DO NOTHING", values)


def _marks(number: int) -> str:
    return ", ".join(["%s"] * number)


class NewKeys:
    """Keys of some thousand new persons on their way into the table: person, mark and wrapped key,
    all by one version of the ring."""

    def __init__(self) -> None:
        self.rows: list[tuple[UUID, bytes, bytes]] = []
        self.version = ring().newest

    def make(self, person: UUID, text: str) -> OwnKey:
        """A key for somebody who is not in the table yet; `text` is the identifier as text."""
        key = new_key()
        self.rows.append((person, key.mark, wrap(key, text, self.version)))
        return key


def bring_keys(rows: Iterable[Row], column: str) -> list[Row]:
    """The rows, each with the key that opens its column: also where the person's row is out of
    reach and so brought none along (row-level security). One query more for each 300 of those."""
    found = list(rows)
    lacking = [(row, row.owner) for row in found if row.lacks_key(getattr(row, column))]
    keys = keys_of(owner for _, owner in lacking if owner)
    for row, owner in lacking:
        row.take_key(keys.get(owner) if owner else None)
    return found


class Owned:
    """A row with values that the key of a person seals; the ring's, where it is about nobody."""

    # The relations from the row to its key; none where it is read alone anyway.
    KEY_BY: ClassVar[tuple[str, ...]] = ("key",)
    _own: OwnKey | None = None

    @property
    def owner(self) -> UUID | None:
        """Whose key it is."""
        raise NotImplementedError

    def seal_own(self, text: str, where: str) -> bytes:
        """`text` sealed for `where` by the person's key, which is locked (`lock_key`); empty for
        empty."""
        if not text or self.owner is None:
            return seal(text, where)
        self._own = lock_key(self.owner)
        return self._own.seal(text.encode(), where)

    def unseal_own(self, sealed: Sealed, where: str) -> str:
        """The text behind `sealed`, whoever's key sealed it; raises and refuses as `unseal`, and
        ``keys.destroyed``. One query where the row came without its key (`select_related`)."""
        if not is_own(sealed):
            return unseal(sealed, where)
        mark = bytes(sealed[1:3])
        for key in self._keys():
            if key.mark == mark:
                self._own = key
                return key.unseal(sealed, where).decode()
        raise Refusal("keys.destroyed")

    def left_of(self, name: str, sealed: Sealed) -> Any:
        """The value of a property that opens `sealed`; None where its own key is gone or does not
        open it. What the ring sealed is refused as ever: with the right ring it is there again."""
        try:
            return getattr(self, name)
        except Refusal as refusal:
            if refusal.code != "keys.destroyed":
                raise
        except InvalidTag:
            if not is_own(sealed):
                raise
        return None

    def lacks_key(self, sealed: Sealed) -> bool:
        """Whether a value's own key did not come with the row."""
        return is_own(sealed) and self._own is None and self._came_with() is None

    def take_key(self, key: OwnKey | None) -> None:
        """Open by this key first."""
        self._own = key

    def _came_with(self) -> Any:
        """The key's row, where it came with this one."""
        one: Any = self if self.KEY_BY else None
        for name in self.KEY_BY:
            one = one._state.fields_cache.get(name) if one is not None else None  # noqa: SLF001
        return one

    def _keys(self) -> Iterator[OwnKey]:
        """Keys that may open: the one used before, the one that came with the row, the one that is
        there now."""
        if self._own is not None:
            yield self._own
        if self.owner is None:
            return
        if (one := self._came_with()) is not None:
            yield unwrap(one.mark, one.key_sealed, self.owner)
        if (now := read_key(self.owner)) is not None:
            yield now
