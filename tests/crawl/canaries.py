"""Words that stand in one row only, so that whoever reads one has read that row.

A canary has two halves: a handle, by which it may be looked for, and a secret. A page may echo
the handle that somebody typed; the secret can only come out of the row.
"""

import random
import re
from dataclasses import dataclass
from uuid import UUID

SIGNS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
MARK = "ZQ"
HANDLE, SECRET = 6, 8
# What searches look in.
SOUGHT = {("Household", "head_name"), ("Matter", "words"), ("Person", "name"), ("User", "name")}
# A secret; an identifier; a hash; an ID number; a phone.
MARKS = re.compile(
    rb"[Zz][Qq][0-9A-Za-z]{8}"
    rb"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    rb"|(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])"
    rb"|(?<!\d)(?:\d{17}[\dX]|\d{11})(?!\d)"
)
# Words in which one of them can stand: looking into these alone is six times as quick.
LONG = re.compile(rb"[0-9A-Za-z]{8}[0-9A-Za-z-]*")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose row it is: where, of which class, and who besides the place may read it."""

    place: str
    row_class: str = "ordinary"
    office: str = ""
    household: str = ""
    ref: str = ""
    accused: str = ""
    users: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Canary:
    """One column of one row; `column` is "id" for the row's identifier."""

    owner: Owner
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of {self.owner.place} ({self.owner.row_class})"


class Cage:
    """All canaries by the text that can be found in an answer."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.known: dict[bytes, Canary] = {}
        self.handles: list[tuple[str, Owner]] = []
        self.sought: list[tuple[str, Owner]] = []  # those of them that pages search by

    def _signs(self, number: int) -> str:
        return "".join(self.dice.choice(SIGNS) for _ in range(number))

    def text(self, canary: Canary, room: int) -> str:
        """A text for a column of `room` signs: with a handle where there is room for one."""
        secret = MARK + self._signs(SECRET)
        self.known[secret.encode()] = canary
        if room < HANDLE + len(secret):
            return secret
        handle = self._signs(HANDLE)
        self.handles.append((handle, canary.owner))
        if (canary.table, canary.column) in SOUGHT:
            self.sought.append((handle, canary.owner))
        return handle + secret

    def number(self, canary: Canary, text: str) -> str:
        """A number that was made elsewhere."""
        self.known[text.encode()] = canary
        return text

    def identity(self, canary: Canary) -> UUID:
        """An identifier, known in both of its forms."""
        return self.name(UUID(int=self.dice.getrandbits(128), version=4), canary)

    def name(self, key: UUID, canary: Canary) -> UUID:
        """An identifier that was made elsewhere."""
        for text in (str(key), key.hex):
            self.known[text.encode()] = canary
        return key

    def find(self, content: bytes) -> dict[bytes, Canary]:
        """Every canary in some bytes."""
        found = {}
        for word in LONG.findall(content):
            for text in MARKS.findall(word):
                key = text.upper() if text[:2] == b"zq" else text
                if (canary := self.known.get(key)) is not None:
                    found[text] = canary
        return found
