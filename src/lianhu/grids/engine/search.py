"""Many starts and kicks inside one group; the best division found."""

from typing import NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints, Problem, State, new_book, new_state
from lianhu.grids.engine.compiled import compiled
from lianhu.grids.engine.descent import ENOUGH, descend, improve_medoids, tally, total
from lianhu.grids.engine.pairs import share_pairs
from lianhu.grids.engine.polish import polish
from lianhu.grids.engine.starts import balance, choose_live, draw, spread

FEW = 24  # households: so few that it is cheap to judge every move by the medoids after it
SETTLINGS = 3  # balances before a descent, with better medoids between them


class Effort(NamedTuple):
    """At most `starts`, each kicked until `idle` kicks in a row bring nothing; enough when the
    best has been met `meets` times."""

    starts: int
    idle: int
    meets: int


BY_GRIDS = {
    1: Effort(1, 0, 1),
    2: Effort(30, 3, 15),
    3: Effort(30, 3, 8),
    4: Effort(8, 9, 3),
}


def effort(households: int, grids: int, thorough: int = 1) -> Effort:
    """What brings a county within 0.02 % of the best known; see docs/explanation/division.md.

    A few households in small grids are a rugged problem, and a quick one: more starts.
    """
    if households <= FEW:
        thorough *= 6
    many = Effort(4, 18, 2) if grids <= 12 else Effort(1, 60 if grids <= 50 else 20, 1)
    starts, idle, meets = BY_GRIDS.get(grids, many)
    return Effort(starts * thorough, idle, meets * thorough if grids > 1 else 1)


@compiled
def distances(x: Floats, y: Floats) -> Floats:
    """Metres between every two households, as the crow flies."""
    n = x.shape[0]
    dist = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            dist[i, j] = np.sqrt((x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2)
    return dist


@compiled
def adopt(problem: Problem, given: Ints, state: State) -> None:
    """Takes over a division as it is; any household leads each grid until the descent chooses."""
    state.grid[:] = given
    for i in range(given.shape[0]):
        state.medoid[given[i]] = i
    tally(problem, state)
    improve_medoids(state)


@compiled
def begin(problem: Problem, state: State, live: Flags, rng: Ints) -> None:
    """A start for the descent: new medoids for the live grids, and everybody in balance."""
    spread(problem, state, live, rng)
    for _ in range(SETTLINGS):
        balance(problem, state, live)
        tally(problem, state)
        if not improve_medoids(state):
            break


@compiled
def keep(source: State, target: State) -> None:
    """Copies what defines a division."""
    target.grid[:] = source.grid
    target.medoid[:] = source.medoid


@compiled
def finish(problem: Problem, state: State) -> None:
    """Every two grids shared out anew, which no move and no swap does."""
    tally(problem, state)
    if share_pairs(problem, state) and state.grid.shape[0] <= FEW:
        polish(problem, state)


@compiled
def search(
    problem: Problem, k: int, starts: int, idle: int, meets: int, seed: int, given: Ints
) -> State:
    """The best division into k grids that the search finds; the same for the same seed.

    The first start is `given`, a grid per household, unless that is empty.
    """
    n = problem.dist.shape[0]
    rng = np.full(1, seed % 2147483648, np.int64)
    book = new_book(n, k, problem.sizes.shape[0])
    trial, home, best = new_state(n, k), new_state(n, k), new_state(n, k)
    live = np.ones(k, np.bool_)
    least, met = np.inf, 0
    for start in range(starts):
        here, waited = np.inf, 0
        while waited <= idle:
            if here < np.inf:
                keep(home, trial)
                choose_live(problem, trial, live, min(2 + draw(rng, 8) // 3, k), rng)
                begin(problem, trial, live, rng)
            elif start == 0 and given.shape[0] > 0:
                adopt(problem, given, trial)
            else:
                trial.grid[:] = 0
                live[:] = True
                begin(problem, trial, live, rng)
            value = descend(problem, trial, book, True)
            if value < here - ENOUGH:
                here, waited = value, 0
                keep(trial, home)
            waited += 1
        if n <= FEW:
            tally(problem, home)
            if polish(problem, home):
                here = total(problem, home)
        if here < least - ENOUGH:
            least, met = here, 0
            keep(home, best)
        met += int(here < least + ENOUGH)
        if met >= meets:
            break
    finish(problem, best)
    return best
