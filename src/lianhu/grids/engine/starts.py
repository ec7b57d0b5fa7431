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
def list_live(live: Flags, grid: Ints) -> Ints:
    """The households whose grid is live."""
    found = np.empty(grid.shape[0], np.int64)
    many = 0
    for i in range(grid.shape[0]):
        if live[grid[i]]:
            found[many] = i
            many += 1
    return found[:many].copy()


@compiled
def metres_to(problem: Problem, state: State, grids: Ints, houses: Ints) -> Floats:
    """What each of these households pays in each of these grids before prices."""
    base = np.empty((grids.shape[0], houses.shape[0]))
    for a in range(grids.shape[0]):
        g = grids[a]
        for b in range(houses.shape[0]):
            i = houses[b]
            base[a, b] = problem.dist[state.medoid[g], i] + problem.extra[i, g]
            if problem.pin[i] >= 0 and problem.pin[i] != g:
                base[a, b] = np.inf
    return base


@compiled
def assign(base: Floats, people: Floats, price: Floats, least: Floats, chosen: Ints) -> None:
    """Where each household pays least, prices included; written without branches, for speed."""
    least[:] = np.inf
    for g in range(base.shape[0]):
        each, head = price[0, g], price[1, g]
        for i in range(base.shape[1]):
            pay = base[g, i] + each + head * people[i]
            better = pay < least[i]
            least[i] = pay if better else least[i]
            chosen[i] = g if better else chosen[i]


@compiled
def balance(problem: Problem, state: State, live: Flags) -> None:
    """Settles the live households by a few subgradient steps on the prices of full grids.

    A descent from here needs a fraction of the moves, and ends better, than one from the
    nearest medoids.
    """
    grids, houses = np.flatnonzero(live), list_live(live, state.grid)
    k, many, band = grids.shape[0], houses.shape[0], problem.band
    base = metres_to(problem, state, grids, houses)
    people = problem.people[houses].astype(np.float64)
    least, chosen = np.empty(many), np.zeros(many, np.int64)
    price, tilt = np.zeros((2, k)), np.zeros((2, k))
    metres = 0.0
    for step in range(STEPS):
        assign(base, people, price, least, chosen)
        metres = metres * 0.8 if step else STRIDE * least.sum()
        tilt[:] = 0.0
        for i in range(many):
            tilt[0, chosen[i]] += 1.0
            tilt[1, chosen[i]] += people[i]
        length = 0.0
        for g in range(k):
            tilt[0, g] = slope(tilt[0, g], band[0], band[1], price[0, g])
            tilt[1, g] = slope(tilt[1, g], band[2], band[3], price[1, g]) * PERSON
            length += tilt[0, g] ** 2 + tilt[1, g] ** 2 / PERSON
        if length < 2.0:
            break
        for g in range(k if step < STEPS - 1 else 0):
            for b in range(2):
                new = price[b, g] + metres / length * tilt[b, g]
                price[b, g] = same_sign(price[b, g], new)
    for i in range(many):
        state.grid[houses[i]] = grids[chosen[i]]
    for a in range(k):
        state.grid[state.medoid[grids[a]]] = grids[a]
