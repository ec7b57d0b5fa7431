"""What a grid pays for its size, as tables: bounds first, evenness second, metres last."""

import numpy as np

from lianhu.grids.engine.arrays import Floats
from lianhu.grids.rules import Band

BROKEN = 1e8  # metres per half-band outside a bound: no saving of metres may buy it
UNEVEN = 1e5  # metres per squared unit beyond the even share of what cannot be avoided


def within_reach(total: int, grids: int, band: Band) -> Band:
    """The band, or the even share where the totals force grids outside it."""
    return Band(total // grids, -(-total // grids)) if band.outside(total, grids) else band


def size_costs(total: int, grids: int, band: Band) -> Floats:
    """Metres a grid pays for a size of 0, 1, … `total`.

    Nothing inside the band, steep outside it; where the totals force grids outside, also curved
    round the even share, so that the bound is violated evenly.
    """
    size = np.arange(total + 1)
    off = np.maximum(band.low - size, 0) + np.maximum(size - band.high, 0)
    cost = 2 * BROKEN / band.width * off
    aim = within_reach(total, grids, band)
    if aim is not band:
        uneven = np.maximum(aim.low - size, 0) + np.maximum(size - aim.high, 0)
        cost += UNEVEN * uneven.astype(np.float64) ** 2
    return cost
