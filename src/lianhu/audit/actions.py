"""Write to the ledger, and raise the versions of what phones hold."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import F

from lianhu.audit.models import Entry, Version
from lianhu.kernel.actor import Actor
from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.direct import insert_objects, run_statement
from lianhu.kernel.ranges import prefix_range

GRID_LENGTH = 17
BEGIN = 'INSERT INTO "audit_version" ("key", "number") VALUES'
RAISE = 'ON CONFLICT ("key") DO UPDATE SET "number" = "audit_version"."number" + 1'


@dataclass(slots=True)
class _Batch:
    """What the changes of a batch have yet to write."""

    keys: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)


_gathered: ContextVar[_Batch | None] = ContextVar("gathered", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Write the entries of a batch and raise each version once at its end: one lock each.

    Must lie inside the batch's transaction; each change that may be undone alone lies in an
    `attempt`.
    """
    batch = _Batch()
    token = _gathered.set(batch)
    try:
        yield
    finally:
        _gathered.reset(token)
    insert_objects(batch.entries)
    _raise(sorted(batch.keys))


@contextmanager
def attempt() -> Iterator[None]:
    """Forget what a change gathered when it fails and its savepoint is undone."""
    batch = _gathered.get()
    entries, keys = (len(batch.entries), set(batch.keys)) if batch else (0, set())
    try:
        yield
    except BaseException:
        if batch:
            del batch.entries[entries:]
            batch.keys = keys
        raise


def record(
    actor: Actor,
    verb: str,
    object_kind: str,
    object_id: UUID | str,
    place: str,
    *,
    at: datetime,
    row_class: str = "ordinary",
    users: Iterable[UUID] = (),
    quiet: bool = False,
    **facts: object,
) -> None:
    """Append one entry and raise what it touches; call it last, inside the change's transaction.

    Last, because the raised version rows stay locked until the commit. An ordinary entry raises
    the grid at `place`, or every grid below it. A confidential one raises no grid, so that not
    even a version tells the village that something happened; nor does a `quiet` one, of things
    that no phone holds a copy of. `users` are the persons whose own matters changed. Queries: one
    insert, and one or two that raise.
    """
    entry = Entry(
        at=at,
        actor_id=actor.id,
        actor_name=actor.name,
        verb=verb,
        object_kind=object_kind,
        object_id=str(object_id),
        place_id=place,
        row_class=row_class,
        facts=facts,
    )
    batch = _gathered.get()
    if batch is None:
        insert_objects([entry])
    else:
        batch.entries.append(entry)
    if row_class == "ordinary" and not quiet:
        raise_grids(place)
    raise_users(users)


def raise_grids(place: str) -> None:
    """Raise the version of the grid at `place`, or of every grid below a wider place."""
    if len(place) == GRID_LENGTH:
        _gather([place])
    else:
        first, end = prefix_range(place)
        Version.objects.filter(key__gte=first, key__lt=end).update(number=F("number") + 1)


def raise_users(users: Iterable[UUID]) -> None:
    """Raise the version of what each of these persons alone may see."""
    _gather([f"user:{user}" for user in users])


def _gather(keys: list[str]) -> None:
    batch = _gathered.get()
    if batch is None:
        _raise(sorted(set(keys)))
    else:
        batch.keys.update(keys)


def _raise(keys: list[str]) -> None:
    """Raise versions by one; a key that has none yet starts at 1. One statement in either case: by
    one more, whoever posts could tell whether anything has reached a colleague before."""
    if not keys:
        return
    rows = ", ".join(["(%s, 1)"] * len(keys))
    run_statement(f"{BEGIN} {rows} {RAISE}", keys)


ENTRY = (
    "at", "actor_id", "actor_name", "verb", "object_kind", "object_id", "place_id", "row_class",
    "facts",
)  # fmt: skip


def load_entries(entries: Iterable[tuple[object, ...]]) -> None:
    """Append many entries (values in the order of `ENTRY`) at once without raising versions:
    for building a county."""
    insert_rows(Entry, ENTRY, entries)


def load_versions(keys: Iterable[str]) -> None:
    """Give each key its first version; existing ones are kept."""
    Version.objects.bulk_create(
        (Version(key=key) for key in keys), batch_size=2000, ignore_conflicts=True
    )
