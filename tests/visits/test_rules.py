"""The plan of visits: never later than due, even, the same every day, fair to who goes."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.visits.rules import (
    Window,
    cadence,
    counted_from,
    county_rule,
    every_words,
    fits,
    our_rule,
    plan,
    window,
)

START = date(2026, 1, 1)
DAY = date(2026, 11, 1)


def _window(last, colour="green", since=None, own=()):
    return window(last, colour, since, begun=START, own=own)


@pytest.mark.parametrize(
    ("last", "colour", "since", "opens", "due"),
    [
        (date(2026, 11, 1), "green", None, date(2026, 12, 31), date(2027, 1, 30)),
        (date(2026, 11, 1), "yellow", None, date(2026, 11, 21), date(2026, 12, 1)),
        (date(2026, 11, 1), "red", date(2026, 10, 1), date(2026, 11, 6), date(2026, 11, 8)),
        # Never visited: from the day its grid is there.
        (None, "green", None, date(2026, 3, 2), date(2026, 4, 1)),
        # A colour since the last visit: within three days, from the day it was decided.
        (date(2026, 10, 1), "red", date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 23)),
        (date(2026, 11, 19), "red", date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 26)),
        # What was late before the decision stays late.
        (date(2026, 1, 1), "red", date(2026, 11, 20), date(2026, 3, 29), date(2026, 4, 1)),
        (date(2026, 11, 21), "red", date(2026, 11, 20), date(2026, 11, 26), date(2026, 11, 28)),
    ],
)
def test_window_counts_from_the_last_visit_or_from_a_new_colour(
    last, colour, since, opens, due
):
    assert _window(last, colour, since) == Window(opens, due)


def test_counted_from_is_the_grids_day_but_not_before_the_rules():
    assert counted_from(None) == counted_from(date(2024, 5, 1)) == START
    assert counted_from(DAY) == DAY


def _own(since, red, yellow=30, green=90):
    return county_rule(since, "县里", {"red": red, "yellow": yellow, "green": green}, 3, 3)


def test_cadence_is_the_countys_own_from_its_day():
    own = [_own(date(2027, 1, 1), 1), _own(date(2027, 3, 1), 5), _own(date(2027, 3, 1), 4)]
    assert cadence(own, date(2026, 12, 31)) == our_rule(DAY)
    assert cadence(own, date(2027, 1, 1)).every["red"] == 1
    assert cadence(own, date(2027, 2, 28)).label == "县里定的"
    # Of one day the later version holds.
    assert cadence(own, date(2027, 3, 1)).every["red"] == 4
    # Asked of the household from its next visit on, never of the past.
    assert _window(date(2026, 12, 30), "red", own=own).due == date(2027, 1, 6)
    assert _window(date(2027, 1, 1), "red", own=own).due == date(2027, 1, 2)


def test_the_default_is_weekly_monthly_quarterly_and_called_ours():
    rule = cadence((), DAY)
    words = [every_words(rule.every[colour]) for colour in ("red", "yellow", "green")]
    assert (words, rule.label) == (["每周", "每月", "每季度"], "我们的默认")
    assert rule.source
    assert every_words(10) == "每 10 天"
    # A county that sets the same figures gets the same plan.
    assert county_rule(DAY, "", rule.every, rule.first, rule.per_day).early == rule.early


@pytest.mark.parametrize(
    ("red", "yellow", "green", "first", "per_day", "good"),
    [
        (7, 30, 90, 3, 3, True),
        (1, 1, 1, 1, 1, True),
        (366, 366, 366, 30, 20, True),
        (0, 30, 90, 3, 3, False),
        (31, 30, 90, 3, 3, False),
        (7, 91, 90, 3, 3, False),
        (7, 30, 367, 3, 3, False),
        (7, 30, 90, 0, 3, False),
        (7, 30, 90, 31, 3, False),
        (7, 30, 90, 3, 0, False),
        (7, 30, 90, 3, 21, False),
    ],
)
def test_fits_whoever_is_owed_more_is_visited_no_later(
    red, yellow, green, first, per_day, good
):
    every = {"red": red, "yellow": yellow, "green": green}
    assert fits(county_rule(DAY, "县里", every, first, per_day)) is good


def _days(opens, due):
    return Window(DAY + timedelta(days=opens), DAY + timedelta(days=due))


@pytest.mark.parametrize(
    ("windows", "days"),
    [
        ({}, {}),
        ({"a": _days(0, 2)}, {"a": 2}),
        # Three red households of one week: one a day, not all on the last.
        ({k: _days(0, 2) for k in "abc"}, {"c": 2, "b": 1, "a": 0}),
        # Four in three days: two on one of them, it cannot be avoided.
        ({k: _days(0, 2) for k in "abcd"}, {"d": 2, "c": 2, "b": 1, "a": 1}),
        # The wide window makes room for the narrow one.
        ({"wide": _days(0, 3), "last": _days(3, 3)}, {"last": 3, "wide": 2}),
    ],
)
def test_plan_spreads_visits_and_goes_as_late_as_that_allows(windows, days):
    assert plan(windows) == {k: DAY + timedelta(days=n) for k, n in days.items()}


WINDOWS = st.dictionaries(
    st.integers(0, 99),
    st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda w: _days(w[0], w[0] + w[1])),
    max_size=30,
)


def _possible(windows, most):
    """Whether some plan keeps to `most` a day: by augmenting paths, nothing clever."""
    taken = {}

    def place(key, seen):
        found = windows[key]
        for n in range((found.due - found.opens).days + 1):
            for turn in range(most):
                slot = (found.opens + timedelta(days=n), turn)
                if slot in seen:
                    continue
                seen.add(slot)
                if slot not in taken or place(taken[slot], seen):
                    taken[slot] = key
                    return True
        return False

    return all(place(key, set()) for key in windows)


@given(WINDOWS)
def test_plan_is_never_late_and_no_plan_is_more_even(windows):
    days = plan(windows)
    assert set(days) == set(windows)
    assert all(windows[k].opens <= day <= windows[k].due for k, day in days.items())
    most = max(Counter(days.values()).values(), default=0)
    assert _possible(windows, most)
    assert most <= 1 or not _possible(windows, most - 1)


@given(WINDOWS, st.integers(1, 4))
def test_nobody_is_planned_more_than_a_set_number_a_day_where_it_can_be_avoided(windows, set_):
    most = max(Counter(plan(windows).values()).values(), default=0)
    assert (most <= set_) == _possible(windows, set_)


@given(WINDOWS, st.randoms())
def test_plan_does_not_depend_on_the_order_of_the_households(windows, random):
    order = list(windows)
    random.shuffle(order)
    assert plan({key: windows[key] for key in order}) == plan(windows)


@given(
    st.dates(date(2026, 1, 1), date(2027, 1, 1)) | st.none(),
    st.sampled_from(["green", "yellow", "red"]),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)) | st.none(),
)
def test_more_help_is_never_due_later_than_less(last, colour, since):
    due = _window(last, colour, since).due
    plain = _window(last).due
    assert due <= plain
    owed = our_rule(DAY).every[colour]
    assert due <= max(last or START, since or START) + timedelta(days=owed) or due == plain
