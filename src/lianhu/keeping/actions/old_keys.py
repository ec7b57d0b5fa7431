"""Persons' keys beside backups: which lie there longer than they may, and their removal.

The daily rehearsal clears the folder that LIANHU_BACKUPS names, and no other: in a folder of
somebody's own the keys stay until somebody removes them, so whoever backs up or verifies is told.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate

from lianhu.keeping.store.manifest import locked
from lianhu.keeping.store.person_keys import clear_keys, overdue_keys
from lianhu.kernel.catalogue import in_force, read


def key_days(today: date) -> int:
    """How many days persons' keys may lie beside a backup."""
    return int(in_force(read("keeping.toml")["person_keys"], today)["days"])


def told_of_keys(folder: Path, *, at: datetime) -> dict[str, Any]:
    """What a run says of the keys in its folder: after how many days they are due to be removed,
    whether nobody does it but by hand, and the backups whose keys are due by now."""
    today = localdate(at)
    days, ours = key_days(today), settings.LIANHU_BACKUPS
    return {
        "key_days": days,
        "by_hand": not ours or Path(ours).resolve() != folder.resolve(),
        "keys_due": overdue_keys(folder, today=today, days=days),
    }


def clear_due_keys(folder: Path, *, at: datetime) -> list[str]:
    """Remove the keys that are due in a folder of backups but the newest, without which nothing of
    persons could be restored; the names of their backups. Refuses ``keeping.busy``."""
    today = localdate(at)
    with locked(folder):
        return clear_keys(folder, today=today, days=key_days(today))
