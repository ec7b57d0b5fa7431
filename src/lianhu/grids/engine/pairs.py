"""Two grids shared out anew between their two medoids, as cheaply as can be.

Where a bound on people binds, what helps may be three households for two, which no row of single
moves and swaps finds. Of two grids that is a small table: the least metres for every number of
households and people that one of them may end with.
"""

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints, Problem, State
from lianhu.grids.engine.compiled import compiled
from lianhu.grids.engine.descent import ENOUGH, improve_medoids, tally

LARGEST = 2_000_000  # cells: bounds so wide that the table would take longer than it is worth


@compiled
def metres(problem: Problem, state: State, g: int, i: int) -> float:
    """What household i pays in grid g."""
    far: float = problem.dist[state.medoid[g], i] + problem.extra[i, g]
    return far


@compiled
def free_houses(problem: Problem, state: State, g: int, h: int) -> Ints:
    """The households of both grids that may go to the other: no medoids, nobody pinned."""
    found = np.empty(state.grid.shape[0], np.int64)
    many = 0
    for i in range(state.grid.shape[0]):
        c = state.grid[i]
        if c in (g, h) and problem.pin[i] < 0 and state.medoid[c] != i:
            found[many] = i
            many += 1
    return found[:many].copy()


@compiled
def fill_table(people: Ints, more: Floats, table: Floats, took: Flags) -> None:
    """`table[c, p]` becomes the least sum of `more` of c households with p people in all;
    `took[a, c, p]` says whether the last of the first a + 1 of them was needed for it."""
    table[:] = np.inf
    table[0, 0] = 0.0
    for a in range(people.shape[0]):
        size = people[a]
        for c in range(min(a + 1, table.shape[0] - 1), 0, -1):
            for p in range(size, table.shape[1]):
                tried = table[c - 1, p - size] + more[a]
                better = tried < table[c, p]
                took[a, c, p] = better
                table[c, p] = tried if better else table[c, p]


@compiled
def cheapest(
    problem: Problem, table: Floats, stay: int, sit: int, both: int, crowd: int, below: float
) -> tuple[int, int]:
    """How many households and people the one grid should take beside the `stay` with `sit` people
    that it has for certain, of `both` with `crowd` in all; -1 where nothing is below `below`."""
    fc, fp = problem.fc, problem.fp
    least, count, full = below, -1, -1
    for c in range(table.shape[0]):
        for p in range(table.shape[1]):
            if table[c, p] < np.inf:
                size, heads = stay + c, sit + p
                price = fc[size] + fc[both - size] + fp[heads] + fp[crowd - heads]
                if table[c, p] + price < least:
                    least, count, full = table[c, p] + price, c, p
    return count, full


@compiled
def share(problem: Problem, state: State, g: int, h: int) -> bool:
    """Shares two grids' households out anew, where that saves something; whether it did."""
    houses = free_houses(problem, state, g, h)
    many = houses.shape[0]
    people, more = problem.people[houses], np.empty(many)
    inside, heads, now, spare = 0, 0, 0.0, 0.0
    for a in range(many):
        i = houses[a]
        more[a] = metres(problem, state, g, i) - metres(problem, state, h, i)
        here = state.grid[i] == g
        spare += max(more[a] if here else -more[a], 0.0)
        if here:
            inside += 1
            heads += people[a]
            now += more[a]
    fc, fp, band = problem.fc, problem.fp, problem.band
    both, crowd = state.size[g] + state.size[h], state.heads[g] + state.heads[h]
    pays = fc[state.size[g]] + fc[state.size[h]] + fp[state.heads[g]] + fp[state.heads[h]]
    if spare + pays < ENOUGH:
        return False  # everybody has the nearer house
    stay, sit = state.size[g] - inside, state.heads[g] - heads
    rooms = max(int(min(band[1], both - band[0])), state.size[g]) - stay
    seats = max(int(min(band[3], crowd - band[2])), state.heads[g]) - sit
    rooms, seats = min(rooms, many), min(seats, people.sum())
    if many * (rooms + 1) * (seats + 1) > LARGEST:
        return False
    table = np.empty((rooms + 1, seats + 1))
    took = np.zeros((many, rooms + 1, seats + 1), np.bool_)
    fill_table(people, more, table, took)
    count, full = cheapest(problem, table, stay, sit, both, crowd, now + pays - ENOUGH)
    if count < 0:
        return False
    for a in range(many - 1, -1, -1):
        state.grid[houses[a]] = h
        if took[a, count, full]:
            state.grid[houses[a]] = g
            count -= 1
            full -= people[a]
    return True


@compiled
def share_pairs(problem: Problem, state: State) -> bool:
    """Shares out every two grids anew until none helps, medoids the best ones after each; whether
    any did. Needs a tallied state."""
    k = state.medoid.shape[0]
    looked = np.zeros((k, k), np.bool_)
    ever, helped = False, True
    while helped:
        helped = False
        for g in range(k):
            for h in range(g):
                if looked[g, h]:
                    continue
                while share(problem, state, g, h):
                    looked[g], looked[h] = False, False
                    looked[:, g], looked[:, h] = False, False
                    ever = helped = True
                    tally(problem, state)
                    if not improve_medoids(state):
                        break
                looked[g, h] = True
    return ever
