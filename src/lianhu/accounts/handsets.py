"""What a phone says of its own outbox, and that its person was asked after."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lianhu.accounts.models import Device

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Told:
    """The highest number that a phone has given a letter, and its photos that still wait."""

    newest_seq: int | None = None
    photos_waiting: int = 0


def touch_device(
    device_id: UUID, seen_at: datetime, known: Told, told: Told | None = None, *, at: datetime
) -> None:
    """Note that a device was heard of, at most once an hour, and what it says, when that is new.

    Numbers only rise: a phone set back to an older state does not make us forget.
    """
    new: dict[str, Any] = {}
    if told is not None and told.photos_waiting != known.photos_waiting:
        new["photos_waiting"] = told.photos_waiting
    if told is not None and (told.newest_seq or 0) > (known.newest_seq or 0):
        new |= {"newest_seq": told.newest_seq, "newest_at": at}
    if new or at - seen_at > HOUR:
        # open to all: the phone that is calling.
        Device.objects.filter(id=device_id).update(seen_at=at, **new)


def handset_of(continues: UUID | None, user_id: UUID) -> UUID | None:
    """The handset of an earlier device of the same user, which a new one says it goes on."""
    # open to all: one's own devices.
    found = Device.objects.filter(id=continues, user_id=user_id).first() if continues else None
    return found.handset if found else None


def set_asked(device_id: UUID, seq: int, *, at: datetime) -> None:
    """Its person was asked after: numbers up to this one are missed no more."""
    # open to all: a device that the caller has found in reach.
    Device.objects.filter(id=device_id).update(asked_seq=seq, asked_at=at)
