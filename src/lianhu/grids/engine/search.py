"""Many starts and kicks inside one group; the best division found."""

import numpy as np

from lianhu.grids.engine.arrays import Floats, Ints, Problem, State
from lianhu.grids.engine.compiled import compiled
from lianhu.grids.engine.descent import ENOUGH, descend


@compiled
def distances(x: Floats, y: Floats) -> Floats:
    """Metres between every two households, as the crow flies."""
    n = x.shape[0]
    dist = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            dist[i, j] = np.sqrt((x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2)
            dist[j, i] = dist[i, j]
    return dist


@compiled
def draw(state: Ints, below: int) -> int:
    """A number in 0..below-1; our own generator, so results never depend on numpy's version."""
    state[0] = (state[0] * 1103515245 + 12345) % 2147483648
    return int(state[0] >> 8) % below


@compiled
def settle(problem: Problem, state: State) -> None:
    """Puts every household with its nearest medoid, pinned ones where they belong."""
    k = state.medoid.shape[0]
    state.size[:] = 0
    state.heads[:] = 0
    for i in range(state.grid.shape[0]):
        g = 0
        for h in range(1, k):
            if problem.dist[state.medoid[h], i] < problem.dist[state.medoid[g], i]:
                g = h
        state.grid[i] = g if problem.pin[i] < 0 else problem.pin[i]
    for g in range(k):  # where houses coincide, a medoid may have gone with another
        state.grid[state.medoid[g]] = g
    for i in range(state.grid.shape[0]):
        state.size[state.grid[i]] += 1
        state.heads[state.grid[i]] += problem.people[i]


@compiled
def may_lead(problem: Problem, state: State, i: int, g: int, others: int) -> bool:
    """Whether household i can be grid g's medoid beside those of the first `others` grids."""
    if problem.pin[i] >= 0 and problem.pin[i] != g:
        return False
    free = True
    for h in range(others):
        free = free and (h == g or state.medoid[h] != i)
    return free


@compiled
def next_medoid(problem: Problem, state: State, rng: Ints, g: int, near: Floats) -> int:
    """A household for grid g, likelier the farther it lies from the medoids before."""
    n = near.shape[0]
    mass = 0.0
    for i in range(n):
        if problem.pin[i] == g:
            return i
        if may_lead(problem, state, i, g, g):
            mass += near[i]
    goal = mass * draw(rng, 1 << 22) / (1 << 22)
    chosen = -1
    for i in range(n):
        if may_lead(problem, state, i, g, g):
            chosen = i
            goal -= near[i]
            if goal < 0.0:
                break
    return chosen


@compiled
def spread(problem: Problem, state: State, rng: Ints) -> None:
    """Draws a medoid for every grid, far from each other."""
    near = np.ones(state.grid.shape[0])
    for g in range(state.medoid.shape[0]):
        chosen = next_medoid(problem, state, rng, g, near)
        state.medoid[g] = chosen
        for i in range(near.shape[0]):
            far = problem.dist[chosen, i]
            near[i] = min(near[i], far) if g else far


@compiled
def kick(problem: Problem, state: State, rng: Ints) -> None:
    """Moves one grid's medoid to some other household that may lead it."""
    g = draw(rng, state.medoid.shape[0])
    for _ in range(20):
        i = draw(rng, state.grid.shape[0])
        if state.medoid[g] != i and may_lead(problem, state, i, g, state.medoid.shape[0]):
            state.medoid[g] = i
            return


@compiled
def blank(n: int, k: int) -> State:
    """A state to write into."""
    return State(
        np.zeros(n, np.int64), np.zeros(k, np.int64), np.zeros(k, np.int64),
        np.zeros(k, np.int64),
    )  # fmt: skip


@compiled
def search(problem: Problem, k: int, starts: int, kicks: int, seed: int) -> State:
    """The best of `starts` descents from spread medoids, each kicked `kicks` times."""
    n = problem.dist.shape[0]
    rng = np.full(1, seed % 2147483648, np.int64)
    best, trial, home = blank(n, k), blank(n, k), np.zeros(k, np.int64)
    least = np.inf
    for _ in range(starts):
        here = np.inf
        for attempt in range(kicks + 1):
            if attempt:
                trial.medoid[:] = home
                kick(problem, trial, rng)
            else:
                spread(problem, trial, rng)
            settle(problem, trial)
            value = descend(problem, trial, True)
            if value < here - ENOUGH:
                here = value
                home[:] = trial.medoid
            if value < least - ENOUGH:
                least = value
                best.grid[:] = trial.grid
                best.medoid[:] = trial.medoid
    return best
