"""`lianhu restore DIR`: a backup becomes the living database, under a new epoch."""

import secrets
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from lianhu.accounts.models import User
from lianhu.audit.sealing import latest_head, seal_all
from lianhu.audit.signing import head_file, write_head
from lianhu.keeping.actions.backup import Told, no_telling
from lianhu.keeping.actions.prove import other_keys
from lianhu.keeping.actions.scratch import Scratch, make_scratch, run_there
from lianhu.keeping.models import Run
from lianhu.keeping.store import media, postgres, sqlite
from lianhu.keeping.store.manifest import Manifest, check_files, find_backup, read_manifest
from lianhu.keeping.store.media import copy_whole
from lianhu.keeping.store.person_keys import NAME, find_keys, path_of
from lianhu.kernel.errors import Refusal
from lianhu.territory.models import Place

AWAY = "lianhu_replaced_"


def restore_backup(
    path: Path, *, replace: bool = False, closed: bool = False, at: datetime,
    told: Told = no_telling,
) -> Run:  # fmt: skip
    """Restore a backup, or the newest of a folder, into an empty database, or with `replace`
    over the living one; servers under way go on with the restored state.

    Everything is loaded, checked and made ready beside the living database, which then changes
    in one transaction: a restore that is cut off has changed nothing. What is sealed by a person's
    key that no file has any more is emptied (`found["closed"]`); without any such file it is
    refused, unless asked for `closed`. Refuses ``keeping.not_empty``,
    ``keeping.other_database``, ``keeping.other_keys``, ``keeping.no_person_keys``,
    ``keeping.damaged``, and as `verify_backup`.
    """
    start = time.perf_counter()
    backup = find_backup(path.resolve())
    manifest = read_manifest(backup)
    if manifest["database"] != connection.vendor:
        raise Refusal("keeping.other_database")
    if missing := other_keys(manifest):
        raise Refusal("keeping.other_keys", names="、".join(missing))
    if not replace and not _is_empty():
        raise Refusal("keeping.not_empty")
    lacks = NAME in manifest and find_keys(backup, manifest).path is None
    if lacks and not closed:
        raise Refusal("keeping.no_person_keys", path=str(path_of(backup.parent, backup.name)))
    if wrong := check_files(backup, manifest):
        raise Refusal("keeping.damaged", what="；".join(wrong[:5]))
    _remember_the_living()
    with make_scratch(manifest["database"]) as scratch:
        told("装入并检查", 1)
        found = run_there(scratch, backup, prepare=True, closed=lacks)
        if problems := found.pop("problems"):
            raise Refusal("keeping.damaged", what="；".join(problems[:5]))
        found["photos"] = _bring_media(backup, told)
        told("换上", 1)
        _keep_head(found["prepared"]["epoch"])
        _swap(scratch, found)
    return _settle(backup, manifest, found, start, at)


def _is_empty() -> bool:
    try:
        return not (Place.objects.exists() or User.objects.exists())
    except DatabaseError:
        return True  # no tables yet


def _remember_the_living() -> None:
    """Seal what the living database holds, so that what was revoked in it is on the list."""
    try:
        seal_all(at=timezone.now())
    except DatabaseError:
        return  # there is none, or it cannot be read any more: the list is as it stands


def _bring_media(backup: Path, told: Told) -> int:
    photos = media.read_list(backup)
    return media.bring_back(backup.parent, photos, lambda n: told("照片", n))


def _keep_head(new_epoch: str) -> None:
    """The last head of the ledger that is being replaced stays beside the keys."""
    if head_file().is_file():
        copy_whole(head_file(), head_file().with_name(f"ledger-head.before-{new_epoch}.json"))


def _swap(scratch: Scratch, found: dict[str, Any]) -> None:
    if connection.vendor == "sqlite":
        sqlite.take_place(scratch.file, lambda done, pages: None)
        return
    away = AWAY + secrets.token_hex(4)
    connection.close()
    postgres.take_place(scratch.schema, away)
    found["replaced"] = away


def _settle(
    backup: Path, manifest: Manifest, found: dict[str, Any], start: float, at: datetime
) -> Run:
    run = Run.objects.create(
        kind=Run.Kind.RESTORE, started_at=at, seconds=round(time.perf_counter() - start, 1),
        good=True, backup=str(backup), epoch=found["prepared"]["epoch"], mark=manifest["mark"],
        found=found, problems=[],
    )  # fmt: skip
    seal_all(at=timezone.now())
    if newest := latest_head():
        write_head(newest, head_file())
    return run
