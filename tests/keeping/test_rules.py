"""Which backups retention lets go."""

from datetime import date, timedelta

from lianhu.keeping.rules import too_old

TODAY = date(2026, 11, 25)


def _gone(*days, keep_days=14, keep_months=3):
    return too_old(days, today=TODAY, keep_days=keep_days, keep_months=keep_months)


def test_too_old_keeps_every_recent_day_and_the_first_of_each_recent_month():
    year = [TODAY - timedelta(days=n) for n in range(365)]
    kept = sorted(set(year) - _gone(*year))
    assert kept[:2] == [date(2026, 9, 1), date(2026, 10, 1)]
    assert kept[2] == date(2026, 11, 1)
    assert kept[3:] == [TODAY - timedelta(days=n) for n in range(13, -1, -1)]


def test_too_old_keeps_the_first_there_is_of_a_month():
    assert _gone(date(2026, 10, 9), date(2026, 10, 20), TODAY) == {date(2026, 10, 20)}


def test_too_old_never_lets_the_newest_go():
    assert _gone(date(2020, 1, 1)) == set()
    assert _gone(date(2019, 1, 1), date(2020, 1, 1)) == {date(2019, 1, 1)}


def test_too_old_of_none_is_none():
    assert _gone() == set()
