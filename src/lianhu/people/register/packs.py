"""What was found in a workbook, packed for keeping: lines of JSON, compressed piece by piece.

A county's findings are thirty megabytes of text; they never stand in memory at once. The first line
is all that a page shows; the rows come after it.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from lianhu.kernel.memory import large_work
from lianhu.people.register.findings import Column, Person, Register

CHUNK = 2_000  # rows in one line
DRAUGHT = 1 << 18


class Found(msgspec.Struct):
    """What reading a draft gave, as it is kept. `persons` are those taken of each sheet, and `named`
    the names on rows that a problem is about, by sheet and row; packing counts them."""

    register: Register
    understood: list[tuple[str, list[Column]]] = []
    cells: dict[str, str] = {}
    said: dict[str, Any] = {}
    persons: dict[str, int] = {}  # none: nobody was taken, or packed before they were counted
    named: dict[str, dict[int, str]] = {}

    def count(self) -> None:
        """Count persons and note names, from the rows."""
        register = self.register
        self.persons = dict(Counter(person.sheet for person in register.rows))
        faulty = {(problem.sheet, problem.row) for problem in register.problems}
        self.named = {}
        for person in register.rows:
            if (person.sheet, person.row) in faulty:
                self.named.setdefault(person.sheet, {})[person.row] = person.name


def pack(found: Found) -> bytes:
    """The findings compressed: a line without the rows, then the rows in lines of 2,000."""
    found.count()
    squeezer, rows = zlib.compressobj(1), found.register.rows
    found.register.rows = []
    pieces = [squeezer.compress(msgspec.json.encode(found) + b"\n")]
    for start in range(0, len(rows), CHUNK):
        line = msgspec.json.encode(rows[start : start + CHUNK])
        pieces.append(squeezer.compress(line + b"\n"))
    pieces.append(squeezer.flush())
    found.register.rows = rows
    return b"".join(pieces)


def unpack(packed: bytes, *, rows: bool = True) -> Found:
    """The findings as they were packed; without the rows, which take most of the time, where
    nobody asks for them."""
    lines = _lines(packed)
    found = msgspec.json.decode(next(lines), type=Found)
    if not rows and found.persons:
        return found
    persons, said = msgspec.json.Decoder(list[Person]), _Once()
    with large_work():
        for line in lines:
            found.register.rows += map(said.shared, persons.decode(line))
    if not found.persons:
        found.count()
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
