"""The arrays that the compiled functions pass around."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lianhu.grids.engine.compiled import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Problem(NamedTuple):
    """One group of n households to divide into k grids.

    `dist` (n, n) and `extra` (n, k) are metres: between houses, and for being in a grid at all.
    `kind` is the index of a household's people in `sizes`. `fc[c]` and `fp[p]` are what a grid
    pays for holding c households or p people; `band` is what it should hold (households low,
    high, people low, high). `pin` is the grid a household stays in, or -1.
    """

    dist: Floats
    extra: Floats
    people: Ints
    kind: Ints
    sizes: Ints
    fc: Floats
    fp: Floats
    band: Floats
    pin: Ints


class State(NamedTuple):
    """A division: per household its grid; per grid its medoid, households and people.

    `reach[g, j]` is the sum of distances of all households of grid g to household j.
    """

    grid: Ints
    medoid: Ints
    size: Ints
    heads: Ints
    reach: Floats


class Book(NamedTuple):
    """What the descent keeps at hand: per (grid, kind, other grid) the cheapest leaver.

    `cost[i, g]` is what household i pays in grid g; `first`, `after`, `before` chain the free
    households of each (grid, kind); `move` is (from, to, kind out, kind back or -1).
    """

    cost: Floats
    least: Floats
    who: Ints
    first: Ints
    after: Ints
    before: Ints
    move: Ints


@compiled
def new_state(n: int, k: int) -> State:
    """A state to write into."""
    return State(
        np.zeros(n, np.int64),
        np.zeros(k, np.int64),
        np.zeros(k, np.int64),
        np.zeros(k, np.int64),
        np.zeros((k, n)),
    )


@compiled
def new_book(n: int, k: int, kinds: int) -> Book:
    """A book to write into."""
    return Book(
        np.zeros((n, k)),
        np.zeros((k, kinds, k)),
        np.zeros((k, kinds, k), np.int64),
        np.zeros((k, kinds), np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(4, np.int64),
    )
