"""A backup's manifest: what is in it, each with its hash, signed; and finding backups.

A folder of backups holds one folder per backup, named by its moment in UTC, and `media/`, which
all share. A backup without a manifest was never finished; one under `.partial-…` is being made.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lianhu.audit.signing import is_signed, public_key, sign
from lianhu.kernel.errors import Refusal

NAME = "manifest.json"
FORMAT = 2  # 1: persons' keys were not apart, or not there
PARTIAL = ".partial-"
BLOCK = 1 << 20
Manifest = dict[str, Any]


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(path: Path) -> None:
    """Have the disk keep a file or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One backup or clearing at a time in a folder; refuses ``keeping.busy``."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal("keeping.busy", path=str(folder)) from error
        yield


def list_backups(folder: Path) -> list[Path]:
    """Whole backups of a folder, oldest first."""
    found = folder.glob(f"*/{NAME}") if folder.is_dir() else ()
    return sorted(p.parent for p in found if not p.parent.name.startswith("."))


def find_backup(path: Path) -> Path:
    """The backup that a path is, or the newest of the folder that it is. Refuses
    ``keeping.no_backup``."""
    if (path / NAME).is_file() and not path.name.startswith("."):
        return path
    backups = list_backups(path)
    if not backups:
        raise Refusal("keeping.no_backup", path=str(path))
    return backups[-1]


def _message(manifest: Manifest) -> bytes:
    bare = {key: value for key, value in manifest.items() if key != "signature"}
    return json.dumps(bare, sort_keys=True, ensure_ascii=False).encode()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Sign a manifest and write it durably; the backup is whole with it."""
    manifest["key"] = public_key()
    manifest["signature"] = sign(_message(manifest)).hex()
    path = folder / NAME
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    settle(path)


def read_manifest(backup: Path) -> Manifest:
    """A backup's manifest; refuses ``keeping.bad_manifest`` where it was changed since, and
    ``keeping.newer_format``."""
    try:
        manifest: Manifest = json.loads((backup / NAME).read_text())
        signed = is_signed(_message(manifest), manifest["signature"], manifest["key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal("keeping.bad_manifest", path=str(backup)) from error
    if not signed:
        raise Refusal("keeping.bad_manifest", path=str(backup))
    if manifest["format"] > FORMAT:
        raise Refusal("keeping.newer_format", path=str(backup))
    return manifest


def result_path(backup: Path) -> Path:
    """Where a backup's last verification is noted: beside it, for the backup never changes."""
    return backup.with_name(f"{backup.name}.verified.json")


def result_of(backup: Path) -> dict[str, Any]:
    """What the last verification found; empty when there was none."""
    try:
        found: dict[str, Any] = json.loads(result_path(backup).read_text())
    except (OSError, ValueError):
        return {}
    return found


def check_files(backup: Path, manifest: Manifest) -> list[str]:
    """Names of the backup's own files that are missing or changed."""
    return [
        name
        for name, told in manifest["files"].items()
        if not (backup / name).is_file() or hash_file(backup / name) != told["sha256"]
    ]
