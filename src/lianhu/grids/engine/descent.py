"""Local search inside one group: best shift, else best swap, until none helps.

A move takes one household of grid g to grid h and, if it is a swap, one of h to g. Only the
cheapest household per (grid, size, other grid) can be in the best move, so a `Book` of them is
kept up to date and a step costs some hundred comparisons whatever the number of households.
"""

import numpy as np

from lianhu.grids.engine.arrays import Book, Problem, State
from lianhu.grids.engine.compiled import compiled, inlined

ENOUGH = 1e-7  # metres: less is rounding, not a gain


@inlined
def add_reach(problem: Problem, state: State, i: int, g: int, sign: float) -> None:
    """Adds household i's distances to grid g's sums, or takes them away."""
    for j in range(problem.dist.shape[0]):
        state.reach[g, j] += sign * problem.dist[i, j]


@compiled
def tally(problem: Problem, state: State) -> None:
    """Counts sizes, heads and reach afresh from `state.grid`."""
    state.size[:] = 0
    state.heads[:] = 0
    state.reach[:] = 0.0
    for i in range(state.grid.shape[0]):
        g = state.grid[i]
        state.size[g] += 1
        state.heads[g] += problem.people[i]
        add_reach(problem, state, i, g, 1.0)


@inlined
def enlist(problem: Problem, book: Book, i: int, g: int) -> None:
    """Enters household i among those that may leave grid g."""
    s = problem.kind[i]
    follower = book.first[g, s]
    book.first[g, s] = i
    book.after[i] = follower
    book.before[i] = -1
    if follower >= 0:
        book.before[follower] = i
    for h in range(book.cost.shape[1]):
        gain = book.cost[i, h] - book.cost[i, g]
        if gain < book.least[g, s, h]:
            book.least[g, s, h] = gain
            book.who[g, s, h] = i


@inlined
def delist(problem: Problem, book: Book, i: int, g: int) -> None:
    """Strikes household i from those that may leave grid g."""
    s = problem.kind[i]
    before, after = book.before[i], book.after[i]
    if before >= 0:
        book.after[before] = after
    else:
        book.first[g, s] = after
    if after >= 0:
        book.before[after] = before
    for h in range(book.cost.shape[1]):
        if book.who[g, s, h] == i and h != g:
            book.least[g, s, h] = np.inf
            j = book.first[g, s]
            while j >= 0:
                gain = book.cost[j, h] - book.cost[j, g]
                if gain < book.least[g, s, h]:
                    book.least[g, s, h] = gain
                    book.who[g, s, h] = j
                j = book.after[j]


@compiled
def open_book(problem: Problem, state: State, book: Book) -> None:
    """Fills the book for the present medoids; medoids and pinned households never leave."""
    book.first[:] = -1
    book.least[:] = np.inf
    for i in range(state.grid.shape[0]):
        for g in range(state.medoid.shape[0]):
            book.cost[i, g] = problem.dist[state.medoid[g], i] + problem.extra[i, g]
    for i in range(state.grid.shape[0]):
        g = state.grid[i]
        if problem.pin[i] < 0 and state.medoid[g] != i:
            enlist(problem, book, i, g)


@inlined
def best_shift(
    problem: Problem, state: State, book: Book, g: int, h: int, found: float
) -> float:
    """The change by the best shift from g to h if below `found`, noted in `book.move`."""
    fc, fp = problem.fc, problem.fp
    here, there = state.heads[g], state.heads[h]
    sizes = (
        fc[state.size[g] - 1] + fc[state.size[h] + 1] - fc[state.size[g]] - fc[state.size[h]]
    )
    pays = sizes - fp[here] - fp[there]
    for s in range(problem.sizes.shape[0]):
        out = book.least[g, s, h]
        if out + pays < found:
            p = problem.sizes[s]
            change = (pays + fp[here - p] + fp[there + p]) + out
            if change < found:
                found = change
                book.move[0], book.move[1], book.move[2], book.move[3] = g, h, s, -1
    return found


@inlined
def best_swap(
    problem: Problem, state: State, book: Book, g: int, h: int, found: float
) -> float:
    """The change by the best swap between g and h if below `found`, noted in `book.move`."""
    fp, kinds = problem.fp, problem.sizes.shape[0]
    here, there = state.heads[g], state.heads[h]
    now = fp[here] + fp[there]
    back = np.inf
    for t in range(kinds):
        back = min(back, book.least[h, t, g])
    for s in range(kinds):
        out = book.least[g, s, h]
        if out + back - now >= found:
            continue
        for t in range(kinds):
            metres = out + book.least[h, t, g]
            if metres - now < found:
                p = problem.sizes[t] - problem.sizes[s]
                change = (fp[here + p] + fp[there - p] - now) + metres
                if change < found:
                    found = change
                    book.move[0], book.move[1], book.move[2], book.move[3] = g, h, s, t
    return found


@compiled
def find_move(problem: Problem, state: State, book: Book) -> bool:
    """Whether a shift or, failing that, a swap helps; it is in `book.move`."""
    k = state.medoid.shape[0]
    found = -ENOUGH
    for g in range(k):
        for h in range(k):
            if g != h:
                found = best_shift(problem, state, book, g, h, found)
    if found < -ENOUGH:
        return True
    for g in range(k):
        for h in range(g):
            found = best_swap(problem, state, book, g, h, found)
    return found < -ENOUGH


@inlined
def carry(problem: Problem, state: State, book: Book, i: int, g: int, h: int) -> None:
    """Takes household i from grid g to grid h."""
    delist(problem, book, i, g)
    enlist(problem, book, i, h)
    state.grid[i] = h
    state.size[g] -= 1
    state.size[h] += 1
    state.heads[g] -= problem.people[i]
    state.heads[h] += problem.people[i]
    add_reach(problem, state, i, g, -1.0)
    add_reach(problem, state, i, h, 1.0)


@compiled
def improve_medoids(state: State) -> bool:
    """Moves each medoid to the household of its grid with the least sum; whether any moved."""
    changed = False
    for g in range(state.medoid.shape[0]):
        least = state.reach[g, state.medoid[g]] - ENOUGH
        for i in range(state.grid.shape[0]):
            if state.grid[i] == g and state.reach[g, i] < least:
                least = state.reach[g, i]
                state.medoid[g] = i
                changed = True
    return changed


@compiled
def total(problem: Problem, state: State) -> float:
    """The objective: metres, what households pay for being there, what grids pay for size."""
    value = 0.0
    for g in range(state.medoid.shape[0]):
        value += state.reach[g, state.medoid[g]]
        value += problem.fc[state.size[g]] + problem.fp[state.heads[g]]
    for i in range(state.grid.shape[0]):
        value += problem.extra[i, state.grid[i]]
    return value


@compiled
def descend(problem: Problem, state: State, book: Book, free_medoids: bool) -> float:
    """Brings a tallied `state` to a local optimum in place; the objective there."""
    while True:
        open_book(problem, state, book)
        while find_move(problem, state, book):
            g, h, out, back = book.move
            i, j = book.who[g, out, h], book.who[h, max(back, 0), g]
            carry(problem, state, book, i, g, h)
            if back >= 0:
                carry(problem, state, book, j, h, g)
        if not (free_medoids and improve_medoids(state)):
            return total(problem, state)
