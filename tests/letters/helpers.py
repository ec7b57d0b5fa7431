"""Make letters as a phone does."""

import hashlib
import json
from typing import Any
from uuid import UUID

from lianhu.accounts.models import Device
from lianhu.accounts.queries.actors import actor_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.ids import uuid7
from lianhu.letters.actions.receiving import Answer, Incoming, receive
from tests import cast

REPORT = {"category": "environment", "words": "桥头的垃圾堆了三天", "visibility": "ordinary"}


def text_of(kind: str = "matter.report/1", place: str = cast.EAST_GRID, **body: Any) -> str:
    """A letter's text; further names replace fields of the body."""
    return json.dumps(
        {
            "kind": kind,
            "device_seq": 1,
            "captured_at": "2026-11-23T09:41:00+08:00",
            "place": place,
            "body": body or REPORT,
        },
        ensure_ascii=False,
    )


def sha(text: str) -> str:
    """The hash of a text's bytes; lone surrogates count as the bytes a broken phone would send."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def incoming(text: str | None = None, letter_id: UUID | None = None, **fields: Any) -> Incoming:
    """A letter as it stands in a request."""
    text = text_of() if text is None else text
    return Incoming(letter_id or uuid7(), fields.pop("sha256", sha(text)), text, **fields)


def wire(letter: Incoming) -> dict[str, Any]:
    """A letter as JSON."""
    return {
        "id": str(letter.id),
        "sha256": letter.sha256,
        "text": letter.text,
        "media": list(letter.media),
    }


def send(device: Device, *letters: Incoming, on: Any = cast.TODAY) -> list[Answer]:
    """Give letters to the office as this device's user of a day."""
    actor: Actor = actor_for(device.user, on=on)
    return receive(actor, device.id, letters, at=cast.NOON)


def outcomes(answers: list[Answer]) -> list[str]:
    """Outcome and code of each answer."""
    return [f"{a.outcome} {a.code}".strip() for a in answers]
