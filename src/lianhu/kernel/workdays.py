"""Working days as the State Council arranges them, make-up days included. Pure but for its data.

Years are files in `catalogue/calendar/`; a year not yet published falls back to weekends, and
`is_published` lets a page say so instead of failing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from lianhu.kernel.catalogue import read_folder

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekdays off, weekend days worked, and the years that these cover."""

    off: frozenset[date]
    worked: frozenset[date]
    years: frozenset[int]

    def is_workday(self, day: date) -> bool:
        """Whether offices work on `day`."""
        if day in self.off:
            return False
        return day in self.worked or day.weekday() < SATURDAY

    def is_published(self, day: date) -> bool:
        """Whether the State Council's arrangement for the year of `day` is in the data."""
        return day.year in self.years

    def add(self, start: date, days: int) -> date:
        """The working day that is `days` working days after `start`; 0 gives `start` itself."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_workday(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is before."""
        if end < start:
            return -self.between(end, start)
        return sum(
            self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1)
        )


def _days(rows: Iterable[dict[str, list[date]]], key: str) -> frozenset[date]:
    return frozenset(day for row in rows for day in row.get(key, []))


@cache
def state_calendar() -> Calendar:
    """The calendar of all years in `catalogue/calendar/`."""
    rows = read_folder("calendar")
    return Calendar(
        off=_days(rows, "off"),
        worked=_days(rows, "worked"),
        years=frozenset(row["year"] for row in rows),
    )
