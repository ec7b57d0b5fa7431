"""The arrays that the compiled functions pass around."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Problem(NamedTuple):
    """One group of n households to divide into k grids.

    `dist` (n, n) and `extra` (n, k) are metres: between houses, and for being in a grid at all.
    `kind` is the index of a household's people in `sizes`. `fc[c]` and `fp[p]` are what a grid
    pays for holding c households or p people. `pin` is the grid a household stays in, or -1.
    """

    dist: Floats
    extra: Floats
    people: Ints
    kind: Ints
    sizes: Ints
    fc: Floats
    fp: Floats
    pin: Ints


class State(NamedTuple):
    """A division: per household its grid, per grid its medoid, households and people."""

    grid: Ints
    medoid: Ints
    size: Ints
    heads: Ints
