"""What must not come back with a restored backup: a list beside the keys, outside the database.

Entries whose verb stands in `lasting` of catalogue/keeping.toml (a phone revoked, a role ended, a
password reset, a person deleted) are appended before their seal is kept, so none can be missed; a
crash between may write one twice, and doing it twice is doing it once.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from lianhu.audit.models import Entry
from lianhu.audit.queries import epoch
from lianhu.audit.rules import Range
from lianhu.kernel.catalogue import read


def lasting_file() -> Path:
    """Where the list is kept."""
    return Path(settings.LIANHU_KEYS).with_name("lasting.jsonl")


def remember(ranges: Iterable[Range]) -> None:
    """Append those entries of some ranges that must outlast a restore."""
    verbs = read("keeping.toml")["lasting"]["verbs"]
    found: list[dict[str, Any]] = []
    for first, last in ranges:
        # open to all: written by the sealer into a file that only the service can read.
        rows = Entry.objects.filter(id__gte=first, id__lte=last, verb__in=verbs)
        found += [
            {
                "at": row.at.isoformat(),
                "epoch": str(epoch()),
                "entry": row.id,
                "verb": row.verb,
                "object_id": row.object_id,
                "facts": row.facts,
            }
            for row in rows.order_by("id")
        ]
    if found:
        append(found)


def append(lines: Iterable[dict[str, Any]]) -> None:
    """Add lines to the list, durably."""
    path = lasting_file()
    text = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in lines)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read_lasting(path: Path) -> list[dict[str, Any]]:
    """The lines of a list; a last line that a crash cut off is left out."""
    if not path.is_file():
        return []
    found = []
    for text in path.read_text().splitlines():
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found
