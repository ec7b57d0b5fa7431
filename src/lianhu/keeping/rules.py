"""Which backups are kept: pure."""

from collections.abc import Iterable
from datetime import date


def too_old(
    days: Iterable[date], *, today: date, keep_days: int, keep_months: int
) -> set[date]:
    """Days whose backups may go: older than `keep_days` and not the first of one of the last
    `keep_months` months (the present one counts). The newest stays in any case."""
    all_days = sorted(set(days))
    first_of: dict[int, date] = {}
    for day in all_days:
        first_of.setdefault(_month(day), day)
    kept = {
        day
        for day in all_days
        if (today - day).days < keep_days
        or (first_of[_month(day)] == day and _month(today) - _month(day) < keep_months)
    }
    return set(all_days) - kept - set(all_days[-1:])


def _month(day: date) -> int:
    return day.year * 12 + day.month
