"""What a grid pays for its size, as tables: bounds first, evenness second, metres last."""

import numpy as np

from lianhu.grids.engine.arrays import Floats
from lianhu.grids.rules import Band

BROKEN = 1e8  # metres per half-band outside a bound: no saving of metres may buy it
UNEVEN = 1e5  # metres per squared unit beyond the even share of what cannot be avoided


def size_costs(total: int, grids: int, band: Band) -> Floats:
    """Metres a grid pays for a size of 0, 1, … `total`.

    Nothing inside the band, steep outside it; where the totals force grids outside, also curved
    round the even share, so that they are violated evenly.
    """
    size = np.arange(total + 1)
    off = np.maximum(band.low - size, 0) + np.maximum(size - band.high, 0)
    cost = BROKEN * off / float(band.half)
    if band.outside(total, grids):
        share = np.maximum(total // grids - size, 0) + np.maximum(size + -total // grids, 0)
        cost = cost + UNEVEN * share.astype(np.float64) ** 2
    return cost
