"""Working days: the State Council's calendar, make-up days, and years not yet published."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.kernel.workdays import state_calendar

CALENDAR = state_calendar()
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-23", True),  # Monday
        ("2026-11-21", False),  # Saturday
        ("2026-10-01", False),  # National Day, a Thursday
        ("2026-10-10", True),  # a Saturday worked for it
        ("2026-02-14", True),  # a Saturday worked for the Spring Festival
        ("2026-02-17", False),
        ("2026-09-20", True),  # a Sunday worked
        ("2027-01-01", True),  # not published: only weekends are off
        ("2027-02-06", False),  # Saturday of a year not published
    ],
)
def test_is_workday_follows_the_state_council(day, works):
    assert CALENDAR.is_workday(date.fromisoformat(day)) is works


def test_is_published_says_which_years_are_known():
    known = {y: CALENDAR.is_published(date(y, 6, 1)) for y in range(2024, 2029)}
    assert known == {2024: False, 2025: True, 2026: True, 2027: False, 2028: False}


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-21", 0, "2026-11-21"),  # on the spot, even on a Saturday
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-23", 3, "2026-11-26"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-12-31", 1, "2027-01-01"),
    ],
)
def test_add_counts_working_days_after_the_start(start, days, end):
    assert CALENDAR.add(date.fromisoformat(start), days) == date.fromisoformat(end)


@given(DAYS, st.integers(1, 40))
def test_add_and_between_are_inverse(start, days):
    end = CALENDAR.add(start, days)
    assert CALENDAR.is_workday(end)
    assert CALENDAR.between(start, end) == days
    assert CALENDAR.between(end, start) == -days


@given(DAYS, DAYS, DAYS)
def test_between_adds_up(one, two, three):
    assert CALENDAR.between(one, two) + CALENDAR.between(two, three) == CALENDAR.between(
        one, three
    )


@given(DAYS)
def test_a_week_has_at_most_seven_working_days(day):
    assert 0 <= CALENDAR.between(day, day + timedelta(days=7)) <= 7
