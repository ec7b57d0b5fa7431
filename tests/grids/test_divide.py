"""Dividing a group: a partition, its violations told, and the best where all can be tried."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.division import Division
from lianhu.grids.rules import Band, Bounds, choices, total_violation, violations
from lianhu.kernel.errors import Refusal
from tests.grids.brute import Tiny, best, violation, walk

SMALL = Bounds(Band(2, 3), Band(5, 10))
tinies = st.lists(
    st.tuples(st.tuples(st.integers(0, 40), st.integers(0, 15)), st.integers(0, 6)),
    min_size=1,
    max_size=9,
).map(lambda rows: Tiny([p for p, _ in rows], [n for _, n in rows]))
counties = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 500), st.integers(0, 200), st.integers(0, 8)),
    max_size=60,
)


def divide(rows, bounds=SMALL, **options) -> Division:
    columns = [[row[i] for row in rows] for i in range(4)]
    return divide_groups(*columns, bounds, seed=7, **options)


def divide_tiny(tiny: Tiny, bounds=SMALL) -> Division:
    rows = [(0, x, y, n) for (x, y), n in zip(tiny.points, tiny.people, strict=True)]
    return divide(rows, bounds)


@given(counties)
def test_divide_is_a_partition_inside_each_group_and_reports_every_violation(rows):
    division = divide(rows)
    assert len(division.grid) == len(rows)
    assert [g.group for g in division.groups] == sorted({row[0] for row in rows})
    for group in division.groups:
        mine = [i for i, row in enumerate(rows) if row[0] == group.group]
        sets = [[i for i in mine if division.grid[i] == n] for n in group.numbers]
        assert group.numbers == tuple(range(1, group.grids + 1))
        assert sorted(i for s in sets for i in s) == mine
        assert all(sets)
        assert all(m in s for m, s in zip(group.medoids, sets, strict=True))
        sizes = [(len(s), sum(rows[i][3] for i in s)) for s in sets]
        assert list(group.sizes) == sizes
        assert list(group.violations) == list(violations(sizes, SMALL))
        assert bool(group.violations) == bool(group.reason)


@given(counties)
def test_divide_takes_the_number_of_grids_of_the_rule(rows):
    for group in divide(rows).groups:
        people = [row[3] for row in rows if row[0] == group.group]
        assert group.grids in choices(len(people), sum(people), SMALL)


@given(counties)
def test_divide_gives_the_same_for_the_same_seed(rows):
    first, second = divide(rows), divide(rows)
    assert first.grid.tolist() == second.grid.tolist()
    assert first.groups == second.groups


@settings(max_examples=60)
@given(counties, st.randoms(use_true_random=False))
def test_divide_gives_the_same_in_whatever_order_the_rows_come(rows, luck):
    shuffled = luck.sample(rows, len(rows))
    one, other = divide(rows), divide(shuffled)
    assert [replace(g, walk_m=0, medoids=()) for g in one.groups] == [
        replace(g, walk_m=0, medoids=()) for g in other.groups
    ]
    assert one.walk_m == pytest.approx(other.walk_m)
    told = [
        sorted((row, int(g)) for row, g in zip(given, found.grid, strict=True))
        for given, found in ((rows, one), (shuffled, other))
    ]
    assert told[0] == told[1]


@given(tinies)
@example(Tiny([(0, 0)] * 9, [1] * 9))
@example(Tiny([(i, 0) for i in range(6)], [6, 6, 6, 0, 0, 0]))
def test_divide_tiny_groups_equals_trying_everything(tiny):
    (group,) = divide_tiny(tiny).groups
    least, metres = best(tiny, group.grids, SMALL)
    assert total_violation(group.violations, SMALL) == least
    if not least:
        # 99 of 100 such groups come out exactly; the search gives no promise for each (the worst
        # met was 11 % above), a proof does: see test_proof.py
        assert metres - 1e-6 <= group.walk_m <= metres * 1.2 + 1e-6


@settings(max_examples=40)
@given(tinies)
def test_divide_breaks_a_bound_only_where_no_number_of_grids_keeps_it(tiny):
    (group,) = divide_tiny(tiny).groups
    if group.violations:
        fits = choices(len(tiny.people), sum(tiny.people), SMALL)
        assert all(best(tiny, k, SMALL)[0] for k in fits)


@given(tinies)
def test_walk_is_measured_to_the_best_house_of_each_grid(tiny):
    division = divide_tiny(tiny)
    (group,) = division.groups
    sets = [np.flatnonzero(division.grid == n).tolist() for n in group.numbers]
    assert group.walk_m == pytest.approx(sum(walk(tiny, s) for s in sets), abs=1e-6)
    assert violation(tiny, sets, SMALL) == total_violation(group.violations, SMALL)


@given(counties, st.data())
def test_locked_households_stay_and_closed_grids_take_nobody(rows, data):
    locks = [data.draw(st.sampled_from([0, 0, 0, 1, 2, 5])) for _ in rows]
    closed = {(g, 2) for g in range(4)}
    division = divide(rows, locks=locks, closed=closed)
    for lock, grid, row in zip(locks, division.grid.tolist(), rows, strict=True):
        assert lock in (0, grid)
        if grid == 2 and (row[0], 2) in closed:
            assert lock == 2


def test_locked_group_without_free_households_is_left_as_it_is():
    rows = [(4, i, 0, 3) for i in range(6)]
    locks = [1, 1, 1, 3, 3, 3]
    assert divide(rows, locks=locks).grid.tolist() == locks
    assert divide(rows, locks=locks, closed={(4, 1), (4, 3)}).grid.tolist() == locks


def test_even_shares_where_a_bound_cannot_be_kept():
    rows = [(0, i * i, 0, 3) for i in range(38)]
    (group,) = divide(rows, Bounds()).groups
    assert group.sizes == ((19, 57), (19, 57))
    rows = [(0, i * i, 0, 3 + (i % 3 == 0)) for i in range(38)]
    (group,) = divide(rows, Bounds()).groups
    assert [size for size, _ in group.sizes] == [19, 19]
    assert {people for _, people in group.sizes} <= {63, 64}


def test_bounds_that_one_swap_at_a_time_cannot_reach_are_kept():
    people = [1, 4, 6] * 14
    bounds = Bounds(Band(21, 21), Band(77, 77))
    rows = [(0, i * 10, 0, n) for i, n in enumerate(people)]
    (group,) = divide(rows, bounds).groups
    assert (group.grids, group.violations) == (2, ())


def test_balance_evens_out_sizes():
    rows = [(0, i if i < 30 else 5_000 + i, 0, 4) for i in range(52)]
    loose = divide(rows, Bounds())
    even = divide(rows, Bounds(), balance=10_000.0)
    assert loose.groups[0].sizes[0][0] == 30
    assert [size for size, _ in even.groups[0].sizes] == [26, 26]


def test_grids_are_numbered_along_the_group():
    rows = [(0, i * 100, i, 4) for i in range(75)]
    grid = divide(rows, Bounds()).grid.tolist()
    assert grid == sorted(grid)


def test_no_household_gives_no_group():
    assert divide([]).groups == ()


@pytest.mark.parametrize(
    "columns",
    [
        ([0], [float("nan")], [0], [1]),
        ([0], [0], [float("inf")], [1]),
        ([0], [0], [0], [-1]),
        ([0, 0], [0], [0], [1]),
    ],
)
def test_divide_refuses_what_is_no_number(columns):
    with pytest.raises(Refusal, match=r"grids\.bad_input"):
        divide_groups(*columns, SMALL, seed=1)


def test_divide_refuses_a_group_beyond_memory():
    many = np.zeros(4_001)
    with pytest.raises(Refusal, match=r"grids\.group_too_large"):
        divide_groups(many, many, many, many, SMALL, seed=1)
