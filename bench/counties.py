"""Made-up counties for measurements: hamlets strung along valleys, households of 1-8 people; and
the demo's own."""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lianhu.demo.county import make_county
from lianhu.demo.geography import SCALE
from lianhu.demo.plan import make_plan

SHARES = (0.17, 0.26, 0.22, 0.17, 0.09, 0.06, 0.02, 0.01)  # of households with 1, 2, … 8 people


class County(NamedTuple):
    """One row per household: its group, its point in metres, its people."""

    group: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    people: NDArray[np.int64]


def county(seed: int, *, households: int = 90_000, groups: int = 1_150) -> County:
    """A county of exactly these totals; the same for the same seed.

    Each group is a valley (a smooth random walk of some kilometres) with 2-9 hamlets along it,
    houses around each hamlet's middle and one in eight strewn along the valley.
    """
    rng = np.random.default_rng(seed)
    share = rng.gamma(6.0, size=groups)
    size = rng.multinomial(households, share / share.sum())
    parts = [_valley(rng, int(n)) for n in size]
    group = np.repeat(np.arange(groups), size)
    points = np.concatenate(parts)
    people = rng.choice(np.arange(1, 9), size=households, p=SHARES)
    return County(group, points[:, 0].copy(), points[:, 1].copy(), people)


def demo_county() -> County:
    """The whole county that `lianhu demo` builds, its households as they stand there."""
    plan = make_plan(scale=1.0, seed=321, days=365, today=date(2026, 11, 24))
    people = make_county(plan, str).people
    metres = people.points / SCALE
    sizes = np.diff(people.first)
    return County(people.group, metres[:, 0].copy(), metres[:, 1].copy(), sizes)


def _valley(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Points of n houses, to the metre."""
    length = rng.uniform(600, 4_000)
    turn = rng.normal(0, 0.35, 40).cumsum() + rng.uniform(0, 2 * np.pi)
    path = np.stack([np.cos(turn), np.sin(turn)], 1).cumsum(0) * (length / 40)
    hamlets = int(rng.integers(2, 10))
    middle = rng.uniform(0, 39, hamlets)
    which = rng.choice(hamlets, n, p=rng.dirichlet(np.full(hamlets, 2.0)))
    along = np.where(rng.random(n) < 0.125, rng.uniform(0, 39, n), middle[which])
    low = along.astype(int)
    base = path[low] + (path[low + 1] - path[low]) * (along - low)[:, None]
    points: NDArray[np.float64] = base + rng.normal(0, rng.uniform(40, 160), (n, 2))
    return points.round()
