"""What a code on a letter asks of its writer and of whoever settles it: `catalogue/letters.toml`."""

from dataclasses import dataclass
from functools import cache

from lianhu.kernel.catalogue import read


@dataclass(frozen=True, slots=True)
class Meaning:
    """`why` is "" where the words of the refusal itself say it."""

    sender: str
    desk: str
    why: str = ""


@cache
def meanings() -> dict[str, Meaning]:
    """By code, every code that a waiting letter can have."""
    return {code: Meaning(**entry) for code, entry in read("letters.toml")["codes"].items()}
