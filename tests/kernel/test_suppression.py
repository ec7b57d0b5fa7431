"""Hidden places: examples by hand, and what solving the linear programme over all that is shown
tells of a small figure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianhu.board.figures import hide
from lianhu.kernel.suppression import hidden_places
from tests.kernel.attacker import narrow

TREE = {"all": ["a", "b", "c"]}


def one(**cells: int) -> dict[str, tuple[int]]:
    """Places with a single number."""
    return {place: (number,) for place, number in cells.items()}


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        # Nothing is small.
        (one(all=90, a=30, b=20, c=40), set()),
        # One is small: the next smallest hides it.
        (one(all=75, a=5, b=30, c=40), {"a", "b"}),
        # Two are small and together reach ten.
        (one(all=58, a=9, b=9, c=40), {"a", "b"}),
        # Two are small and together stay small: a third goes.
        (one(all=46, a=3, b=3, c=40), {"a", "b", "c"}),
        # Nine is small, ten is not.
        (one(all=59, a=9, b=10, c=40), {"a", "b"}),
        # None at all is small too.
        (one(all=70, a=0, b=30, c=40), {"a", "b"}),
        # All parts are small and so is the total.
        (one(all=3, a=1, b=1, c=1), {"all", "a", "b", "c"}),
    ],
)
def test_small_figures_take_others_with_them(cells, hidden):
    assert hidden_places(cells, TREE, least=10) == hidden


def test_a_total_goes_when_it_has_one_part_only():
    assert hidden_places(one(all=4, a=4), {"all": ["a"]}, least=10) == {"all", "a"}


def test_a_hidden_total_is_not_the_sum_of_shown_parts():
    below = {"county": ["town", "other"], "town": ["x", "y"]}
    cells = one(county=65, town=60, other=5, x=20, y=40)
    assert hidden_places(cells, below, least=10) == {"other", "town", "x"}


def test_what_is_hidden_at_two_depths_is_one_sum():
    """The county less the one village that would be shown is nothing: so were everything else."""
    below = {"county": ["s", "t"], "s": ["u"], "t": ["v", "w"]}
    cells = one(county=10, s=0, u=0, t=10, v=0, w=10)
    assert hidden_places(cells, below, least=10) == set(cells) - {"county"}


def test_what_could_not_be_none_takes_others_with_it():
    """Of twelve hidden late ones in a and b eight or more would be a's, for b has but four."""
    cells = {"all": (60, 42), "a": (3, 9), "b": (17, 1), "c": (40, 32)}
    assert hidden_places(cells, TREE, least=10) == {"a", "b", "c"}


def test_late_answers_are_a_figure_too():
    shown = hide({"v": (60, 57), "w": (80, 40)}, {"v": "t", "w": "t"}, "c", least=10)
    assert (shown["v"].received, shown["v"].in_time) == (60, None)
    assert shown["w"].in_time is None


def test_the_attacker_finds_what_is_there_to_be_found():
    cells = {"all": 75, "a": 5, "b": 30, "c": 40}
    sums = [("all", ["a", "b", "c"])]
    assert narrow(cells, ["all", "b", "c"], sums) == {"a": (5, 5)}
    assert narrow(cells, ["all", "c"], sums) == {}
    small = {"all": 46, "a": 3, "b": 3, "c": 40}
    assert narrow(small, ["all", "c"], sums) == {"a": (0, 6), "b": (0, 6)}


COUNTS = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda p: (sum(p), p[0]))


@settings(max_examples=60)
@given(st.lists(st.lists(COUNTS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_no_hidden_figure_is_known_closely(county: list[list[tuple[int, int]]]):
    """Whoever solves the linear programme over all that the board shows knows of a small figure
    what its hiding says, and no more."""
    parents = {f"v{t}.{v}": f"t{t}" for t, town in enumerate(county) for v in range(len(town))}
    counts = {f"v{t}.{v}": pair for t, town in enumerate(county) for v, pair in enumerate(town)}
    shown = hide(counts, parents, "c", least=10)
    towns = sorted(set(parents.values()))
    below = {"c": towns} | {t: [v for v in parents if parents[v] == t] for t in towns}
    cells = {}
    for place in shown:
        inside = [p for v, p in counts.items() if place in (v, parents[v], "c")]
        received, in_time = (sum(p[n] for p in inside) for n in (0, 1))
        cells[place, "received"] = received
        cells[place, "in_time"] = in_time
        cells[place, "rest"] = received - in_time
    columns = ("received", "in_time", "rest")
    sums = [((p, "received"), [(p, "in_time"), (p, "rest")]) for p in shown]
    sums += [((t, c), [(p, c) for p in parts]) for t, parts in below.items() for c in columns]
    told = [(p, c) for p, f in shown.items() for c in columns[:2] if getattr(f, c) is not None]
    assert narrow(cells, told, sums) == {}
    for figure in shown.values():
        assert figure.received is None or figure.received >= 10
        assert figure.in_time is None or figure.in_time >= 10
        if figure.received is not None and figure.in_time is not None:
            assert figure.received - figure.in_time >= 10
