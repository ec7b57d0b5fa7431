"""Take a version out of the ring once nothing needs it, and bring one back for an old backup.

A phone that has not been heard from for months may still hand in a file of unsent letters that is
sealed to a version's public key. So the key that opens such files, and nothing else, stays in the
ring until somebody decides that no such file will come any more (`forget`).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from lianhu.accounts.models import Device
from lianhu.keeping.actions.rotate import alone, note_keys
from lianhu.keeping.sealed import needs
from lianhu.kernel.errors import Refusal
from lianhu.kernel.exchange import kept_key
from lianhu.kernel.keyring import (
    Content,
    Version,
    fresh_ring,
    read_content,
    read_ring,
    write_content,
)


@dataclass(frozen=True, slots=True)
class Retired:
    """A version of which only the key for phones' files is left; since when, and how many phones
    in use have not been heard from since, so that they may still seal to it."""

    number: int
    since: datetime
    phones: int


def _ring_file() -> Path:
    return Path(settings.LIANHU_KEYS)


def retire(number: int, *, at: datetime) -> Path:
    """Take a version out of the ring; the file beside it that holds the version from now on.

    Backups made under it need that file; phones' files still open. Refuses
    ``keys.no_version``, ``keys.in_use`` (it seals), ``keys.needed`` (values in the database are
    of it), ``keys.busy``.
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
        kept = {"key": kept_key(keys.versions[number]), "since": at.isoformat()}
        content.setdefault("exchange", {})[str(number)] = kept
        write_content(path, content)
        note_keys("keys.retire", number, at)
    return aside


def forget(number: int, *, anyway: bool = False, at: datetime) -> int:
    """Give up the key for phones' files of a version that was retired: such a file is refused from
    now on. How many phones may still seal to it: with any, only when asked to `anyway`.

    Refuses ``keys.not_retired``, ``keys.phones_out``, ``keys.busy``.
    """
    path = _ring_file()
    with alone():
        content = read_content(path)
        found = next((one for one in _retired(content) if one.number == number), None)
        if found is None:
            raise Refusal("keys.not_retired", number=number)
        if found.phones and not anyway:
            raise Refusal("keys.phones_out", number=number, phones=found.phones)
        del content["exchange"][str(number)]
        write_content(path, content)
        note_keys("keys.forget", number, at, phones=found.phones)
    return found.phones


def list_retired() -> list[Retired]:
    """Versions of which phones' files still open, oldest first. One query for each."""
    return _retired(read_content(_ring_file()))


def _retired(content: Content) -> list[Retired]:
    found = [
        (int(number), datetime.fromisoformat(kept["since"]))
        for number, kept in content.get("exchange", {}).items()
    ]
    return [Retired(number, since, _unheard(since)) for number, since in sorted(found)]


def _unheard(since: datetime) -> int:
    # open to all: the keys are the whole county's; the command line is the gate.
    return Device.objects.filter(revoked_at=None, seen_at__lt=since).count()


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
        content.get("exchange", {}).pop(str(number), None)
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
