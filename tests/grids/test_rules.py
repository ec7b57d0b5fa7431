"""How many grids a group may have, best first."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.grids.rules import (
    Band,
    Bound,
    Bounds,
    Violation,
    bounds_of,
    choices,
    reason,
    total_violation,
    violations,
)
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal

ARTICLE = Bounds()


@pytest.mark.parametrize(
    ("households", "people", "expected"),
    [
        (0, 0, []),
        (25, 95, [1]),
        (60, 230, [2, 3]),  # 30 and 115 a grid, or 20 and 76.7: 1.8 against 1.73 half-bands
        (50, 190, [2]),
        (35, 110, [1]),  # none admissible: 1 half-band over with 1 grid, more short with 2
        (35, 0, [1]),
        (10, 24, [1]),
        (1, 500, [1]),  # no grid may be empty
        (100, 380, [4, 5]),
    ],
)
def test_choices_lists_admissible_numbers_best_first(households, people, expected):
    assert sorted(choices(households, people, ARTICLE)) == expected


@given(st.integers(1, 700), st.integers(0, 2600))
def test_choices_begins_with_the_number_of_the_rule_reckoned_by_hand(households, people):
    """The issue's own rule, by trying every number: admissible and nearest to the middle, the
    smaller on a tie; where none is, the least violation in half-bands."""
    every = range(1, households + 1)
    fit = [k for k in every if 20 * k <= households <= 30 * k and 70 * k <= people <= 120 * k]
    if fit:
        away = {
            k: Fraction(abs(households - 25 * k), 5 * k)
            + Fraction(abs(people - 95 * k), 25 * k)
            for k in fit
        }
        assert choices(households, people, ARTICLE)[0] == min(fit, key=lambda k: (away[k], k))
    else:
        broken = {
            k: Fraction(max(20 * k - households, households - 30 * k, 0), 5)
            + Fraction(max(70 * k - people, people - 120 * k, 0), 25)
            for k in every
        }
        assert broken[choices(households, people, ARTICLE)[0]] == min(broken.values())


def test_choices_prefers_the_nearer_to_the_middle_and_the_smaller_on_a_tie():
    assert choices(60, 230, ARTICLE) == [3, 2]
    # 10 households in 2-5 a grid, nobody counts: 2, 3, 4, 5 grids; 3 is 0.17 off the middle
    assert choices(10, 0, Bounds(Band(2, 5), Band(0, 9)))[0] == 3
    # n/k of 4 and 2 are both 1 from the middle of 2-4
    assert choices(4, 0, Bounds(Band(2, 4), Band(0, 0)))[0] == 1


def test_choices_without_an_admissible_number_takes_the_least_total_violation():
    # 2 grids lack 4 households (0.8) and 30 people (1.2); 1 grid has 6 too many (1.2)
    assert choices(36, 110, ARTICLE) == [1]
    # 1 grid: 8 + 5 too many (1.6 + 0.2); 2 grids: 2 + 15 short (0.4 + 0.6)
    assert choices(38, 125, ARTICLE) == [2]


def test_choices_respects_what_locks_leave():
    assert choices(25, 95, ARTICLE, at_least=2) == [2]
    assert choices(100, 380, ARTICLE, at_most=3) == [3]


def test_violations_names_grid_bound_and_amount():
    sizes = [(20, 70), (31, 121), (19, 69), (30, 120)]
    assert list(violations(sizes, ARTICLE)) == [
        Violation(2, Bound.HOUSEHOLDS_MAX, 1),
        Violation(2, Bound.PEOPLE_MAX, 1),
        Violation(3, Bound.HOUSEHOLDS_MIN, 1),
        Violation(3, Bound.PEOPLE_MIN, 1),
    ]


def test_total_violation_counts_five_households_as_twenty_five_people():
    found = [Violation(1, Bound.HOUSEHOLDS_MIN, 5), Violation(1, Bound.PEOPLE_MAX, 25)]
    assert total_violation(found, ARTICLE) == Fraction(2)


def test_excess_is_the_least_that_totals_allow():
    assert ARTICLE.excess(38, 125, 2) == Fraction(2, 5) + Fraction(15, 25)
    assert ARTICLE.excess(60, 200, 2) == 0


def test_reason_tells_amounts_and_cause_in_words():
    found = list(violations([(19, 63), (19, 62)], ARTICLE))
    assert reason(38, 125, 2, found, ARTICLE) == (
        "本组38户125人，分为2格：2格户数不足20户，共差2户；2格人口不足70人，共差15人。"
        "按总数任何格数都无法同时满足户数和人口范围，已取总偏差最小的格数并均匀分摊。"
    )
    assert reason(38, 125, 2, [], ARTICLE) == ""


@pytest.mark.parametrize("bad", [(5,), (3, 2), (-1, 4), (0, 0)])
def test_bounds_of_refuses_what_is_no_range(bad):
    with pytest.raises(Refusal, match=r"grids\.bad_bounds"):
        bounds_of(bad, (70, 120))


def test_catalogue_holds_the_articles_bounds_and_ours_labelled():
    article, demo = (read("grids/bounds.toml")[name][0] for name in ("article", "demo"))
    assert bounds_of(article["households"], article["people"]) == ARTICLE
    assert bounds_of(demo["households"], demo["people"]) == Bounds(Band(15, 25), Band(50, 90))
    assert (article["ours"], demo["ours"]) == (False, True)
