"""Two grids are shared out as trying every way to share them out would."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.grids.engine.arrays import Problem, new_state
from lianhu.grids.engine.descent import improve_medoids, tally, total
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.pairs import share, share_pairs
from lianhu.grids.engine.part import Luck, Rows, problem_of
from lianhu.grids.engine.search import adopt
from lianhu.grids.rules import Band, Bounds

SMALL = Bounds(Band(2, 5), Band(5, 14))
houses = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.integers(0, 15),
        st.integers(0, 6),
        st.sampled_from([0, 0, 0, 1, 2]),
    ),
    min_size=4,
    max_size=8,
)


def problem(rows, k: int, bounds=SMALL) -> Problem:
    x, y, people, lock = (np.array(column) for column in zip(*rows, strict=True))
    held = sorted(set(lock.tolist()) - {0}) or []
    return problem_of(
        Rows(np.arange(len(rows)), x * 1.0, y * 1.0, people, lock), held, k, bounds,
        Luck(1, 1, 0.0),
    )  # fmt: skip


def state_of(given_problem: Problem, grid, k: int):
    state = new_state(len(grid), k)
    adopt(given_problem, np.array(grid), state)
    return state


@given(houses, st.data())
def test_share_finds_what_trying_every_way_finds(rows, data):
    locks = {1: 0, 2: 1}
    rows = [row if {1, 2} <= {r[3] for r in rows} else (*row[:3], 0) for row in rows]
    grid = [locks[row[3]] if row[3] else data.draw(st.integers(0, 1)) for row in rows]
    if len(set(grid)) < 2:
        return
    task = problem(rows, 2)
    state = state_of(task, grid, 2)
    start, fixed = state.grid.tolist(), set(state.medoid.tolist())
    low, high, least, most = task.band
    within = all(low <= n <= high for n in state.size) and all(
        least <= n <= most for n in state.heads
    )
    before = total(task, state)
    every = []
    for tried in product((0, 1), repeat=len(rows)):
        stays = all(
            tried[i] == start[i] for i in range(len(rows)) if i in fixed or task.pin[i] >= 0
        )
        if stays:
            other = new_state(len(rows), 2)
            other.grid[:], other.medoid[:] = tried, state.medoid
            tally(task, other)
            every.append(total(task, other))
    helped = share(task, state, 1, 0)
    tally(task, state)
    after = total(task, state)
    assert helped == (after < before - 1e-8)
    assert min(every) - 1e-6 <= after <= before + 1e-6
    if within:  # the table holds every way that keeps the bounds
        assert after == pytest.approx(min(every), abs=1e-6)
    assert all(state.grid[i] == start[i] for i in fixed)


@given(houses, st.integers(2, 3), st.data())
def test_share_pairs_never_lengthens_and_leaves_locks(rows, k, data):
    rows = [(*row[:3], 0) for row in rows]
    grid = [*range(k), *(data.draw(st.integers(0, k - 1)) for _ in rows[k:])]
    task = problem(rows, k)
    state = state_of(task, grid, k)
    before = total(task, state)
    helped = share_pairs(task, state)
    told = total(task, state)
    tally(task, state)
    assert total(task, state) == pytest.approx(told, abs=1e-6)
    assert not improve_medoids(state)
    assert (told < before - 1e-8) if helped else told == before
    assert sorted(set(state.grid.tolist())) == list(range(k))


def test_three_households_for_two_where_no_move_or_swap_keeps_the_bounds():
    # Two hamlets; the near one holds 2 + 2 people too few for 1 + 1 + 2 of the far one: each grid
    # must have exactly 12 people, so no household alone, nor one for one, can change.
    near = [(0, 4), (1, 4), (2, 4)]
    far = [(100, 2), (101, 2), (102, 2), (103, 3), (104, 3)]
    rows = [(x, 0, p, 0) for x, p in near + far]
    bounds = Bounds(Band(1, 8), Band(12, 12))
    task = problem(rows, 2, bounds)
    state = state_of(task, [0, 0, 1, 0, 0, 1, 1, 1], 2)
    assert share_pairs(task, state)
    assert len({int(g) for g in state.grid[:3]}) == 1
    assert len({int(g) for g in state.grid[3:]}) == 1
    columns = [[row[i] for row in rows] for i in (0, 1, 2)]
    (group,) = divide_groups([0] * 8, *columns, bounds, seed=1).groups
    assert group.walk_m == pytest.approx(total(task, state))
