"""Local search inside one group: best shift or swap until none helps, then better medoids.

A move takes one household of grid g to grid h and, unless it is a shift, one of h to g. Only
the cheapest household per (g, h, size) can be in the best move, so with s distinct sizes the
whole neighbourhood costs O(nk + k²s²) instead of O(n²).
"""

import numpy as np

from lianhu.grids.engine.arrays import Floats, Ints, Problem, State
from lianhu.grids.engine.compiled import compiled

ENOUGH = 1e-7  # metres: less is rounding, not a gain


@compiled
def price(problem: Problem, medoid: int, g: int, cost: Floats) -> None:
    """Sets column g of `cost`: what each household pays in grid g with that medoid."""
    for i in range(cost.shape[0]):
        cost[i, g] = problem.dist[medoid, i] + problem.extra[i, g]


@compiled
def total(problem: Problem, state: State, cost: Floats) -> float:
    """The objective: what households pay plus what grids pay."""
    value = 0.0
    for i in range(cost.shape[0]):
        value += cost[i, state.grid[i]]
    for g in range(cost.shape[1]):
        value += problem.fc[state.size[g]] + problem.fp[state.heads[g]]
    return value


@compiled
def find_leavers(
    problem: Problem, state: State, cost: Floats, g1: int, g2: int, least: Floats, who: Ints
) -> None:
    """Refreshes rows g1 and g2 of `least`, the cheapest leaver per (from, to, size)."""
    least[g1] = np.inf
    least[g2] = np.inf
    for i in range(cost.shape[0]):
        g = state.grid[i]
        if g not in (g1, g2) or problem.pin[i] >= 0 or state.medoid[g] == i:
            continue
        s = problem.kind[i]
        for h in range(cost.shape[1]):
            gain = cost[i, h] - cost[i, g]
            if gain < least[g, h, s]:
                least[g, h, s] = gain
                who[g, h, s] = i


@compiled
def best_move(problem: Problem, state: State, least: Floats, move: Ints) -> float:
    """What the best move changes, and in `move` its (g, h, size out, size back or -1)."""
    found = 0.0
    k = state.size.shape[0]
    for g in range(k):
        for h in range(k):
            if g != h:
                found = best_between(problem, state, least, g, h, found, move)
    return found


@compiled
def best_between(
    problem: Problem, state: State, least: Floats, g: int, h: int, found: float, move: Ints
) -> float:
    """`best_move` for one pair of grids, where it beats `found`; swaps are tried for g < h."""
    fc, fp, sizes = problem.fc, problem.fp, problem.sizes
    count, heads = state.size, state.heads
    shift = fc[count[g] - 1] + fc[count[h] + 1] - fc[count[g]] - fc[count[h]]
    now = fp[heads[g]] + fp[heads[h]]
    for s in range(sizes.shape[0]):
        out = least[g, h, s] - now
        if out == np.inf:
            continue
        left, joined = heads[g] - sizes[s], heads[h] + sizes[s]
        delta = out + shift + fp[left] + fp[joined]
        if delta < found:
            found = delta
            move[:] = (g, h, s, -1)
        for t in range(sizes.shape[0] if g < h else 0):
            if out + least[h, g, t] < found:
                delta = out + least[h, g, t] + fp[left + sizes[t]] + fp[joined - sizes[t]]
                if delta < found:
                    found = delta
                    move[:] = (g, h, s, t)
    return found


@compiled
def carry(state: State, i: int, g: int, h: int, size: int) -> None:
    """Takes household i of `size` people from grid g to grid h."""
    state.grid[i] = h
    state.size[g] -= 1
    state.size[h] += 1
    state.heads[g] -= size
    state.heads[h] += size


@compiled
def improve_medoids(problem: Problem, state: State, cost: Floats) -> bool:
    """Moves each medoid to the household of its grid with the least sum; whether any moved."""
    dist = problem.dist
    changed = False
    member = np.empty(cost.shape[0], np.int64)
    for g in range(cost.shape[1]):
        m = 0
        for i in range(cost.shape[0]):
            if state.grid[i] == g:
                member[m] = i
                m += 1
        new, least = -1, -ENOUGH
        for a in range(m):
            least += dist[state.medoid[g], member[a]]
        for a in range(m):
            value = 0.0
            for b in range(m):
                value += dist[member[a], member[b]]
            if value < least:
                least = value
                new = member[a]
        if new >= 0:
            state.medoid[g] = new
            price(problem, new, g, cost)
            changed = True
    return changed


@compiled
def descend(problem: Problem, state: State, move_medoids: bool) -> float:
    """Brings `state` to a local optimum in place; the objective there."""
    n, k, s = state.grid.shape[0], state.medoid.shape[0], problem.sizes.shape[0]
    cost = np.empty((n, k))
    least = np.empty((k, k, s))
    who = np.empty((k, k, s), np.int64)
    move = np.zeros(4, np.int64)
    for g in range(k):
        price(problem, state.medoid[g], g, cost)
    while True:
        for g in range(k):
            find_leavers(problem, state, cost, g, g, least, who)
        while best_move(problem, state, least, move) < -ENOUGH:
            g, h, out, back = int(move[0]), int(move[1]), int(move[2]), int(move[3])
            i, j = who[g, h, out], who[h, g, back]
            carry(state, i, g, h, int(problem.sizes[out]))
            if back >= 0:
                carry(state, j, h, g, int(problem.sizes[back]))
            find_leavers(problem, state, cost, g, h, least, who)
        if not (move_medoids and improve_medoids(problem, state, cost)):
            return total(problem, state, cost)
