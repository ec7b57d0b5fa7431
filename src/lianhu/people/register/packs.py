"""What was found in a workbook, packed for keeping: lines of JSON, compressed piece by piece.

A county's findings are thirty megabytes of text; they never stand in memory at once.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from lianhu.people.register.findings import Column, Person, Register

CHUNK = 2_000  # rows in one line
DRAUGHT = 1 << 18


class Found(msgspec.Struct):
    """What reading a draft gave, as it is kept."""

    register: Register
    understood: list[tuple[str, list[Column]]] = []
    cells: dict[str, str] = {}
    said: dict[str, Any] = {}


def pack(found: Found) -> bytes:
    """The findings compressed: a line without the rows, then the rows in lines of 2,000."""
    squeezer, rows = zlib.compressobj(1), found.register.rows
    found.register.rows = []
    pieces = [squeezer.compress(msgspec.json.encode(found) + b"\n")]
    for start in range(0, len(rows), CHUNK):
        line = msgspec.json.encode(rows[start : start + CHUNK])
        pieces.append(squeezer.compress(line + b"\n"))
    pieces.append(squeezer.flush())
    found.register.rows = rows
    return b"".join(pieces)


def unpack(packed: bytes) -> Found:
    """The findings as they were packed."""
    lines = _lines(packed)
    found = msgspec.json.decode(next(lines), type=Found)
    rows, said = msgspec.json.Decoder(list[Person]), _Once()
    for line in lines:
        found.register.rows += map(said.shared, rows.decode(line))
    return found


class _Once(dict[str | None, str | None]):
    """Texts that many rows have, each kept once: a third of what a county's rows weigh."""

    def __missing__(self, text: str | None) -> str | None:
        self[text] = text
        return text

    def shared(self, person: Person) -> Person:
        """The person, with the one copy of what others say too."""
        person.sheet = self[person.sheet] or ""
        person.relation, person.birth = self[person.relation], self[person.birth]
        person.village_code = self[person.village_code]
        person.group_code_suffix = self[person.group_code_suffix]
        return person


def _lines(packed: bytes) -> Iterator[bytes]:
    opener, left = zlib.decompressobj(), b""
    for start in range(0, len(packed), DRAUGHT):
        left += opener.decompress(packed[start : start + DRAUGHT])
        *whole, left = left.split(b"\n")
        yield from whole
    yield from (left + opener.flush()).split(b"\n")[:-1]
