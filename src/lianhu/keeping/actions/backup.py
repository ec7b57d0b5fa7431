"""`lianhu backup DIR`: a whole, consistent, signed copy of database and media."""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from lianhu.audit.lasting import lasting_file
from lianhu.audit.life import begin_backup
from lianhu.audit.queries import epoch
from lianhu.audit.sealing import latest_head, seal_all
from lianhu.audit.signing import fingerprints
from lianhu.keeping.actions.old_keys import told_of_keys
from lianhu.keeping.models import Run
from lianhu.keeping.sealed import used_versions
from lianhu.keeping.store import media, person_keys, postgres, sqlite
from lianhu.keeping.store.manifest import (
    FORMAT,
    PARTIAL,
    Manifest,
    hash_file,
    list_backups,
    locked,
    result_of,
    settle,
    write_manifest,
)
from lianhu.media.models import Photo

Told = Callable[[str, int], None]
LASTING = "lasting.jsonl"


def no_telling(part: str, step: int) -> None:
    """For whoever watches no progress."""


def back_up(folder: Path, *, at: datetime, told: Told = no_telling) -> Run:
    """Back up into a new folder of `folder`; the run, of which `backup` is the new folder.

    Refuses ``keeping.busy``, and as `seal_all`. A backup that is cut off leaves only a folder
    that no command takes for a backup. Photos that cannot be found are problems, not a refusal.
    """
    start = time.perf_counter()
    with locked(folder):
        for left in folder.glob(f"{PARTIAL}*"):
            shutil.rmtree(left)
        seal_all(at=at)
        name = _name(folder, at)
        partial = folder / f"{PARTIAL}{name}"
        partial.mkdir(mode=0o700)
        manifest = _dump(partial, person_keys.path_of(folder, name), at, told)
        photos, missing = _photos(folder, told)
        media.write_list(partial, photos)
        if lasting_file().is_file():
            shutil.copyfile(lasting_file(), partial / LASTING)
        manifest["media"] = {
            "photos": len(photos),
            "bytes": sum(int(p["bytes"]) for p in photos.values()),
            "missing": missing[:100],
        }
        manifest["files"] = _files(partial)
        write_manifest(partial, manifest)
        settle(partial)
        partial.rename(folder / name)
        settle(folder)
    problems = [f"照片找不到文件：{photo}" for photo in missing[:20]]
    return Run.objects.create(
        kind=Run.Kind.BACKUP, started_at=at, seconds=round(time.perf_counter() - start, 1),
        good=not missing, backup=str(folder / name), epoch=manifest["epoch"],
        mark=manifest["mark"], problems=problems,
        found={
            "rows": sum(manifest["tables"].values()), "photos": len(photos),
            "bytes": sum(int(f["bytes"]) for f in manifest["files"].values()),
            **told_of_keys(folder, at=at),
        },
    )  # fmt: skip


def _name(folder: Path, at: datetime) -> str:
    """The moment in UTC; a second backup within the same second gets a number."""
    stem = at.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    taken = len(list(folder.glob(f"{stem}*/")))
    return f"{stem}-{taken + 1}" if taken else stem


def _dump(partial: Path, keys: Path, at: datetime, told: Told) -> Manifest:
    """The database's part of the manifest. Head and mark are taken before the snapshot begins,
    so the head, and whatever was answered below the mark, is inside; and so no version of the
    ring can be missing in `keys`, which leaves out those that nothing in the backup needs."""
    head, mark, used = latest_head(), begin_backup(), used_versions()
    shape: dict[str, Any] = {}
    if connection.vendor == "sqlite":
        rows = sqlite.dump(partial, keys, lambda n: told("数据库", n))
    else:
        rows, shape = postgres.dump(partial, keys, lambda n: told("数据库", n))
    kept = rows.pop(sqlite.APART)
    return {
        "format": FORMAT,
        "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "database": connection.vendor,
        "epoch": str(epoch()),
        "mark": mark,
        "migrations": _migrations(),
        "tables": rows,
        "shape": shape,
        "ledger": asdict(head) if head else None,
        "keys": fingerprints(used),
        person_keys.NAME: {"rows": kept, "sha256": hash_file(keys)},
    }


def _migrations() -> dict[str, str]:
    """The last migration of each app: migrations of an app are in one line."""
    applied = MigrationRecorder(connection).applied_migrations()
    found: dict[str, str] = {}
    for app, name in sorted(applied):
        found[app] = name
    return found


def _photos(folder: Path, told: Told) -> tuple[media.Photos, list[str]]:
    names = list(Photo.objects.order_by("sha256").values_list("sha256", flat=True))
    earlier = list_backups(folder)
    before = media.read_list(earlier[-1]) if earlier else {}
    trusted = bool(earlier) and result_of(earlier[-1]).get("good") is True
    return media.gather(folder, names, lambda n: told("照片", n), before, trusted=trusted)


def _files(partial: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(p for p in partial.rglob("*") if p.is_file()):
        path.chmod(0o600)
        settle(path)
        found[str(path.relative_to(partial))] = {
            "sha256": hash_file(path),
            "bytes": path.stat().st_size,
        }
    return found
