"""Whether a division of one group is the shortest walk there is: a bound, and branches.

The houses that may lead are split into regions by where they lie; a branch says how many grids
are led from each. Prices bound every branch (`engine/lagrange.py`), and branches whose bound is
above the division that is known are closed. Where every leader is said, households are shared out
among them exactly (`engine/sharing.py`). A shorter division that comes up is kept.
"""

import heapq
import time
from itertools import count
from typing import NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Floats, Ints
from lianhu.grids.engine.lagrange import Branch, Land, bound_now, raise_bound
from lianhu.grids.engine.leaders import begin_prices
from lianhu.grids.engine.part import Luck, Rows, long_axis, problem_of
from lianhu.grids.engine.search import distances, effort, search
from lianhu.grids.engine.sharing import CLOSE, share_out
from lianhu.grids.rules import Band, Bounds

LARGEST = 600  # households: beyond it prices alone take minutes
# Steps of prices, and how many bring nothing before strides become shorter. With 8 in place of 40
# the root's bound ended up to 11 % of the walk below what prices can say. Eight groups of middling
# hardness took 38 s with (150, 20) for a branch, 60 with (100, 12), 35 as here, 37 with (400, 40).
ROOT, STEPS = (3_000, 40), (250, 30)
THOROUGH = 8  # times the search, before a group is branched on
SETTLED = 20_000  # households that sharing out settles in a second, at least


class Group(NamedTuple):
    """One group as the proof needs it; `band` is households low, high, people low, high."""

    x: Floats
    y: Floats
    people: Ints
    band: Floats


class Node(NamedTuple):
    """A branch, a bound of it, and the houses that led what looked shortest in it."""

    bound: float
    branch: Branch
    led: Ints


class Proof(NamedTuple):
    """`walk_m` of the best division known and a bound below which there is none.

    `medoid` is each household's house of a shorter division than was given, None if none; `open_`
    are the branches that hold whatever might be shorter.
    """

    walk_m: float
    bound_m: float
    medoid: Ints | None = None
    open_: tuple[Node, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether nothing is shorter by a millimetre."""
        return self.bound_m >= self.walk_m - 2 * CLOSE

    @property
    def gap(self) -> float:
        """By what share of the walk a shorter one might still be."""
        return 0.0 if self.proved else 1 - max(self.bound_m, 0.0) / self.walk_m


def prove(group: Group, medoid: Ints, seconds: float, open_: tuple[Node, ...] = ()) -> Proof:
    """Bounds the walk of a group whose household i walks to house `medoid[i]`, in at most about
    `seconds` of processor time; goes on where an earlier proof left these branches `open_`."""
    end = time.process_time() + seconds
    dist = distances(group.x, group.y)
    walk, better = walked(dist, medoid), None
    if medoid.size > LARGEST:
        return Proof(walk, 0.0)
    houses = np.unique(medoid)
    group = group._replace(band=tightened(group, houses.size))
    land = Land(dist, group.people.astype(np.float64), group.band)
    if not open_:
        open_, better = first(group, land, houses, walk, search=seconds > 0)
        walk = walk if better is None else walked(dist, better)
    tie = count()
    heap = [(node.bound, next(tie), node) for node in open_]
    heapq.heapify(heap)
    while heap and heap[0][0] <= walk - CLOSE:
        bound, _, node = heap[0]
        left = end - time.process_time()
        sure = left > 0
        if sure and node.branch.lead.size == houses.size:
            found, sure = shared(land, node, walk - CLOSE, left)
            if found is not None and keeps(group, found):
                walk, better = walked(dist, found), found
        if not sure:
            return Proof(walk, bound, better, tuple(node for _, _, node in heap))
        heapq.heappop(heap)
        if node.branch.lead.size > houses.size:
            for part in parts_left(group, land, node, walk - CLOSE):
                low = max(part.bound, bound)
                heapq.heappush(heap, (low, next(tie), part._replace(bound=low)))
    return Proof(walk, walk, better)


def first(
    group: Group, land: Land, houses: Ints, walk: float, *, search: bool
) -> tuple[tuple[Node, ...], Ints | None]:
    """The branch with everything in it, none where nothing in it is shorter than `walk`; and each
    household's house in a shorter division, where a longer search finds one."""
    root = bounded(land, whole(land, houses), walk - CLOSE, ROOT)
    if root is None:
        return (), None
    other = searched(group, houses.size) if search else None
    if other is not None and walked(land.dist, other) < walk - CLOSE and keeps(group, other):
        return (root,), other
    return (root,), None


def walked(dist: Floats, medoid: Ints) -> float:
    """The metres of a division whose household i walks to house `medoid[i]`."""
    return float(dist[medoid, np.arange(medoid.size)].sum())


def keeps(group: Group, medoid: Ints) -> bool:
    """Whether every grid of this division holds its own house and keeps the band: counted anew,
    whoever made it."""
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


def searched(group: Group, grids: int) -> Ints:
    """Each household's house in the division that a longer search finds."""
    n, (low, high, least, most) = group.people.size, group.band.astype(int).tolist()
    nothing = np.zeros(n, np.int64)
    rows = Rows(np.arange(n), group.x, group.y, group.people, nothing)
    bounds = Bounds(Band(low, high), Band(least, most))
    problem = problem_of(rows, [], grids, bounds, Luck(1, THOROUGH, 0.0))
    found = search(problem, grids, *effort(n, grids, THOROUGH), 1, nothing[:0])
    return found.medoid[found.grid]


def shared(land: Land, node: Node, most: float, seconds: float) -> tuple[Ints | None, bool]:
    """Each household's house in the shortest division among the branch's only leaders, None where
    none walks at most `most`; and whether that is certain."""
    leaders, price = node.branch.lead, np.stack([node.branch.each, node.branch.tilt])
    limit = int(seconds * SETTLED) + 1
    found, _, sure = share_out(land, leaders, node.branch.may, price, most, limit)
    return (None if found[0] < 0 else leaders[found]), sure


def whole(land: Land, houses: Ints) -> tuple[Branch, Ints]:
    """The branch with every division in it; a household is worth a little more than its walk."""
    n = land.people.size
    nearest = np.sort(land.dist[houses], axis=0)[:2].mean(axis=0)
    branch = Branch(
        np.arange(n), np.array([0, n]), np.array([houses.size]), np.ones((n, n), np.bool_, order="F"),
        nearest, np.zeros(n), np.zeros(n), np.full(n, houses.size / n),
    )  # fmt: skip
    return branch, houses


def bounded(
    land: Land, part: tuple[Branch, Ints], most: float, steps: tuple[int, int]
) -> Node | None:
    """The branch with a bound, without what cannot be in a division that walks at most `most`;
    None where that is everything. Begins with its own prices or those of its leaders."""
    branch, led = part
    other = branch._replace(
        value=branch.value.copy(), each=branch.each.copy(), tilt=branch.tilt.copy()
    )
    places = leading(branch, led)
    begin_prices(land, other, places, most)
    if bound_now(land, other) > bound_now(land, branch):
        branch = other
    low = raise_bound(land, branch, most, *steps)
    if low > most:
        return None
    kept = np.flatnonzero(branch.often >= 0.0)
    start = np.searchsorted(kept, branch.start)
    return Node(low, taken(branch, kept, start, branch.quota), branch.lead[places])


def parts_left(group: Group, land: Land, node: Node, most: float) -> list[Node]:
    """The parts of a branch in which a division may walk at most `most`."""
    parts = (bounded(land, part, most, STEPS) for part in split(group, node))
    return [part for part in parts if part is not None]


def leading(branch: Branch, led: Ints) -> Ints:
    """Places in `branch.lead`, as many a region as its quota: of houses that led before, then of
    those that were chosen most often."""
    before, found = np.isin(branch.lead, led), []
    for quota, begin, stop in zip(
        branch.quota, branch.start[:-1], branch.start[1:], strict=True
    ):
        order = np.lexsort((-branch.often[begin:stop], ~before[begin:stop]))
        found.append(begin + order[:quota])
    return np.concatenate(found)


def taken(branch: Branch, kept: Ints, start: Ints, quota: Ints) -> Branch:
    """The branch with only the houses at these places, in this order."""
    return Branch(
        branch.lead[kept], start, quota, branch.may[:, kept], branch.value.copy(),
        branch.each[kept], branch.tilt[kept], branch.often[kept],
    )  # fmt: skip


def split(group: Group, node: Node) -> list[tuple[Branch, Ints]]:
    """The branch with one region in two, once for each way to share its quota out.

    It is cut where prices lead half a grid too many on one side, best through a gap.
    """
    branch = node.branch
    best, cut, order, r = -1.0, 0, branch.lead, 0
    for region, quota in enumerate(branch.quota.tolist()):
        mine = slice(branch.start[region], branch.start[region + 1])
        if branch.lead[mine].size == quota:
            continue
        along = long_axis(group.x[branch.lead[mine]], group.y[branch.lead[mine]])
        sorted_ = np.argsort(along, kind="stable")
        weight = np.maximum(branch.often[mine][sorted_], 1e-6)
        before = np.cumsum(weight)[:-1] * quota / weight.sum()
        score = np.abs(before - np.round(before)) + 0.01
        score *= np.sqrt(np.diff(along[sorted_]) + 1.0)
        if score.max() > best:
            best, cut = float(score.max()), int(score.argmax()) + 1
            order, r = branch.start[region] + sorted_, region
    near, far, quota = order[:cut], order[cut:], int(branch.quota[r])
    found = []
    for here in range(max(0, quota - far.size), min(quota, near.size) + 1):
        parts = [
            (np.arange(branch.start[s], branch.start[s + 1]), int(branch.quota[s]))
            for s in range(branch.quota.size)
            if s != r
        ]
        parts += [part for part in ((near, here), (far, quota - here)) if part[1]]
        kept = np.concatenate([places for places, _ in parts])
        start = np.cumsum([0] + [places.size for places, _ in parts])
        quotas = np.array([many for _, many in parts])
        found.append((taken(branch, kept, start, quotas), node.led))
    return found
