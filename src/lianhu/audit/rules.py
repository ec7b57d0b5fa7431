"""What a sealed entry and a head look like in bytes: the same on every database. Pure.

A line is a JSON list of an entry's columns: numbers as numbers, the moment in UTC to the
microsecond, identifiers without dashes, the facts with sorted keys. A seal's hash covers the hash
before it, its own number and ranges, and the lines of its entries in the order of their ids.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

GENESIS = bytes(32)
Range = tuple[int, int]  # first and last id, both inclusive
HEAD = "lianhu-ledger-head/1"
EXACT = 2**53  # up to here a float and a whole number are the same thing
_PLAIN = frozenset({str, bool, type(None)})
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode


def facts_of(raw: str) -> Any:
    """The facts of an entry, whichever way a database wrote them down.

    PostgreSQL keeps numbers as decimals and so writes 1e16 as 10000000000000000: a whole number
    is written as one however it came, and one too large for a float to tell apart as a float.
    """
    value = _decode(raw)
    # Ten million entries are read within a minute: most facts are words alone.
    if type(value) is dict and _PLAIN.issuperset(map(type, value.values())):
        return value
    return _whole(value)


def _whole(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) > EXACT:
            return float(value)
        return int(value) if value == int(value) else value
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return value


def line(row: Sequence[Any]) -> bytes:
    """An entry's columns (the last one: facts as JSON text) as one line."""
    return _encode((*row[:-1], facts_of(row[-1])))


def seal_hash(
    before: bytes, number: int, ranges: Sequence[Range], lines: Iterable[bytes]
) -> bytes:
    """The hash of a seal over the one before it and its entries."""
    digest = hashlib.sha256(before)
    digest.update(_encode([number, [list(r) for r in ranges]]))
    for text in lines:
        digest.update(b"\n" + text)
    return digest.digest()


def ranges_of(ids: Iterable[int]) -> list[Range]:
    """Ascending ids as ranges without gaps: an id that is in none was never there."""
    found: list[Range] = []
    for number in ids:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


@dataclass(frozen=True, slots=True)
class Head:
    """The ledger up to one seal, signed: whoever holds it can tell whether that past still
    stands. `entries` counts every sealed entry."""

    epoch: str
    number: int
    entries: int
    hash: str
    at: str
    key: str = ""  # the public half, hex
    signature: str = ""

    def message(self) -> bytes:
        """What is signed."""
        parts = (HEAD, self.epoch, self.number, self.entries, self.hash, self.at)
        return "\n".join(str(part) for part in parts).encode()

    def paper(self) -> str:
        """One line to copy on paper: number, entries, and the hash in groups of four."""
        groups = " ".join(self.hash[n : n + 4] for n in range(0, len(self.hash), 4))
        return f"{self.at}  第 {self.number} 封  {self.entries} 条  {groups}"
