"""Made-up families: who belongs to each household, how old, of which sex, and who is its head.

A family is a set of slots on a line of descent: elders, the middle couple, an unmarried brother
or sister, up to three children, the eldest child's wife and one great-grandchild. Ages follow
the line, so that parents are at least fifteen years older than their children and nobody under
twenty is married. The shares of kinds are set so that the people at home come near the census
of 2020 in `catalogue/territory/610921/stats.json`; tests/demo/test_population.py says how near.
"""

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np

from lianhu.demo.arrays import Bools, Ints


class Slot(IntEnum):
    """A place in the family; the order is the order on the household's page."""

    ELDER_MAN = 0
    ELDER_WOMAN = 1
    MIDDLE = 2  # the child of the elders
    SPOUSE = 3  # husband or wife of MIDDLE
    SIBLING = 4  # MIDDLE's unmarried brother or sister
    CHILD_1 = 5
    CHILD_1_WIFE = 6
    CHILD_2 = 7
    CHILD_3 = 8
    GREAT = 9  # CHILD_1's child


class Kind(IntEnum):
    """The composition of a family as registered."""

    ELDER = 0  # one person of 62 or more
    SINGLE = 1
    ELDERS = 2
    COUPLE = 3
    NUCLEAR = 4
    PARENT = 5
    STEM = 6  # three generations
    JOINT = 7  # elders and a couple whose children are gone
    BACHELOR = 8  # elders and an unmarried son or daughter
    FOUR = 9  # four generations


SHARES = (0.093, 0.165, 0.08, 0.1, 0.268, 0.033, 0.2, 0.022, 0.034, 0.005)
MEAN_SIZE = 3.13  # registered persons per household: 313,000 in 100,000
OLDEST = 97
ELDERS, MIDDLES = (Slot.ELDER_MAN, Slot.ELDER_WOMAN), (Slot.MIDDLE, Slot.SPOUSE)
CHILDREN = (Slot.CHILD_1, Slot.CHILD_2, Slot.CHILD_3)


@dataclass(frozen=True, slots=True)
class Families:
    """One row per household, one column per slot; `age` is 0 and `male` False where absent."""

    kind: Ints
    here: Bools
    age: Ints
    male: Bools
    head: Ints  # the slot of the head

    def __len__(self) -> int:
        return len(self.kind)


def make_families(rng: np.random.Generator, households: int, people: int) -> Families:
    """Families of exactly that many households and persons together.

    Children are added or left out at random until the number of persons is exact.
    """
    kind = rng.choice(len(SHARES), households, p=np.array(SHARES) / sum(SHARES))
    here = np.zeros((households, len(Slot)), dtype=np.bool_)
    age = np.zeros((households, len(Slot)), dtype=np.int64)
    male = rng.random((households, len(Slot))) < 0.54
    male[:, Slot.ELDER_MAN], male[:, Slot.ELDER_WOMAN] = True, False
    _middle_and_children(rng, kind, here, age)
    _elders(rng, kind, here, age)
    _who(rng, kind, here, age, male)
    _fit(rng, here, age, people)
    male[:, Slot.SPOUSE] = ~male[:, Slot.MIDDLE]
    male[:, Slot.CHILD_1] |= kind == Kind.FOUR
    male[:, Slot.CHILD_1_WIFE] = False
    np.clip(age, 0, OLDEST, out=age)
    return Families(kind, here, age * here, male & here, _heads(rng, here, age))


def _between(
    rng: np.random.Generator, size: int, low: float, high: float, a: float, b: float
) -> Ints:
    """Whole years between two ages (inclusive) after a beta distribution."""
    return np.rint(low + (high - low) * rng.beta(a, b, size)).astype(np.int64)


def _middle_and_children(rng: np.random.Generator, kind: Ints, here: Bools, age: Ints) -> None:
    """Children first, then a mother old enough for the eldest, then her husband."""
    size = len(kind)
    with_children = np.isin(kind, (Kind.NUCLEAR, Kind.PARENT, Kind.STEM))
    age[:, Slot.CHILD_1] = _between(rng, size, 0, 28, 1.25, 1.2)
    count = 1 + (rng.random((size, 2)) < (0.72, 0.3)).cumprod(axis=1).sum(axis=1)
    for number, (older, younger) in enumerate(pairwise(CHILDREN), 2):
        age[:, younger] = age[:, older] - 1 - np.minimum(rng.poisson(2.6, size), 9)
        here[:, younger] = with_children & (count >= number) & (age[:, younger] >= 0)
    here[:, Slot.CHILD_1] = with_children
    four = kind == Kind.FOUR
    age[four, Slot.CHILD_1] = _between(rng, int(four.sum()), 23, 32, 2, 2)
    for slot in (Slot.CHILD_1, Slot.CHILD_1_WIFE, Slot.GREAT):
        here[four, slot] = True
    age[:, Slot.CHILD_1_WIFE] = np.maximum(age[:, Slot.CHILD_1] - rng.integers(0, 4, size), 21)
    age[:, Slot.GREAT] = np.minimum(rng.integers(0, 5, size), age[:, Slot.CHILD_1_WIFE] - 20)
    birth = np.clip(np.rint(rng.normal(24.5, 3.4, size)), 20, 38).astype(np.int64)
    woman = age[:, Slot.CHILD_1] + birth
    woman = np.where(kind == Kind.COUPLE, _between(rng, size, 27, 64, 2.1, 1.3), woman)
    woman = np.where(kind == Kind.JOINT, _between(rng, size, 42, 58, 2, 2), woman)
    man = np.maximum(woman + np.rint(rng.normal(2.3, 2.4, size)).astype(np.int64), 22)
    man = np.where(with_children | four, np.maximum(man, age[:, Slot.CHILD_1] + 20), man)
    # Which of the two is the child of the elders is settled in _who, ages with it.
    age[:, Slot.MIDDLE], age[:, Slot.SPOUSE] = man, woman
    couple = np.isin(kind, (Kind.COUPLE, Kind.NUCLEAR, Kind.STEM, Kind.JOINT, Kind.FOUR))
    here[:, Slot.MIDDLE] = couple | np.isin(kind, (Kind.SINGLE, Kind.PARENT, Kind.BACHELOR))
    # One couple in twelve of three generations is broken by divorce or death.
    here[:, Slot.SPOUSE] = couple & ~((kind == Kind.STEM) & (rng.random(size) < 0.08))
    alone = kind == Kind.SINGLE
    age[alone, Slot.MIDDLE] = _between(rng, int(alone.sum()), 22, 63, 1.9, 1.25)
    bachelor = kind == Kind.BACHELOR
    age[bachelor, Slot.MIDDLE] = _between(rng, int(bachelor.sum()), 24, 56, 1.2, 1.5)


def _elders(rng: np.random.Generator, kind: Ints, here: Bools, age: Ints) -> None:
    """Elders alone, in couples, or above the middle couple."""
    size = len(kind)
    oldest_below = np.maximum(age[:, Slot.MIDDLE], age[:, Slot.SPOUSE] * here[:, Slot.SPOUSE])
    birth = np.clip(np.rint(rng.normal(23.5, 3.3, size)), 17, 36).astype(np.int64)
    woman = oldest_below + birth
    lone = np.isin(kind, (Kind.ELDER, Kind.ELDERS))
    woman = np.where(lone, _between(rng, size, 58, 92, 1.15, 2.6), woman)
    woman = np.where(kind == Kind.ELDER, np.maximum(woman, 62), woman)
    man = np.maximum(woman + np.rint(rng.normal(2.5, 2.8, size)).astype(np.int64), 56)
    man = np.where(lone, man, np.maximum(man, oldest_below + 17))
    age[:, Slot.ELDER_MAN], age[:, Slot.ELDER_WOMAN] = man, woman
    above = np.isin(kind, (Kind.STEM, Kind.JOINT, Kind.BACHELOR, Kind.FOUR))
    chance = rng.random(size)
    # Widowhood grows with age; men die earlier.
    widowed = above & (chance < np.clip((woman - 52) / 45, 0.12, 0.85))
    man_left = rng.random(size) < 0.4
    single = kind == Kind.ELDER
    here[:, Slot.ELDER_MAN] = (kind == Kind.ELDERS) | (above & (~widowed | man_left))
    here[:, Slot.ELDER_WOMAN] = (kind == Kind.ELDERS) | (above & (~widowed | ~man_left))
    here[:, Slot.ELDER_MAN] |= single & man_left
    here[:, Slot.ELDER_WOMAN] |= single & ~man_left


def _who(rng: np.random.Generator, kind: Ints, here: Bools, age: Ints, male: Bools) -> None:
    """Settle the sexes of the middle generation and put a sibling into some families."""
    size = len(kind)
    share = np.full(size, 0.94)  # one in sixteen lives with the wife's parents
    share[kind == Kind.SINGLE] = 0.8
    share[kind == Kind.BACHELOR] = 0.8
    share[kind == Kind.PARENT] = 0.45
    share[np.isin(kind, (Kind.COUPLE, Kind.NUCLEAR))] = 1.0
    man = rng.random(size) < share
    male[:, Slot.MIDDLE] = man
    swap = ~man & np.isin(kind, (Kind.STEM, Kind.JOINT, Kind.FOUR, Kind.PARENT))
    age[swap, Slot.MIDDLE], age[swap, Slot.SPOUSE] = (
        age[swap, Slot.SPOUSE],
        age[swap, Slot.MIDDLE],
    )
    brother = np.isin(kind, (Kind.STEM, Kind.BACHELOR)) & (rng.random(size) < 0.07)
    here[:, Slot.SIBLING] = brother & (age[:, Slot.MIDDLE] >= 24)
    age[:, Slot.SIBLING] = age[:, Slot.MIDDLE] - rng.integers(1, 7, size)
    # A brother or sister may not be older than the elders allow.
    too_many = here.sum(axis=1) > 8
    here[too_many, Slot.SIBLING] = False


def _fit(rng: np.random.Generator, here: Bools, age: Ints, people: int) -> None:
    """Add or leave out younger children until exactly `people` persons are there."""
    while (more := people - int(here.sum())) != 0:
        if more > 0:
            slot = Slot.CHILD_2
            fit = here[:, Slot.CHILD_1] & ~here[:, slot] & (age[:, Slot.CHILD_1] >= 2)
            if not fit.any():
                slot = Slot.CHILD_3
                fit = here[:, Slot.CHILD_2] & ~here[:, slot] & (age[:, Slot.CHILD_2] >= 2)
            older = CHILDREN[CHILDREN.index(slot) - 1]
        else:
            slot = Slot.CHILD_3
            fit = here[:, slot]
            if not fit.any():
                slot, fit = Slot.CHILD_2, here[:, Slot.CHILD_2]
            older = slot
        rows = np.flatnonzero(fit)
        rows = rng.choice(rows, min(abs(more), len(rows)), replace=False)
        if more > 0:
            gap = rng.integers(1, 6, len(rows))
            age[rows, slot] = np.maximum(age[rows, older] - gap, 0)
        here[rows, slot] = more > 0


def _heads(rng: np.random.Generator, here: Bools, age: Ints) -> Ints:
    """The elder man while he is strong, else the child of the elders, else the elder woman."""
    strong = (
        here[:, Slot.ELDER_MAN] & (age[:, Slot.ELDER_MAN] < 76) & (rng.random(len(here)) < 0.55)
    )
    middle = here[:, Slot.MIDDLE]
    order = np.where(here[:, Slot.ELDER_MAN], Slot.ELDER_MAN, Slot.ELDER_WOMAN)
    return np.where(strong | ~middle, order, Slot.MIDDLE).astype(np.int64)
