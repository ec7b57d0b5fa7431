"""Where a descent starts: medoids far from each other, and households priced into balance."""

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints, Problem, State
from lianhu.grids.engine.compiled import compiled

STEPS = 12  # priced reassignments before a descent; more saves nothing
STRIDE = 0.1  # the first step's share of the metres; each next one is a fifth shorter
PERSON = 1.0 / 9.0  # a squared person against a squared household in the length of a step


@compiled
def draw(rng: Ints, below: int) -> int:
    """A number in 0..below-1; our own generator, so results never depend on numpy's version."""
    rng[0] = (rng[0] * 1103515245 + 12345) % 2147483648
    return int(rng[0] >> 8) % below


@compiled
def choose_live(problem: Problem, state: State, live: Flags, many: int, rng: Ints) -> None:
    """Marks `many` grids that lie close together."""
    k = state.medoid.shape[0]
    live[:] = False
    g = draw(rng, k)
    live[g] = True
    for _ in range(many - 1):
        chosen, least = g, np.inf
        for h in range(k):
            far = problem.dist[state.medoid[g], state.medoid[h]]
            far *= 0.5 + draw(rng, 65536) / 65536
            if not live[h] and far < least:
                chosen, least = h, far
        live[chosen] = True


@compiled
def pick(problem: Problem, state: State, live: Flags, near: Floats, g: int, rng: Ints) -> int:
    """A live household that may lead grid g, likelier the farther from the medoids before."""
    mass, spare = 0.0, -1
    for i in range(near.shape[0]):
        if problem.pin[i] == g:
            return i
        if live[state.grid[i]] and problem.pin[i] < 0 and near[i] >= 0.0:
            mass += near[i]
            spare = i
    goal = mass * draw(rng, 4194304) / 4194304
    for i in range(near.shape[0]):
        if live[state.grid[i]] and problem.pin[i] < 0 and near[i] > 0.0:
            goal -= near[i]
            if goal < 0.0:
                return i
    return spare


@compiled
def spread(problem: Problem, state: State, live: Flags, rng: Ints) -> None:
    """Draws new medoids for the live grids among their households, far from each other."""
    near = np.ones(state.grid.shape[0])
    first = True
    for g in range(state.medoid.shape[0]):
        if not live[g]:
            continue
        chosen = pick(problem, state, live, near, g, rng)
        state.medoid[g] = chosen
        for i in range(near.shape[0]):
            far = problem.dist[chosen, i]
            near[i] = far if first else min(near[i], far)
        for h in range(g + 1):  # where houses coincide, nobody leads two grids
            if live[h]:
                near[state.medoid[h]] = -1.0
        first = False


@compiled
def slope(size: float, low: float, high: float, price: float) -> float:
    """How far a grid is outside its band, seen from its price: which way to change the price."""
    if price > 0.0:
        return size - high
    if price < 0.0:
        return size - low
    return max(size - high, 0.0) + min(size - low, 0.0)


@compiled
def same_sign(old: float, new: float) -> float:
    """`new`, or 0 where it would cross it: beyond 0 the other end of the band counts."""
    return 0.0 if old * new < 0.0 else new


@compiled
def assign(problem: Problem, state: State, live: Flags, price: Floats) -> float:
    """Puts each live household where it pays least, prices included; the sum of payments."""
    paid = 0.0
    state.size[:] = 0
    state.heads[:] = 0
    for i in range(state.grid.shape[0]):
        chosen, least = problem.pin[i], np.inf
        if live[state.grid[i]] and chosen < 0:
            for g in range(state.medoid.shape[0]):
                if live[g]:
                    pay = problem.dist[state.medoid[g], i] + problem.extra[i, g]
                    pay += price[0, g] + price[1, g] * problem.people[i]
                    if pay < least:
                        chosen, least = g, pay
            paid += least
        elif chosen < 0:
            chosen = state.grid[i]
        state.grid[i] = chosen
        state.size[chosen] += 1
        state.heads[chosen] += problem.people[i]
    return paid


@compiled
def balance(problem: Problem, state: State, live: Flags) -> None:
    """Settles the live households by a few subgradient steps on the prices of full grids.

    A descent from here needs a fraction of the moves, and ends better, than one from the
    nearest medoids.
    """
    k = state.medoid.shape[0]
    price = np.zeros((2, k))
    tilt = np.zeros((2, k))
    band = problem.band
    metres = assign(problem, state, live, price) * STRIDE
    for _ in range(STEPS - 1):
        length = 0.0
        for g in range(k):
            if live[g]:
                tilt[0, g] = slope(state.size[g], band[0], band[1], price[0, g])
                tilt[1, g] = slope(state.heads[g], band[2], band[3], price[1, g]) * PERSON
                length += tilt[0, g] ** 2 + tilt[1, g] ** 2 / PERSON
        if length < 2.0:
            break
        for g in range(k):
            if live[g]:
                for b in range(2):
                    new = price[b, g] + metres / length * tilt[b, g]
                    price[b, g] = same_sign(price[b, g], new)
        assign(problem, state, live, price)
        metres *= 0.8
    for g in range(k):
        state.grid[state.medoid[g]] = g
