"""A proof says what trying every division says, takes what is shorter, and is no rubber stamp."""

from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.counties import county
from lianhu.grids import proving
from lianhu.grids.engine.divide import divide_groups, summary
from lianhu.grids.engine.division import Division
from lianhu.grids.engine.exact import impossible
from lianhu.grids.engine.part import Rows
from lianhu.grids.engine.search import distances
from lianhu.grids.points import divide_points
from lianhu.grids.proof import Group, prove
from lianhu.grids.proving import prove_division
from lianhu.grids.rules import Band, Bounds, violations
from tests.grids.brute import Tiny, best

SMALL = Bounds(Band(2, 3), Band(5, 10))
tinies = st.lists(
    st.tuples(st.tuples(st.integers(0, 40), st.integers(0, 15)), st.integers(1, 6)),
    min_size=4,
    max_size=9,
).map(lambda rows: Tiny([p for p, _ in rows], [n for _, n in rows]))


def columns_of(tiny: Tiny):
    x, y = np.array(tiny.points, float).T
    return np.zeros(len(tiny.people), np.int64), x, y, np.array(tiny.people)


def any_division(columns, k: int, bounds: Bounds):
    """The first division met that keeps both bounds, however long its walk; None if none does."""
    group, x, y, people = columns
    dist = distances(x, y)
    for code in range(k**group.size):
        grid = np.array([code // k**i % k + 1 for i in range(group.size)])
        sizes = [
            (int((grid == g).sum()), int(people[grid == g].sum())) for g in range(1, k + 1)
        ]
        if not list(violations(sizes, bounds)):
            rows = Rows(np.arange(group.size), x, y, people, np.zeros_like(group))
            medoid = {}
            for g in range(1, k + 1):
                at = np.flatnonzero(grid == g)
                medoid[g] = int(at[dist[np.ix_(at, at)].sum(1).argmin()])
            return Division(grid, (summary(0, rows, grid, medoid, bounds),))
    return None


MISSED = Tiny(  # the search alone ends 11 % above the shortest
    [(11, 0), (11, 0), (31, 6), (21, 6), (31, 6), (21, 6), (39, 9), (0, 0), (30, 7)],
    [6, 6, 4, 0, 4, 0, 3, 6, 3],
)


@settings(max_examples=40, deadline=None)
@given(tinies)
@example(MISSED)
def test_what_is_proved_is_the_best_of_all_divisions(tiny):
    columns = columns_of(tiny)
    division = divide_groups(*columns, SMALL, seed=7)
    found = prove_division(columns, division, SMALL)
    (group,), (proof,) = found.division.groups, found.proofs
    if proof is None:
        assert group.violations  # such a group is named, never called proved
        return
    least, metres = best(tiny, group.grids, SMALL)
    assert proof.proved
    assert found.share == 1.0
    assert group.walk_m == pytest.approx(proof.walk_m, abs=1e-6)
    if not least:
        assert metres - 1e-6 <= proof.walk_m <= metres + 2e-3
        assert proof.bound_m <= metres + 2e-3


@settings(max_examples=30, deadline=None)
@given(tinies)
def test_a_worsened_division_is_replaced_and_never_called_the_shortest(tiny):
    columns = columns_of(tiny)
    (good,) = divide_groups(*columns, SMALL, seed=7).groups
    bad = any_division(columns, good.grids, SMALL)
    if bad is None:
        return
    metres = best(tiny, good.grids, SMALL)[1]
    found = prove_division(columns, bad, SMALL)
    (group,) = found.division.groups
    assert group.walk_m <= metres + 2e-3
    assert not group.violations
    sizes = [
        (int((found.division.grid == n).sum()), int(columns[3][found.division.grid == n].sum()))
        for n in group.numbers
    ]
    assert list(group.sizes) == sizes
    if bad.groups[0].walk_m > metres + 3e-3:
        assert group.walk_m < bad.groups[0].walk_m


def test_without_time_a_worsened_division_is_not_proved_and_its_gap_is_told():
    land = county(3, households=160, groups=2)
    good = divide_groups(*land, Bounds(), seed=1)
    bad = divide_groups(land.group, land.x, -land.y[::-1].copy(), land.people, Bounds(), seed=1)
    rows = Rows(np.arange(160), land.x, land.y, land.people, np.zeros_like(land.group))
    groups = []
    for found in bad.groups:
        here = rows.take(land.group == found.group)
        medoid = dict(zip(found.numbers, found.medoids, strict=True))
        groups.append(summary(found.group, here, bad.grid[here.row], medoid, Bounds()))
    worse = Division(bad.grid, tuple(groups))
    assert worse.walk_m > 1.2 * good.walk_m
    for proof in prove_division(land, worse, Bounds(), seconds=0.0).proofs:
        assert proof is not None
        assert not proof.proved
        assert proof.gap > 0.05
        assert proof.medoid is None


def test_a_bound_is_below_every_division_and_more_time_never_lowers_it():
    land = county(4, households=300, groups=4)
    division = divide_groups(*land, Bounds(), seed=1)
    short = prove_division(land, division, Bounds(), seconds=0.0)
    full = prove_division(land, division, Bounds(), seconds=600.0)  # machine code included
    assert full.share == 1.0
    for early, late in zip(short.proofs, full.proofs, strict=True):
        assert early.bound_m <= late.walk_m + 2e-3
        assert early.bound_m <= late.bound_m + 2e-3


def test_a_number_of_grids_that_is_not_the_best_is_not_called_proved():
    columns = columns_of(Tiny([(i, 0) for i in range(6)], [3] * 6))
    three = any_division(columns, 3, SMALL)
    assert prove_division(columns, three, Bounds(Band(2, 6), Band(5, 20))).proofs == [None]


def test_impossible_is_certain():
    assert impossible([3], [6], 2, Band(1, 2), Band(5, 10))
    assert not impossible([4], [5], 2, Band(1, 2), Band(5, 10))


def test_points_are_proved_by_name(tmp_path):
    land = county(5, households=120, groups=2)
    path = tmp_path / "p.csv"
    rows = zip(*land, strict=True)
    path.write_text(
        "group,household,x_m,y_m,people\n"
        + "".join(f"组{g},h{i},{x},{y},{p}\n" for i, (g, x, y, p) in enumerate(rows))
    )
    found = divide_points(path, prove=True)
    assert found["proof"]["groups"] == found["proof"]["proved"] == 2
    assert found["proof"]["not_proved"] == []
    assert all(group["proof"]["proved"] for group in found["groups"])
    assert all(g["proof"]["bound_m"] <= g["walk_m"] + 0.002 for g in found["groups"])
    plain = divide_points(path)
    assert "proof" not in plain
    assert [g["group"] for g in plain["groups"]] == [g["group"] for g in found["groups"]]


def test_a_shorter_division_of_an_early_turn_is_not_lost_in_a_later_one(monkeypatch):
    columns = columns_of(MISSED)
    (good,) = divide_groups(*columns, SMALL, seed=7).groups
    bad = any_division(columns, good.grids, SMALL)
    real, told = proving.prove, []

    def first_finds_then_time_is_up(group, medoid, seconds, open_=()):
        found = real(group, medoid, 60.0)
        told.append(found.walk_m)
        return found._replace(bound_m=0.0) if len(told) == 1 else found

    monkeypatch.setattr(proving, "prove", first_finds_then_time_is_up)
    found = prove_division(columns, bad, SMALL)
    assert len(told) == 2
    assert found.share == 1.0
    assert found.division.walk_m == pytest.approx(told[0], abs=1e-6)
    assert found.division.walk_m < bad.walk_m - 1


def test_a_proof_in_many_turns_says_what_one_says(monkeypatch):
    columns = columns_of(MISSED)
    (good,) = divide_groups(*columns, SMALL, seed=7).groups
    (bad,) = (division := any_division(columns, good.grids, SMALL)).groups
    house = dict(zip(bad.numbers, bad.medoids, strict=True))
    medoid = np.array([house[number] for number in division.grid.tolist()])
    group = Group(*columns[1:], np.array([2, 3, 5, 10], float))
    once, ticks = prove(group, medoid, 60.0), count()
    assert once.proved
    assert once.walk_m < bad.walk_m - 1
    clock = SimpleNamespace(process_time=lambda: float(next(ticks)))
    monkeypatch.setattr("lianhu.grids.proof.time", clock)
    turns = [prove(group, medoid, 0.0)]  # no time to search: branches alone must find it
    assert turns[0].open_
    while not turns[-1].proved:
        turns.append(prove(group, medoid, 2.0, turns[-1].open_))
        assert turns[-1].bound_m >= turns[-2].bound_m
        medoid = medoid if turns[-1].medoid is None else turns[-1].medoid
    assert len(turns) > 3
    assert turns[-1].walk_m == pytest.approx(once.walk_m, abs=1e-6)


def test_a_turn_never_lowers_what_an_earlier_one_has_proved(monkeypatch):
    columns = columns_of(MISSED)
    division = divide_groups(*columns, SMALL, seed=7)
    bounds = iter((5.0, 2.0, 1.0))
    monkeypatch.setattr(proving, "prove", lambda *a: proving.Proof(9.0, next(bounds)))
    monkeypatch.setattr(proving, "TURNS", (1.0, 2.0, 400.0))
    (proof,) = prove_division(columns, division, SMALL).proofs
    assert proof.bound_m == 5.0


def test_who_had_the_fewest_turns_comes_first_and_of_those_the_nearest_to_a_proof(monkeypatch):
    """Each turn is twice the last; a group that is proved has no further one."""
    gaps = {1: 0.5, 2: 0.1, 3: 0.3}
    turns = []

    def prove_one(task):
        turns.append((task.medoid, task.seconds, task.known is not None))
        walk = 100.0
        proved = task.medoid == 3 and task.known is not None
        return proving.Proof(walk, walk if proved else walk * (1 - gaps[task.medoid]))

    monkeypatch.setattr(proving, "_prove", prove_one)
    task = proving.Task(None, 0, 0.0, proving.time.time() + 600.0)
    tasks = {number: task._replace(medoid=number) for number in gaps}
    proofs = proving._proofs(tasks, 6.0, 1)
    first, second, third = turns[:3], turns[3:6], turns[6:]
    assert first == [(1, 0.5, False), (2, 0.5, False), (3, 0.5, False)]
    assert sorted(second) == [(1, 3.0, True), (2, 3.0, True), (3, 3.0, True)]
    assert second.index((2, 3.0, True)) < second.index((1, 3.0, True))
    assert sorted(third) == [(1, 6.0, True), (2, 6.0, True)]
    assert {number for number, proof in proofs.items() if proof.proved} == {3}


def test_when_time_is_up_nobody_has_a_second_turn(monkeypatch):
    turns = []
    monkeypatch.setattr(
        proving, "_prove", lambda task: turns.append(task.medoid) or proving.Proof(9.0, 1.0)
    )
    task = proving.Task(None, 0, 0.0, proving.time.time() - 1.0)
    tasks = {number: task._replace(medoid=number) for number in range(4)}
    assert len(proving._proofs(tasks, 300.0, 1)) == len(turns) == 4
