"""Take a version out of the ring once nothing needs it, and bring one back for an old backup."""

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings

from lianhu.keeping.actions.rotate import alone, note_keys
from lianhu.keeping.sealed import needs
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import (
    Version,
    fresh_ring,
    read_content,
    read_ring,
    write_content,
)


def _ring_file() -> Path:
    return Path(settings.LIANHU_KEYS)


def retire(number: int, *, at: datetime) -> Path:
    """Take a version out of the ring; the file beside it that holds the version from now on.

    Backups made under it need that file. Refuses ``keys.no_version``, ``keys.in_use`` (it seals),
    ``keys.needed`` (values in the database are of it), ``keys.busy``.
    """
    path = _ring_file()
    with alone():
        keys = fresh_ring()
        if number not in keys.versions:
            raise Refusal("keys.no_version", number=number)
        if number == keys.newest.number:
            raise Refusal("keys.in_use", number=number)
        if left := sum(need.values for need in needs() if need.version == number):
            raise Refusal("keys.needed", number=number, values=left)
        content = read_content(path)
        aside = path.with_name(f"{path.name}.version-{number}")
        write_content(aside, {"number": number, **content["versions"].pop(str(number))})
        write_content(path, content)
        note_keys("keys.retire", number, at)
    return aside


def bring_back(file: Path, *, at: datetime) -> int:
    """Put a version that was retired into the ring again, to open a backup made under it; its
    number. It does not seal. Refuses ``keys.unreadable``, ``keys.taken``, ``keys.busy``."""
    path = _ring_file()
    with alone():
        content = read_content(path)
        try:
            entry = json.loads(file.read_text())
            number = int(entry.pop("number"))
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise Refusal("keys.unreadable", path=str(file)) from error
        if str(number) in content["versions"]:
            raise Refusal("keys.taken", number=number)
        content["versions"][str(number)] = entry
        trial = path.with_name(f"{path.name}.trial")
        try:
            write_content(trial, content)
            read_ring(trial)
        finally:
            trial.unlink(missing_ok=True)
        write_content(path, content)
        note_keys("keys.return", number, at)
    return number


def listed() -> list[tuple[Version, bool, int]]:
    """Each version of the ring, whether it seals, and how many values need it."""
    keys, all_needs = fresh_ring(), needs()
    return [
        (
            version,
            version is keys.newest,
            sum(n.values for n in all_needs if n.version == number),
        )
        for number, version in sorted(keys.versions.items())
    ]
