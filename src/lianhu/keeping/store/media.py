"""Photos in a backup: copied once into the pool, listed by each backup with their hash.

Copied, never hard-linked: two names of one file are one copy, which one bad block spoils.
"""

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from lianhu.keeping.store.manifest import hash_file
from lianhu.media.queries import photo_path

POOL = "media"
LIST = "media.json.gz"
Photos = dict[str, dict[str, str | int]]


def pool_path(folder: Path, name: str) -> Path:
    """Where the pool of a folder of backups keeps a photo."""
    return folder / POOL / name[:2] / f"{name}.jpg"


def copy_whole(source: Path, target: Path) -> None:
    """A copy that is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f"{target.name}.{os.getpid()}.part")
    with source.open("rb") as read, scratch.open("wb") as write:
        shutil.copyfileobj(read, write, 1 << 20)
        write.flush()
        os.fsync(write.fileno())
    scratch.rename(target)


def gather(
    folder: Path,
    names: Iterable[str],
    told: Callable[[int], None],
    before: Photos,
    *,
    trusted: bool,
) -> tuple[Photos, list[str]]:
    """Bring photos into the pool: those listed, with hash and size, and those not found.

    What the backup before listed and the pool holds at that size is not read again, if that
    backup was proven (`trusted`); else the pool is compared, and mended from the living photo.
    """
    photos: Photos = {}
    missing: list[str] = []
    for name in names:
        source, target = photo_path(name), pool_path(folder, name)
        known = before.get(name)
        if known and target.is_file() and _still(target, known, trusted=trusted):
            photos[name] = known
        elif source.is_file():
            if not target.is_file() or hash_file(target) != hash_file(source):
                copy_whole(source, target)
            photos[name] = {"sha256": hash_file(target), "bytes": target.stat().st_size}
        else:
            missing.append(name)
        told(1)
    return photos, missing


def _still(target: Path, known: dict[str, str | int], *, trusted: bool) -> bool:
    if trusted:
        return target.stat().st_size == known["bytes"]
    return hash_file(target) == known["sha256"]


def write_list(backup: Path, photos: Photos) -> None:
    """The list of a backup's photos."""
    with gzip.open(backup / LIST, "wt", compresslevel=6) as file:
        json.dump(photos, file)


def read_list(backup: Path) -> Photos:
    """The list of a backup's photos; empty when there is none."""
    if not (backup / LIST).is_file():
        return {}
    with gzip.open(backup / LIST, "rt") as file:
        found: Photos = json.load(file)
    return found


def check_pool(folder: Path, photos: Photos, told: Callable[[int], None]) -> list[str]:
    """Names of listed photos that the pool lacks or holds otherwise."""
    wrong = []
    for name, known in photos.items():
        path = pool_path(folder, name)
        if not path.is_file() or hash_file(path) != known["sha256"]:
            wrong.append(name)
        told(1)
    return wrong


def bring_back(folder: Path, photos: Photos, told: Callable[[int], None]) -> int:
    """Copy listed photos to where the server looks for them; how many were not there."""
    brought = 0
    for name, known in photos.items():
        source, target = pool_path(folder, name), photo_path(name)
        whole = target.is_file() and hash_file(target) == known["sha256"]
        if not whole and source.is_file():
            copy_whole(source, target)
            brought += 1
        told(1)
    return brought
