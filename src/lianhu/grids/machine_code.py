"""`python -m lianhu.grids.machine_code` makes the machine code of the division, once and for all.

A compiled function is made when it is first called, which takes half a minute of a processor for
all of them: set-up does it, so that neither an officer nor a measurement waits for it.
"""

import numpy as np

from lianhu.grids.engine.arrays import Floats, Ints
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.redivide import redivide
from lianhu.grids.proving import prove_division
from lianhu.grids.rules import Bounds

Columns = tuple[Ints, Floats, Floats, Ints]
SEED, SECONDS, DRIFT = 321, 600.0, 0.05
# Households and dice of each group: hamlets that prices alone do not settle, so that a proof
# branches and shares out; one grid; and one so small that no division keeps the bounds.
GROUPS = ((78, 4), (78, 9), (104, 1), (25, 1), (9, 1))


def made_up() -> Columns:
    """Group, x, y in metres and people of households in three hamlets a group."""
    parts = []
    for number, (households, dice) in enumerate(GROUPS):
        rng = np.random.default_rng(dice)
        hamlet = rng.integers(0, 3, households)
        x, y = hamlet * 900.0 + rng.normal(0, 80, households), rng.normal(0, 80, households)
        parts.append((np.full(households, number), x, y, rng.integers(1, 6, households)))
    group, x, y, people = (np.concatenate(column) for column in zip(*parts, strict=True))
    return group, x, y, people


def make() -> None:
    """Divide, prove and divide again, so that every function is called."""
    columns, bounds = made_up(), Bounds()
    group, x, y, people = columns
    division = divide_groups(*columns, bounds, seed=SEED)
    prove_division(columns, division, bounds, seconds=SECONDS, processes=1)
    before, more = division.grid, people + (np.arange(group.size) % 9 == 0)
    locks = np.where(np.arange(group.size) % 40 == 0, before, 0)
    redivide(group, x, y, more, bounds, before=before, seed=SEED, drift=DRIFT, locks=locks)


if __name__ == "__main__":
    make()
