"""A grid keeps the number that most of its households have: nothing else changes fewer."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench.counties import county
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.names import kept_numbers, matched
from lianhu.grids.engine.redivide import redivide
from lianhu.grids.rules import Band, Bounds

SMALL = Bounds(Band(2, 3), Band(5, 10))
members = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([0, 1, 2, 3, 7])), min_size=1, max_size=12
)


def changed(number, old) -> int:
    """Households that had a number and have another now."""
    return sum(bool(o) and n != o for n, o in zip(number, old, strict=True))


@given(st.integers(1, 4), st.integers(0, 2), st.data())
def test_matched_has_the_greatest_sum_of_all(rows, more, data):
    value = st.integers(0, 9)
    shared = np.array(
        [[data.draw(value) for _ in range(rows + more)] for _ in range(rows)], np.int64
    )
    found = matched(shared)
    assert len(set(found)) == rows
    every = permutations(range(rows + more), rows)
    most = max(sum(shared[r, c] for r, c in enumerate(chosen)) for chosen in every)
    assert sum(shared[r, c] for r, c in enumerate(found)) == most


@given(members, st.sets(st.sampled_from([1, 2])), st.sets(st.sampled_from([3, 9])))
def test_no_other_names_for_the_same_grids_change_fewer_households(rows, fixed, shut):
    number = [n for n, _ in rows if n not in shut]
    old = [o for n, o in rows if n not in shut]
    if not number:
        return
    fixed = fixed & set(number)
    named = kept_numbers(np.array(number), np.array(old), fixed, shut).tolist()
    name_of = dict(zip(number, named, strict=True))
    assert len(set(name_of.values())) == len(name_of)  # the same grids, none made one
    assert [name_of[n] for n in number] == named
    assert all(name_of[n] == n for n in fixed)
    assert not set(named) & shut - fixed
    free = [grid for grid in name_of if grid not in fixed]
    names = [n for n in range(1, 12) if n not in fixed | shut]
    least = min(
        changed([(name_of | dict(zip(free, to, strict=True)))[n] for n in number], old)
        for to in permutations(names, len(free))
    )
    assert changed(named, old) == least


def test_a_grid_of_newcomers_gets_a_number_that_none_had():
    number, old = np.array([1, 1, 2, 2, 3]), np.array([5, 5, 0, 0, 1])
    assert kept_numbers(number, old, [], [2]).tolist() == [5, 5, 3, 3, 1]


def test_a_fresh_division_of_the_same_households_keeps_every_number():
    land = county(6, households=900, groups=12)
    first = divide_groups(*land, Bounds(), seed=1)
    other_names = first.grid * 3 % 100 + 1  # the same grids, called otherwise
    again = divide_groups(*land, Bounds(), seed=1, before=other_names)
    assert again.grid.tolist() == other_names.tolist()
    assert [g.walk_m for g in again.groups] == [g.walk_m for g in first.groups]
    for mine in again.groups:
        here = again.grid[land.group == mine.group]
        sizes = tuple(int((here == n).sum()) for n in mine.numbers)
        assert sizes == tuple(households for households, _ in mine.sizes)
        assert (again.grid[list(mine.medoids)] == mine.numbers).all()


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 6), st.sampled_from([0, 1, 2, 5])),
        min_size=1,
        max_size=9,
    )
)
def test_a_division_again_keeps_the_numbers_of_the_grids_that_overlap_most(rows):
    x, people, before = (np.array(column) for column in zip(*rows, strict=True))
    nought = np.zeros(len(rows), np.int64)
    for grid in (
        redivide(
            nought, x, nought, people, SMALL, before=before, seed=3, drift=0.05
        ).division.grid,
        divide_groups(nought, x, nought, people, SMALL, seed=3, before=before).grid,
    ):
        numbers = sorted(set(grid.tolist()))
        names = sorted({*range(1, 6), *numbers})
        least = min(
            changed([dict(zip(numbers, to, strict=True))[n] for n in grid.tolist()], before)
            for to in permutations(names, len(numbers))
        )
        assert changed(grid, before) == least
