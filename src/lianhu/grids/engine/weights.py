"""What a grid pays for its size, as tables: bounds first, evenness second, metres last."""

from dataclasses import dataclass

import numpy as np

from lianhu.grids.engine.arrays import Floats
from lianhu.grids.rules import Band, Bounds

STAKE = 4_000_000  # metres for the smallest violation: no saving of metres may buy it
UNEVEN = (
    200  # stakes are this many times what a person or household beyond the even share costs
)


def within_reach(total: int, grids: int, band: Band) -> Band:
    """The band, or the even share where the totals force grids outside it."""
    return Band(total // grids, -(-total // grids)) if band.outside(total, grids) else band


@dataclass(frozen=True, slots=True)
class Weights:
    """How metres compare with the rest.

    `stake` is the least that breaking a bound costs, `uneven` what one household or person
    costs beyond the even share of a violation that cannot be avoided, and `balance` what each
    household costs by which a grid differs from the mean of its group.
    """

    stake: int = STAKE
    uneven: int = STAKE // UNEVEN
    balance: float = 0.0

    def tables(
        self, households: int, people: int, grids: int, bounds: Bounds
    ) -> tuple[Floats, Floats]:
        """Metres that a grid pays for 0, 1, … households and for 0, 1, … people.

        Steps are whole numbers in the exact ratio of the half-bands, so that sums of them
        carry no rounding.
        """
        wide, broad = bounds.households.width, bounds.people.width
        unit = -(-self.stake // min(wide, broad))
        by_households = self._table(households, grids, bounds.households, unit * broad)
        by_people = self._table(people, grids, bounds.people, unit * wide)
        if self.balance:
            mean = households / grids
            by_households += self.balance * np.abs(np.arange(households + 1) - mean)
        return by_households, by_people

    def _table(self, total: int, grids: int, band: Band, step: int) -> Floats:
        """Convex in size: nothing inside the band, `step` for each unit outside it."""
        size = np.arange(total + 1)
        cost = np.maximum(band.low - size, 0) + np.maximum(size - band.high, 0)
        cost = cost * step
        aim = within_reach(total, grids, band)
        if aim is not band:
            cost += self.uneven * (
                np.maximum(aim.low - size, 0) + np.maximum(size - aim.high, 0)
            )
        return cost.astype(np.float64)
