"""Sharing households out among given leaders finds what trying every way finds, to the last house
and head of the bounds."""

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lianhu.grids.engine.lagrange import Land, bound_now, raise_bound
from lianhu.grids.engine.search import distances
from lianhu.grids.engine.sharing import CLOSE, may_fit, share_out
from lianhu.grids.proof import whole

PLENTY = 10_000


class Case(NamedTuple):
    """Households in a street, the first `k` of which lead; households and people low, high."""

    x: list[int]
    people: list[int]
    k: int
    band: tuple[int, int, int, int]


@st.composite
def cases(draw):
    n, k = draw(st.integers(3, 7)), draw(st.integers(2, 3))
    few, heads = draw(st.integers(1, 3)), draw(st.integers(0, 9))
    band = few, few + draw(st.integers(0, 2)), heads, heads + draw(st.integers(0, 4))
    x = draw(st.lists(st.integers(0, 30), min_size=n, max_size=n))
    people = draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    return Case(x, people, min(k, n), band)


def land_of(case: Case) -> Land:
    x = np.array(case.x, float)
    people, band = np.array(case.people, float), np.array(case.band, float)
    return Land(distances(x, 0 * x), people, band)


def least(case: Case, leaders: tuple[int, ...]) -> float:
    """The least walk of all ways to keep the bounds, infinite where there is none."""
    low, high, fewest, most = case.band
    best = float("inf")
    for goes in product(leaders, repeat=len(case.x)):
        if any(goes[leader] != leader for leader in leaders):
            continue
        sizes = [
            (goes.count(g), sum(p for p, h in zip(case.people, goes, strict=True) if h == g))
            for g in leaders
        ]
        if all(low <= n <= high and fewest <= p <= most for n, p in sizes):
            walk = sum(abs(case.x[i] - case.x[g]) for i, g in enumerate(goes))
            best = min(best, walk)
    return best


def shared(case: Case, most: float):
    land, n = land_of(case), len(case.x)
    may, price = np.ones((n, case.k), np.bool_), np.zeros((2, case.k))
    found, bound, sure = share_out(land, np.arange(case.k), may, price, most, PLENTY)
    assert sure
    if found[0] < 0:
        return None, bound
    return float(land.dist[found, np.arange(n)].sum()), bound


TO_THE_LAST = Case([0, 10, 1, 2, 9], [2, 1, 3, 5, 4], 2, (2, 3, 5, 10))  # 3 with 10, 2 with 5


@given(cases())
@example(TO_THE_LAST)
@example(Case([0, 9, 1, 2], [1, 1, 1, 1], 2, (2, 2, 2, 2)))
def test_shared_out_is_the_shortest_of_all_ways(case):
    walk = least(case, tuple(range(case.k)))
    found, bound = shared(case, 1e6)
    if walk == float("inf"):
        assert found is None
        assert bound == 1e6
        return
    assert found == pytest.approx(walk)
    assert bound == pytest.approx(walk - CLOSE)
    assert shared(case, walk - CLOSE)[0] is None
    assert shared(case, walk + CLOSE)[0] == pytest.approx(walk)


def test_the_example_uses_bounds_to_the_last_house_and_head():
    assert least(TO_THE_LAST, (0, 1)) == 4
    for narrower in ((2, 2, 5, 10), (3, 3, 5, 10), (2, 3, 6, 10), (2, 3, 5, 9)):
        assert least(TO_THE_LAST._replace(band=narrower), (0, 1)) > 4


@given(cases())
@example(TO_THE_LAST)
def test_no_bound_of_prices_is_above_the_shortest_of_all_divisions(case):
    n = len(case.x)
    best = min(
        least(case, leaders)
        for leaders in product(range(n), repeat=case.k)
        if len(set(leaders)) == case.k
    )
    if best == float("inf"):
        return
    land = land_of(case)
    branch, _ = whole(land, np.arange(case.k))
    assert bound_now(land, branch) <= best + 1e-9
    assert raise_bound(land, branch, best + CLOSE, 200, 8) <= best + 1e-9
    lead = branch.lead[branch.often >= 0]
    assert any(
        least(case, leaders) == best
        for leaders in product(lead.tolist(), repeat=case.k)
        if len(set(leaders)) == case.k
    )


def test_an_end_that_was_not_reached_is_not_called_certain():
    case = Case([0, 9, 4, 5, 4, 5, 4, 5], [1, 1, 2, 3, 2, 3, 3, 2], 2, (4, 4, 8, 9))
    land, may = land_of(case), np.ones((8, 2), np.bool_)
    assert not share_out(land, np.arange(2), may, np.zeros((2, 2)), 1e6, 0)[2]


def test_bounds_met_to_the_last_house_and_head_may_still_fit():
    land, settled = land_of(TO_THE_LAST), np.zeros((5, 2), np.bool_)
    settled[[0, 2, 3], 0] = settled[[1, 4], 1] = True  # 3 households of 10, 2 of 5
    assert may_fit(land, settled)
    for narrower in ((2, 2, 5, 10), (3, 3, 5, 10), (2, 3, 6, 10), (2, 3, 5, 9)):
        assert not may_fit(land._replace(band=np.array(narrower, float)), settled)
