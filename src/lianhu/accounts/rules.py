"""What a phone says of its own outbox. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """The highest number that a phone has given a letter, and its photos that still wait."""

    newest_seq: int | None = None
    photos_waiting: int = 0
