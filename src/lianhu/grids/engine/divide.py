"""`divide_groups`: every group of a county into level-3 grids."""

from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike

from lianhu.grids.engine.arrays import Ints, State
from lianhu.grids.engine.division import Division, GroupDivision
from lianhu.grids.engine.names import kept_numbers
from lianhu.grids.engine.part import Luck, Rows, best_part, in_order, long_axis
from lianhu.grids.engine.search import distances
from lianhu.grids.rules import Bounds, reason, violations
from lianhu.kernel.errors import Refusal

LARGEST = 4_000  # households of one group: beyond it the table of distances fills the memory


def divide_groups(
    group_index: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    people: ArrayLike,
    bounds: Bounds,
    *,
    seed: int,
    locks: ArrayLike | None = None,
    closed: Collection[tuple[int, int]] = (),
    before: ArrayLike | None = None,
    thorough: int = 1,
    balance: float = 0.0,
) -> Division:
    """The division of every group in `group_index`; the same for the same input and seed, in
    whatever order its rows come.

    `x`, `y` are metres. `locks` holds the grid number a household must stay in, 0 where it is
    free; grids in `closed` (group, number) take in nobody beyond the households locked to them.
    `before` is each household's grid number until now, 0 for none: it changes only the numbers,
    which go to the grids that share most households with those that had them.
    `thorough` multiplies the search; more than 1 rarely saves a metre in ten thousand.
    `balance` is metres that each household more or less than the group's mean grid costs.
    Refuses `grids.bad_input` (unequal lengths, not a number, people or locks below 0) and
    `grids.group_too_large`.
    """
    rows, groups = checked(group_index, x, y, people, locks)
    grid = np.zeros(groups.size, np.int64)
    old = checked(groups, x, y, people, before)[0].lock
    order = in_order(rows._replace(lock=rows.lock * (old.max(initial=0) + 1) + old), groups)
    names, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    if sizes.max(initial=0) > LARGEST:
        raise Refusal("grids.group_too_large", households=int(sizes.max()), most=LARGEST)
    found = []
    for name, part in zip(names.tolist(), np.split(order, starts)[1:], strict=True):
        here = rows.take(part)
        shut = {number for group, number in closed if group == name}
        luck = Luck(seed, thorough, balance)
        grid[part], medoid = _divide_group(here, old[part], bounds, luck, shut)
        found.append(summary(name, here, grid[part], medoid, bounds))
    return Division(grid, tuple(found))


def checked(
    group_index: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    people: ArrayLike,
    locks: ArrayLike | None,
) -> tuple[Rows, Ints]:
    """The columns as arrays, and the groups; refuses what cannot be divided."""
    groups = np.asarray(group_index, np.int64)
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    heads = np.asarray(people, np.int64)
    lock = np.zeros_like(groups) if locks is None else np.asarray(locks, np.int64)
    if any(column.shape != (groups.size,) for column in (groups, xs, ys, heads, lock)):
        raise Refusal("grids.bad_input", what="length")
    if not (np.isfinite(xs).all() and np.isfinite(ys).all()):
        raise Refusal("grids.bad_input", what="point")
    if groups.size and (heads.min() < 0 or lock.min() < 0):
        raise Refusal("grids.bad_input", what="people")
    return Rows(np.arange(groups.size), xs, ys, heads, lock), groups


def _divide_group(
    here: Rows, old: Ints, bounds: Bounds, luck: Luck, shut: set[int]
) -> tuple[Ints, dict[int, int]]:
    """The grid numbers of one group's households, and the medoid row of each number."""
    inside = np.isin(here.lock, list(shut)) if shut else np.zeros(here.row.size, np.bool_)
    number = np.where(inside, here.lock, 0)
    medoid = {}
    for shut_number in set(number[inside].tolist()):
        at = np.flatnonzero(number == shut_number)
        middle = np.argmin(distances(here.x[at], here.y[at]).sum(1))
        medoid[shut_number] = int(here.row[at[middle]])
    rest = here.take(~inside) if shut else here
    if rest.row.size:
        held = sorted(set(rest.lock.tolist()) - {0})
        part = best_part(rest, held, bounds, luck)
        names = numbered(rest, part, held, shut)
        if old.any():
            mine = kept_numbers(names[part.grid], old[~inside], held, shut)
            names[part.grid] = mine
        number[~inside] = names[part.grid]
        medoid |= dict(zip(names.tolist(), rest.row[part.medoid].tolist(), strict=True))
    return number, medoid


def numbered(rows: Rows, part: State, held: list[int], shut: set[int]) -> Ints:
    """The number of each grid: locked ones keep theirs, others follow the group's long axis."""
    k = part.medoid.size
    along = long_axis(rows.x, rows.y)[part.medoid]
    rest = sorted(range(len(held), k), key=lambda g: (along[g], part.medoid[g]))
    taken = shut | set(held)
    free = [n for n in range(1, k + len(taken) + 1) if n not in taken]
    names = np.zeros(k, np.int64)
    names[: len(held)] = held
    names[rest] = free[: len(rest)]
    return names


def summary(
    name: int, here: Rows, number: Ints, medoid: dict[int, int], bounds: Bounds
) -> GroupDivision:
    """Sizes, metres, violations and words of one divided group."""
    numbers = sorted(medoid)
    walk, sizes = 0.0, []
    for n in numbers:
        mine = number == n
        at = here.row == medoid[n]
        walk += np.hypot(here.x[mine] - here.x[at], here.y[mine] - here.y[at]).sum()
        sizes.append((int(mine.sum()), int(here.people[mine].sum())))
    found = tuple(v._replace(grid=numbers[v.grid - 1]) for v in violations(sizes, bounds))
    people = int(here.people.sum())
    return GroupDivision(
        group=name,
        grids=len(numbers),
        walk_m=float(walk),
        numbers=tuple(numbers),
        sizes=tuple(sizes),
        medoids=tuple(medoid[n] for n in numbers),
        violations=found,
        reason=reason(here.row.size, people, len(numbers), found, bounds),
    )
