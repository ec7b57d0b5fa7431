"""Filling grids within bounds finds a division exactly where there is one."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from lianhu.grids.engine.exact import fill
from lianhu.grids.rules import Band


def possible(people: list[int], k: int, households: Band, heads: Band) -> bool:
    for grids in product(range(k), repeat=len(people)):
        sets = [[p for p, g in zip(people, grids, strict=True) if g == n] for n in range(k)]
        if all(not households.outside(len(s)) and not heads.outside(sum(s)) for s in sets):
            return True
    return False


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=7),
    st.integers(1, 3),
    st.tuples(st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.integers(0, 9), st.integers(0, 6)),
)
def test_fill_finds_a_division_exactly_where_there_is_one(people, k, households, heads):
    rooms = Band(households[0], sum(households)), Band(heads[0], sum(heads))
    sizes = sorted(set(people))
    shares = fill([people.count(s) for s in sizes], sizes, k, *rooms)
    assert (shares is not None) == possible(people, k, *rooms)
    if shares is not None:
        assert [sum(column) for column in zip(*shares, strict=True)] == [
            people.count(s) for s in sizes
        ]
        for share in shares:
            assert not rooms[0].outside(sum(share))
            assert not rooms[1].outside(sum(c * s for c, s in zip(share, sizes, strict=True)))
