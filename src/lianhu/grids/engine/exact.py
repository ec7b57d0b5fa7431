"""Whether any division keeps the bounds: exact, on how many households of each size there are.

Where a household lives does not matter here, only its people, so a group of 80 households is
ten numbers. Used where the search, which looks for short ways, did not keep the bounds itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lianhu.grids.rules import Band

Counts = tuple[int, ...]
ENOUGH = 200_000  # steps; beyond it the question stays open, and the search's answer stands


@dataclass(slots=True)
class _Filling:
    """One question: households of `sizes` people into grids that hold both bands."""

    sizes: Sequence[int]
    households: Band
    people: Band
    steps: int = 0
    dead: set[tuple[Counts, int]] = field(default_factory=set)

    def fill(self, left: Counts, grids: int) -> list[Counts] | None:
        """Counts of each size for every grid; None where there are none, or none found."""
        heads = sum(c * s for c, s in zip(left, self.sizes, strict=True))
        if self.households.outside(sum(left), grids) or self.people.outside(heads, grids):
            return None
        if grids == 1:
            return [left]
        if (left, grids) in self.dead:
            return None
        for taken in self._grid(left, grids, 0, (), (0, 0), (sum(left), heads)):
            rest = tuple(a - b for a, b in zip(left, taken, strict=True))
            others = self.fill(rest, grids - 1)
            if others is not None:
                return [taken, *others]
            if self.steps > ENOUGH:
                return None
        self.dead.add((left, grids))
        return None

    def _grid(
        self,
        left: Counts,
        grids: int,
        kind: int,
        taken: Counts,
        has: tuple[int, int],
        may: tuple[int, int],
    ) -> Iterator[Counts]:
        """What one grid may take, nearest an even share first; sizes before `kind` are decided.

        (Households, people) that it `has`, and that the sizes from `kind` on `may` still bring.
        """
        self.steps += 1
        low = has[0] + may[0] < self.households.low or has[1] + may[1] < self.people.low
        high = has[0] > self.households.high or has[1] > self.people.high
        if low or high or self.steps > ENOUGH:
            return
        if kind == len(left):
            yield taken
            return
        size, there = self.sizes[kind], left[kind]
        rest = may[0] - there, may[1] - there * size
        for many in sorted(range(there + 1), key=lambda m: abs(m * grids - there)):
            more = has[0] + many, has[1] + many * size
            yield from self._grid(left, grids, kind + 1, (*taken, many), more, rest)


def fill(
    counts: Sequence[int], sizes: Sequence[int], grids: int, households: Band, people: Band
) -> list[Counts] | None:
    """For every grid how many households of each size it gets, so that both bands hold.

    None where that is impossible (or not settled within `ENOUGH` steps).
    """
    return _Filling(sizes, households, people).fill(tuple(counts), grids)


def impossible(
    counts: Sequence[int], sizes: Sequence[int], grids: int, households: Band, people: Band
) -> bool:
    """Whether it is certain that no division into that many grids holds both bands."""
    filling = _Filling(sizes, households, people)
    return filling.fill(tuple(counts), grids) is None and filling.steps <= ENOUGH
