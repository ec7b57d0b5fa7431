"""Persons' keys in a backup: a file of their own beside it, which is deleted sooner than it is.

So a deletion reaches old backups: what a destroyed key sealed is closed in them once the last file
with that key is gone. A key is the same in every backup between its making and its end, so an older
backup whose own file is gone opens with the next that is left, but for whom it no longer has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.keeping.rules import too_old
from lianhu.keeping.store.manifest import (
    Manifest,
    hash_file,
    list_backups,
    read_manifest,
    settle,
)
from lianhu.kernel.bulk import insert_rows
from lianhu.kernel.direct import as_uuid
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ownkey import MARK, SECRET
from lianhu.kernel.seal import HEAD, NONCE
from lianhu.kernel.suites import TAG
from lianhu.people.models import PersonKey

FOLDER, END = "person-keys", ".keys"
ALL = 'SELECT "id", "mark", "key_sealed" FROM "people_personkey" ORDER BY "id"'
NAME = "person_keys"  # in the manifest: hash and number


@dataclass(frozen=True, slots=True)
class Found:
    """The file that opens a backup, if one does; `own` when it was made with it."""

    path: Path | None
    own: bool = False


def path_of(folder: Path, name: str) -> Path:
    """Where a folder of backups keeps the keys of one of them."""
    return folder / FOLDER / f"{name}{END}"


def write_keys(path: Path, rows: Iterable[tuple[UUID | str, bytes, bytes]]) -> int:
    """Write the keys of a database in the state that is being backed up; how many."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    count = 0
    with path.open("wb") as file:
        path.chmod(0o600)
        for person, mark, wrapped in rows:
            file.write(_packed(as_uuid(person), mark, wrapped))
            count += 1
    settle(path)
    settle(path.parent)
    return count


WRAPPED = HEAD + NONCE + SECRET + TAG


def _packed(person: UUID, mark: bytes, wrapped: bytes) -> bytes:
    """One person's key as 81 bytes."""
    return person.bytes + mark + wrapped


def _unpacked(content: bytes | bytearray) -> Iterator[tuple[UUID, bytes, bytes]]:
    """Person, mark and wrapped key of each that was packed, one after the other."""
    head = 16 + MARK
    for at in range(0, len(content), head + WRAPPED):
        one = bytes(content[at : at + head + WRAPPED])
        yield UUID(bytes=one[:16]), one[16:head], one[head:]


def find_keys(backup: Path, manifest: Manifest) -> Found:
    """The file with which a backup opens: its own, else of the backups that came after it the
    first that has one."""
    if _is_whole(backup, manifest):
        return Found(path_of(backup.parent, backup.name), own=True)
    for later in list_backups(backup.parent):
        if later.name > backup.name and _is_whole(later):
            return Found(path_of(later.parent, later.name))
    return Found(None)


def _is_whole(backup: Path, manifest: Manifest | None = None) -> bool:
    """Whether a backup's own file is there and is what its manifest says."""
    path = path_of(backup.parent, backup.name)
    if not path.is_file():
        return False
    try:
        told = (manifest or read_manifest(backup)).get(NAME)
    except Refusal:
        return False
    return told is not None and hash_file(path) == told["sha256"]


def load_keys(path: Path) -> int:
    """Put the keys of a file into the empty table; how many."""
    with transaction.atomic():
        return insert_rows(
            PersonKey, ("person_id", "mark", "key_sealed"), _unpacked(path.read_bytes())
        )


def clear_keys(folder: Path, *, today: date, days: int) -> list[str]:
    """Remove files that are older than so many days, but the newest; the names of their backups.
    Those of backups that are gone go too."""
    backups = {backup.name for backup in list_backups(folder)}
    made = {path: _day(path) for path in (folder / FOLDER).glob(f"*{END}")}
    old = too_old(made.values(), today=today, keep_days=days, keep_months=0)
    gone = [path for path, day in made.items() if day in old or path.stem not in backups]
    for path in gone:
        path.unlink()
    return sorted(path.stem for path in gone)


def overdue_keys(folder: Path, *, today: date, days: int) -> list[str]:
    """The backups whose keys lie there as many days or more, in order: the newest too, which
    `clear_keys` leaves."""
    files = (folder / FOLDER).glob(f"*{END}")
    return sorted(path.stem for path in files if (today - _day(path)).days >= days)


def _day(path: Path) -> date:
    made = datetime.strptime(path.name[:18], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
    return localdate(made)
