"""A phone's unsent letters from a file: opened, and judged as if the phone had sent them."""

import base64
import binascii
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.models import Device
from lianhu.accounts.queries.actors import actor_for, digest
from lianhu.accounts.queries.devices import device_of_credential, list_devices
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.exchange import envelope_of, open_envelope
from lianhu.kernel.scope import Whole, whole_county
from lianhu.letters.actions.receiving import Answer, Incoming, receive
from lianhu.letters.rules import MOST_LETTERS
from lianhu.media.actions import receive_part

FORMAT = "lianhu-rescue/1"
MOST_FILE = 30 * 1024 * 1024
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of a file: its phone, each letter's outcome, photos that are whole now or not."""

    device: Device
    answers: list[Answer]
    photos: int
    photos_refused: int

    @property
    def counts(self) -> Counter[str]:
        """How many letters have each outcome."""
        return Counter(str(answer.outcome) for answer in self.answers)


def import_rescue(actor: Actor, raw: bytes, *, at: datetime) -> Rescued:
    """Take the letters and photos of a file under the device that wrote it, exactly once.

    The credential inside says which device that is; one that was revoked, or took another
    credential meanwhile, may still hand in what it wrote. Refuses ``rescue.unreadable``,
    ``rescue.key_gone`` (sealed to a key that the county no longer has), ``rescue.foreign`` (not of
    a device in reach).
    """
    content = open_file(raw)
    device = device_of_credential(list_devices(actor), digest(str(content.get("credential"))))
    if device is None:
        raise Refusal("rescue.foreign")
    letters, photos = _letters(content), _photos(content)
    sender = actor_for(device.user, on=localdate(at))
    answers: list[Answer] = []
    with whole_county(Whole.RESCUE):
        for start in range(0, len(letters), MOST_LETTERS):
            answers += receive(sender, device.id, letters[start : start + MOST_LETTERS], at=at)
    whole = sum(_take(sender, sha256, data, at) for sha256, data in photos)
    place = actor.scopes["device.manage"][0]
    record(
        actor, "device.rescue", "device", device.id, place, at=at, quiet=True,
        users=[device.user_id], letters=len(answers), photos=whole,
    )  # fmt: skip
    return Rescued(device, answers, whole, len(photos) - whole)


def open_file(raw: bytes) -> Content:
    """What a file holds. Refuses ``rescue.unreadable``, ``rescue.key_gone``."""
    outer = envelope_of(raw, FORMAT)
    if outer is None:
        raise Refusal("rescue.unreadable")
    try:
        content = json.loads(open_envelope(outer, FORMAT))
    except (ValueError, RecursionError) as error:
        raise Refusal("rescue.unreadable") from error
    except Refusal as refusal:
        gone = refusal.code == "exchange.no_version"
        raise Refusal("rescue.key_gone" if gone else "rescue.unreadable") from refusal
    if not isinstance(content, dict):
        raise Refusal("rescue.unreadable")
    return content


def _letters(content: Content) -> list[Incoming]:
    try:
        return [
            Incoming(
                UUID(row["id"]),
                str(row["sha256"]),
                str(row["text"]),
                tuple(str(name) for name in row["media"]),
            )
            for row in content["letters"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("rescue.unreadable") from error


def _photos(content: Content) -> list[tuple[str, bytes]]:
    try:
        return [
            (str(row["sha256"]), base64.b64decode(row["data"])) for row in content["photos"]
        ]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise Refusal("rescue.unreadable") from error


def _take(sender: Actor, sha256: str, data: bytes, at: datetime) -> bool:
    """Keep one photo; one that is no photo holds up nothing."""
    try:
        return receive_part(sender, sha256, 0, len(data), data, at=at) is None
    except Refusal:
        return False
