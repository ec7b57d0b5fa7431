"""One group, or what locks leave of it: the number of grids and the best division into them."""

from fractions import Fraction
from math import atan2, cos, sin
from typing import NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints, Problem, State
from lianhu.grids.engine.exact import fill
from lianhu.grids.engine.search import distances, effort, search
from lianhu.grids.engine.weights import STAKE, UNEVEN, Weights, within_reach
from lianhu.grids.rules import Band, Bounds, choices, total_violation, violations

AGAIN = 4  # times the search, where the first did not keep bounds that totals allow


class Luck(NamedTuple):
    """What the search draws from, how long it draws, and what it pays to be balanced."""

    seed: int
    thorough: int
    balance: float


class Rows(NamedTuple):
    """Households: their row in the input, point in metres, people, and lock (0 = free)."""

    row: Ints
    x: Floats
    y: Floats
    people: Ints
    lock: Ints

    def take(self, which: Ints | Flags) -> "Rows":
        """Only those rows."""
        return Rows(
            self.row[which],
            self.x[which],
            self.y[which],
            self.people[which],
            self.lock[which],
        )


def in_order(rows: Rows, groups: Ints) -> Ints:
    """The rows by group, and within it by what they are: how a table was sorted is no reason to
    divide it otherwise."""
    order: Ints = np.lexsort((rows.lock, rows.people, rows.y, rows.x, groups))
    return order


def best_part(rows: Rows, held: list[int], bounds: Bounds, luck: Luck) -> State:
    """The division into the best number of grids that keeps the bounds, or breaks least."""
    people = int(rows.people.sum())
    room = len(held) + int((rows.lock == 0).sum())
    best: State | None = None
    least = Fraction(0)
    for k in choices(rows.row.size, people, bounds, at_least=max(len(held), 1), at_most=room):
        part, broken = _solve(rows, held, k, bounds, luck)
        if best is None or broken < least:
            least, best = broken, part
        if not broken:
            break
    assert best is not None  # noqa: S101 - a part with households always has a choice
    return best


def _solve(
    rows: Rows, held: list[int], k: int, bounds: Bounds, luck: Luck
) -> tuple[State, Fraction]:
    """The best division into exactly k grids, and its violation in half-bands."""
    problem = problem_of(rows, held, k, bounds, luck)
    nothing = np.zeros(0, np.int64)
    part = search(problem, k, *effort(rows.row.size, k, luck.thorough), luck.seed, nothing)
    broken = broken_by(rows, part, bounds)
    if broken > bounds.excess(rows.row.size, int(rows.people.sum()), k):
        given = None if held else fitting(problem, rows, k)
        longer = effort(rows.row.size, k, luck.thorough * AGAIN)
        start = nothing if given is None else given
        other = search(problem, k, *longer, luck.seed + 1, start)
        if broken_by(rows, other, bounds) < broken:
            return other, broken_by(rows, other, bounds)
    return part, broken


def broken_by(rows: Rows, part: State, bounds: Bounds) -> Fraction:
    """The violations of a part in half-bands."""
    count = np.bincount(part.grid, minlength=part.medoid.size)
    heads = np.bincount(part.grid, rows.people, minlength=part.medoid.size)
    sizes = zip(count.tolist(), heads.astype(np.int64).tolist(), strict=True)
    return total_violation(violations(sizes, bounds), bounds)


def fitting(problem: Problem, rows: Rows, k: int) -> Ints | None:
    """Some division that keeps the bands of the problem, whatever the walk; None if none does.

    Grids take households in the order of the group's long axis.
    """
    low, high, least, most = problem.band.astype(int).tolist()
    counts = np.bincount(problem.kind, minlength=problem.sizes.size).tolist()
    shares = fill(counts, problem.sizes.tolist(), k, Band(low, high), Band(least, most))
    if shares is None:
        return None
    grid = np.zeros(rows.row.size, np.int64)
    for kind in range(problem.sizes.size):
        mine = np.flatnonzero(problem.kind == kind)
        mine = mine[np.argsort(long_axis(rows.x, rows.y)[mine], kind="stable")]
        grid[mine] = np.repeat(np.arange(k), [share[kind] for share in shares])
    return grid


def long_axis(x: Floats, y: Floats) -> Floats:
    """Where each of these points lies along the line that they stretch."""
    x, y = x - x.mean(), y - y.mean()
    turn = atan2(2 * (x @ y), x @ x - y @ y) / 2
    along: Floats = x * cos(turn) + y * sin(turn)
    return along


def problem_of(
    rows: Rows, held: list[int], k: int, bounds: Bounds, luck: Luck, change: int = 0
) -> Problem:
    """The arrays for dividing into exactly k grids, the first of them those `held` by locks.

    Where a `change` of grid costs metres (more than all walks), only bounds are worth more, and
    even shares of what cannot be avoided nothing.
    """
    n, people = rows.row.size, int(rows.people.sum())
    sizes, kind = np.unique(rows.people, return_inverse=True)
    pin = np.where(rows.lock > 0, np.searchsorted(held, rows.lock), -1)
    bands = (within_reach(n, k, bounds.households), within_reach(people, k, bounds.people))
    dist = distances(rows.x, rows.y)
    stake = max(STAKE, int(2 * n * dist.max()), 2 * n * change)
    weights = Weights(stake, 0 if change else stake // UNEVEN, luck.balance)
    fc, fp = weights.tables(n, people, k, bounds)
    return Problem(
        dist=dist,
        extra=np.zeros((n, k)),
        people=rows.people,
        kind=kind,
        sizes=sizes,
        fc=fc,
        fp=fp,
        band=np.array(bands, np.float64).ravel(),
        pin=pin,
    )
