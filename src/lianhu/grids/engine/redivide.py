"""`redivide`: an existing division after people have moved, with as few changes as possible."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lianhu.grids.engine.arrays import Flags, Ints, Problem, State
from lianhu.grids.engine.divide import checked, numbered, summary
from lianhu.grids.engine.division import Division, GroupDivision
from lianhu.grids.engine.names import kept_numbers
from lianhu.grids.engine.part import Luck, Rows, best_part, broken_by, in_order, problem_of
from lianhu.grids.engine.search import distances, effort, search
from lianhu.grids.rules import Bounds


class Redivision(NamedTuple):
    """The new division; `moved` are the rows whose grid changed, newcomers not counted.

    `offer_fresh` names the groups where a fresh division would break less, or walk 5 % less;
    `drift` is, per group, by what share the walk exceeds a fresh division's.
    """

    division: Division
    moved: Ints
    offer_fresh: tuple[int, ...]
    drift: dict[int, float]


def redivide(
    group_index: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    people: ArrayLike,
    bounds: Bounds,
    *,
    before: ArrayLike,
    seed: int,
    drift: float,
    locks: ArrayLike | None = None,
    closed: Collection[tuple[int, int]] = (),
) -> Redivision:
    """Keeps the bounds (or breaks them least), then changes few memberships, then saves metres.

    `before` is each household's grid number until now, 0 for a newcomer; `locks` and `closed`
    as in `divide_groups`: a household of a closed grid stays, nobody joins. The order of the
    rows changes nothing. A fresh
    division is offered where the walk exceeds its by more than the share `drift`. Refuses
    `grids.bad_input`.
    """
    rows, groups = checked(group_index, x, y, people, locks)
    old = checked(groups, x, y, people, before)[0].lock
    grid = np.zeros(groups.size, np.int64)
    found, offer = [], []
    drifts: dict[int, float] = {}
    order = in_order(rows._replace(lock=rows.lock * (old.max(initial=0) + 1) + old), groups)
    for name in np.unique(groups).tolist():
        part = order[groups[order] == name]
        here = rows.take(part)
        shut = {number for group, number in closed if group == name}
        stays = np.isin(old[part], list(shut)) | np.isin(here.lock, list(shut))
        fixed = np.where(here.lock > 0, here.lock, old[part])
        grid[part] = np.where(stays, fixed, 0)
        free = ~stays
        if free.any():
            kept = _redivide_part(here.take(free), old[part][free], bounds, seed, shut, drift)
            grid[part[free]] = kept.number
            drifts[name] = kept.drift
            if kept.offer_fresh:
                offer.append(name)
        found.append(_told(name, here, grid[part], bounds))
    moved = np.flatnonzero((old > 0) & (grid != old))
    return Redivision(Division(grid, tuple(found)), moved, tuple(offer), drifts)


class _Kept(NamedTuple):
    """The grid numbers of one part, whether a fresh division were better, and how much shorter."""

    number: Ints
    offer_fresh: bool
    drift: float


def _redivide_part(
    rows: Rows, old: Ints, bounds: Bounds, seed: int, shut: set[int], drift: float
) -> _Kept:
    """The part with its own numbers of grids or, if that breaks bounds, with a fresh number."""
    luck = Luck(seed, 1, 0.0)
    held = sorted(set(rows.lock.tolist()) - {0})
    fresh = best_part(rows, held, bounds, luck)
    here = np.where(rows.lock > 0, rows.lock, old)
    used = sorted(set(here.tolist()) - {0})
    if not used:
        return _Kept(numbered(rows, fresh, held, shut)[fresh.grid], False, 0.0)
    kept = _adjust(rows, old, used, np.searchsorted(used, here), bounds, luck)
    least = broken_by(rows, fresh, bounds)
    if broken_by(rows, kept, bounds) > least:
        anew = kept_numbers(numbered(rows, fresh, held, shut)[fresh.grid], old, held, shut)
        numbers, start = np.unique(anew, return_inverse=True)
        other = _adjust(rows, old, numbers.tolist(), start, bounds, luck)
        if broken_by(rows, other, bounds) < broken_by(rows, kept, bounds):
            named = kept_numbers(numbers[other.grid], old, held, shut)
            return _Kept(named, False, _beyond(rows, other, fresh))
    beyond = _beyond(rows, kept, fresh)
    named = kept_numbers(np.array(used)[kept.grid], old, held, shut)
    return _Kept(named, broken_by(rows, kept, bounds) > least or beyond > drift, beyond)


def _beyond(rows: Rows, kept: State, fresh: State) -> float:
    """By what share the walk of what is kept exceeds the fresh division's; never below nothing."""
    walk, least = _walk(rows, kept), _walk(rows, fresh)
    return max(walk / least - 1, 0.0) if least else float(walk > 0)


def _adjust(
    rows: Rows, old: Ints, numbers: list[int], start: Ints, bounds: Bounds, luck: Luck
) -> State:
    """The best division into grids of these numbers found, first tried from `start`."""
    n, k = rows.row.size, len(numbers)
    farthest = float(np.hypot(np.ptp(rows.x), np.ptp(rows.y)))
    change = int(2 * n * farthest) + 1_000
    problem = problem_of(rows, numbers, k, bounds, luck, change)
    strange = (old[:, None] > 0) & (old[:, None] != np.array(numbers)[None, :])
    problem.extra[:] = change * strange
    given = np.where(problem.pin >= 0, problem.pin, start)
    given = _seated(problem, given, old > 0, k)
    return search(problem, k, *effort(n, k, luck.thorough), luck.seed, given)


def _seated(problem: Problem, given: Ints, known: Flags, k: int) -> Ints:
    """`given` with newcomers in the nearest grid, and somebody in every grid."""
    given = given.copy()
    for i in np.flatnonzero(~known & (problem.pin < 0)):
        if known.any():
            given[i] = given[np.argmin(np.where(known, problem.dist[i], np.inf))]
    for g in range(k):
        if not (given == g).any():
            spare = np.flatnonzero(
                (problem.pin < 0) & (np.bincount(given, minlength=k)[given] > 1)
            )
            given[spare[0]] = g
    return given


def _walk(rows: Rows, state: State) -> float:
    """Metres of a division."""
    at = state.medoid[state.grid]
    return float(np.hypot(rows.x - rows.x[at], rows.y - rows.y[at]).sum())


def _told(name: int, here: Rows, number: Ints, bounds: Bounds) -> GroupDivision:
    """The summary of a group, each grid led from its best house."""
    medoid = {}
    for n in np.unique(number).tolist():
        at = np.flatnonzero(number == n)
        middle = np.argmin(distances(here.x[at], here.y[at]).sum(1))
        medoid[n] = int(here.row[at[middle]])
    return summary(name, here, number, medoid, bounds)
