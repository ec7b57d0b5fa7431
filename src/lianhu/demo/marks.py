"""Identifiers that follow from the seed, so that the same seed builds the same rows."""

from enum import IntEnum
from uuid import UUID

from lianhu.kernel.ids import ALPHABET

# 2020-01-01 in milliseconds: whatever is made later on a running system sorts after the demo.
START_MS = 1_577_836_800_000
MASK = (1 << 64) - 1
MOST = 10**8  # identifiers of one sort: no real moment is so near to START_MS


class Sort(IntEnum):
    """What an identifier is of."""

    USER = 1
    GRANT = 2
    POSTING = 3
    HOUSEHOLD = 4
    PERSON = 5
    MATTER = 6
    STEP = 7
    VISIT = 8
    FACT = 9
    GRADE = 10
    RESOURCE = 11


def is_made_up(mark: UUID) -> bool:
    """Whether an identifier was made for the demo county."""
    return 0 <= (mark.int >> 80) - START_MS < MOST


def _mix(value: int) -> int:
    """SplitMix64: spreads neighbouring numbers over all 64 bits."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


class Marks:
    """Makes identifiers for one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = _mix(seed)

    def uuid(self, sort: Sort, number: int) -> UUID:
        """A UUID in the form of version 7 that sorts by `number` within its sort."""
        tail = _mix(self._seed ^ (number * 16 + sort)) >> 2
        value = (START_MS + number) << 80 | 0x7 << 76 | sort << 64 | 0x2 << 62 | tail
        return UUID(int=value)

    def follow_code(self, number: int) -> str:
        """A follow code of ten signs, different for each number below 2**50."""
        # An odd factor permutes the numbers below a power of two.
        value = (number * 0x2_5851_F42D_4C95 + self._seed) % (1 << 50)
        return "".join(ALPHABET[(value >> shift) & 31] for shift in range(45, -1, -5))
