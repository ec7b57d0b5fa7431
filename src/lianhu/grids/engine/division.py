"""What the engine gives back: plain values, one entry per group."""

from dataclasses import dataclass

from lianhu.grids.engine.arrays import Ints
from lianhu.grids.rules import Violation


@dataclass(frozen=True, slots=True)
class GroupDivision:
    """One group divided into `grids` grids.

    `walk_m` sums the metres from each household to its grid's medoid house. `numbers` are
    1, 2, … unless locks left a gap; per number, `sizes` holds (households, people) and
    `medoids` the row of the input. `reason` is Chinese, empty where every bound is kept.
    """

    group: int
    grids: int
    walk_m: float
    numbers: tuple[int, ...]
    sizes: tuple[tuple[int, int], ...]
    medoids: tuple[int, ...]
    violations: tuple[Violation, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Division:
    """The grid number of every household inside its group, and what came of each group."""

    grid: Ints
    groups: tuple[GroupDivision, ...]

    @property
    def walk_m(self) -> float:
        """Metres over all groups."""
        return sum(g.walk_m for g in self.groups)
