"""Whether a division of one group is the shortest walk there is: a bound, and branches.

The group's houses are split into regions by where they lie; a branch says how many grids are
led from each. Prices bound every branch (`engine/lagrange.py`). Branches whose bound is above
the division that is known are closed; small ones are settled by HiGHS (`assignment.py`); the
rest are split again. A shorter division that comes up is kept.
"""

import heapq
import time
from itertools import count
from math import atan2, cos, sin
from typing import NamedTuple

import numpy as np

from lianhu.grids.assignment import Left, solve
from lianhu.grids.engine.arrays import Floats, Ints
from lianhu.grids.engine.lagrange import Bounding, new_bounding, raise_bound
from lianhu.grids.engine.search import distances

LARGEST = 600  # households: beyond it prices alone take minutes
CLOSE = 1e-3  # metres: nothing shorter by so much is what "shortest" means
HALVES, FEWER = 11, 6  # of the step at the root, and where a branch starts with its prices
SMALL, NEAR = 120, 0.0002


class Group(NamedTuple):
    """One group as the proof needs it; `band` is households low, high, people low, high."""

    x: Floats
    y: Floats
    people: Ints
    band: Floats


class Proof(NamedTuple):
    """`walk_m` of the best division known and a bound below which there is none.

    `medoid` is each household's house of a shorter division than was given, None if none.
    """

    walk_m: float
    bound_m: float
    medoid: Ints | None = None

    @property
    def proved(self) -> bool:
        """Whether nothing is shorter by a millimetre."""
        return self.bound_m >= self.walk_m - 2 * CLOSE

    @property
    def gap(self) -> float:
        """By what share of the walk a shorter one might still be."""
        return 0.0 if self.proved else 1 - max(self.bound_m, 0.0) / self.walk_m


def prove(group: Group, medoid: Ints, seconds: float) -> Proof:
    """Bounds the walk of a group whose household i walks to house `medoid[i]`, in at most about
    `seconds` of processor time."""
    end = time.process_time() + seconds
    dist = distances(group.x, group.y)
    n = np.arange(medoid.size)
    walk, better = float(dist[medoid, n].sum()), None
    if medoid.size > LARGEST:
        return Proof(walk, 0.0)
    houses = np.unique(medoid)
    group = group._replace(band=tightened(group, houses.size))
    root = new_bounding(dist, houses)
    tie = count()
    bound = raise_bound(dist, group.people, group.band, walk - CLOSE, root, HALVES)
    open_ = [(bound, next(tie), root)]
    while open_ and open_[0][0] <= walk - CLOSE:
        bound, _, branch = open_[0]
        left = end - time.process_time()
        if left <= 0:
            return Proof(walk, bound, better)
        heapq.heappop(open_)
        parts = split(group, branch)
        pairs = int(branch.may[branch.region >= 0].sum())
        if not parts or pairs <= SMALL or walk - bound <= NEAR * walk:
            problem = Left(
                dist, group.people, group.band, branch.region, branch.quota, branch.may
            )
            answer = solve(problem, walk - CLOSE, left)
            if answer.medoid is not None and keeps(group, answer.medoid):
                better = answer.medoid
                walk = float(dist[better, n].sum())
            if answer.bound < walk - CLOSE:  # time is up
                low = max(answer.bound, bound)
                return Proof(walk, min([low, *(other[0] for other in open_)]), better)
            continue
        for part in parts:
            low = raise_bound(dist, group.people, group.band, walk - CLOSE, part, FEWER)
            if low <= walk - CLOSE:
                heapq.heappush(open_, (max(low, bound), next(tie), part))
    return Proof(walk, walk, better)


def keeps(group: Group, medoid: Ints) -> bool:
    """Whether every grid of this division holds its own house and keeps the band: counted anew,
    whatever the solver says."""
    low, high, least, most = group.band
    houses, index = np.unique(medoid, return_inverse=True)
    if medoid.min() < 0 or (medoid[houses] != houses).any():
        return False
    size, heads = np.bincount(index), np.bincount(index, group.people)
    return bool(((size >= low) & (size <= high) & (heads >= least) & (heads <= most)).all())


def tightened(group: Group, grids: int) -> Floats:
    """The band that is left for one grid when all others keep theirs."""
    low, high, least, most = group.band
    total, others = group.people.size, grids - 1
    heads = int(group.people.sum())
    return np.array(
        [
            max(low, total - others * high),
            min(high, total - others * low),
            max(least, heads - others * most),
            min(most, heads - others * least),
        ]
    )


def split(group: Group, branch: Bounding) -> list[Bounding]:
    """The branch with its widest region in two, once for each way to share the quota out."""
    spread = np.zeros(branch.quota.size)
    for r in range(branch.quota.size):
        mine = branch.region == r
        if branch.quota[r] and mine.sum() > branch.quota[r]:
            wide = np.hypot(np.ptp(group.x[mine]), np.ptp(group.y[mine]))
            spread[r] = branch.quota[r] * (wide + 1.0)
    r = int(spread.argmax())
    if not spread[r]:
        return []
    mine = np.flatnonzero(branch.region == r)
    x, y = group.x[mine] - group.x[mine].mean(), group.y[mine] - group.y[mine].mean()
    turn = atan2(2 * (x @ y), x @ x - y @ y) / 2
    along = x * cos(turn) + y * sin(turn)
    order = np.argsort(along, kind="stable")
    apart = np.diff(along[order]) + 1e-9
    middle = np.arange(1, mine.size) / mine.size
    cut = int((apart * middle * (1 - middle)).argmax()) + 1
    near, far = mine[order[:cut]], mine[order[cut:]]
    quota = int(branch.quota[r])
    found = []
    for here in range(max(0, quota - far.size), min(quota, near.size) + 1):
        region = branch.region.copy()
        region[far] = branch.quota.size if here < quota else -1
        if not here:
            region[near] = -1
        shares = np.append(branch.quota, quota - here)
        shares[r] = here
        found.append(
            Bounding(
                branch.value.copy(), branch.tilt.copy(), branch.may.copy(), region, shares,
                branch.order.copy(), branch.many.copy(), branch.heads.copy(),
                branch.rho.copy(), branch.edge.copy(),
            )
        )  # fmt: skip
    return found
