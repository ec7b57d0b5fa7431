"""Hidden cells: examples by hand, and no hidden figure that the shown ones give away."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.board.figures import hide
from lianhu.kernel.suppression import hidden_cells

TREE = [("all", ["a", "b", "c"])]


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        # Nothing is small.
        ({"all": 90, "a": 30, "b": 20, "c": 40}, set()),
        # One is small: the next smallest hides it.
        ({"all": 75, "a": 5, "b": 30, "c": 40}, {"a", "b"}),
        # Two are small and together reach ten.
        ({"all": 58, "a": 9, "b": 9, "c": 40}, {"a", "b"}),
        # Two are small and together stay small: a third goes.
        ({"all": 46, "a": 3, "b": 3, "c": 40}, {"a", "b", "c"}),
        # Nine is small, ten is not.
        ({"all": 59, "a": 9, "b": 10, "c": 40}, {"a", "b"}),
        # None at all is small too.
        ({"all": 70, "a": 0, "b": 30, "c": 40}, {"a", "b"}),
        # All parts are small and so is the total.
        ({"all": 3, "a": 1, "b": 1, "c": 1}, {"all", "a", "b", "c"}),
    ],
)
def test_small_cells_take_others_with_them(cells: dict[str, int], hidden: set[str]):
    assert hidden_cells(cells, TREE, least=10) == hidden


def test_a_total_goes_when_it_has_one_part_only():
    assert hidden_cells({"all": 4, "a": 4}, [("all", ["a"])], least=10) == {"all", "a"}


def test_a_hidden_total_is_not_the_sum_of_shown_parts():
    sums = [("county", ["town", "other"]), ("town", ["x", "y"])]
    cells = {"county": 65, "town": 60, "other": 5, "x": 20, "y": 40}
    hidden = hidden_cells(cells, sums, least=10)
    assert {"other", "town"} <= hidden
    assert hidden & {"x", "y"}


def test_late_answers_are_a_figure_too():
    shown = hide({"v": (60, 57), "w": (80, 40)}, {"v": "t", "w": "t"}, "c", least=10)
    assert (shown["v"].received, shown["v"].in_time) == (60, None)
    assert shown["w"].in_time is None


def _solved(unknown: list, equations: list[dict]) -> set:
    """The unknowns that the equations fix: those alone in a row of the reduced form."""
    rows = [[Fraction(e.get(u, 0)) for u in unknown] for e in equations]
    done = 0
    for column in range(len(unknown)):
        pivot = next((r for r in range(done, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        lead = rows[done][column]
        rows[done] = [value / lead for value in rows[done]]
        for r in range(len(rows)):
            if r != done and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[done], strict=True)]
        done += 1
    alone = [row for row in rows if sum(1 for value in row if value) == 1]
    return {unknown[next(i for i, value in enumerate(row) if value)] for row in alone}


COUNTS = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda p: (sum(p), p[0]))


@given(st.lists(st.lists(COUNTS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_no_hidden_figure_can_be_worked_out(county: list[list[tuple[int, int]]]):
    parents = {f"v{t}.{v}": f"t{t}" for t, town in enumerate(county) for v in range(len(town))}
    counts = {f"v{t}.{v}": pair for t, town in enumerate(county) for v, pair in enumerate(town)}
    shown = hide(counts, parents, "c", least=10)
    columns = ("received", "in_time")
    hidden = [(p, c) for p, f in shown.items() for c in columns if getattr(f, c) is None]
    towns = sorted(set(parents.values()))
    below = {"c": towns} | {t: [v for v in parents if parents[v] == t] for t in towns}
    equations = [
        {(total, c): -1} | {(part, c): 1 for part in parts}
        for total, parts in below.items()
        for c in columns
    ]
    assert _solved(hidden, equations) == set()
    for figure in shown.values():
        assert figure.received is None or figure.received >= 10
        assert figure.in_time is None or figure.in_time >= 10
        if figure.received is not None and figure.in_time is not None:
            assert figure.received - figure.in_time >= 10
