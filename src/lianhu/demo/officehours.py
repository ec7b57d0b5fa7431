"""Office hours as one line of minutes, so that a delay in working time is a plain addition.

9:00 to 12:00 and 14:00 to 17:30 on the State Council's working days.
"""

from datetime import date, timedelta

import numpy as np

from lianhu.demo.arrays import Bools, Ints
from lianhu.kernel.workdays import Calendar

DAY = 24 * 60
MORNING, NOON, AFTERNOON, EVENING = 9 * 60, 12 * 60, 14 * 60, 17 * 60 + 30
BEFORE_NOON = NOON - MORNING
WORKDAY = BEFORE_NOON + EVENING - AFTERNOON


class OfficeHours:
    """Converts minutes since midnight of `start` into minutes of office time, and back."""

    def __init__(self, start: date, days: int, calendar: Calendar) -> None:
        worked = [calendar.is_workday(start + timedelta(days=n)) for n in range(days)]
        self._worked = np.array(worked, dtype=np.bool_)
        self._before = np.concatenate(
            ([0], np.cumsum(self._worked))
        )  # working days before a day
        self._days = np.flatnonzero(self._worked)

    def of_clock(self, minutes: Ints) -> Ints:
        """Office minutes passed by a moment; on a holiday those passed until it began."""
        day = np.clip(minutes // DAY, 0, len(self._worked) - 1)
        now = minutes % DAY
        morning = np.clip(now - MORNING, 0, BEFORE_NOON)
        afternoon = np.clip(now - AFTERNOON, 0, EVENING - AFTERNOON)
        passed: Ints = self._before[day] * WORKDAY + (morning + afternoon) * self._worked[day]
        return passed

    def to_clock(self, office: Ints) -> Ints:
        """The moment at which so many office minutes have passed; far later ones on the last
        working day known."""
        index = np.minimum(office // WORKDAY, len(self._days) - 1)
        into = office % WORKDAY
        lunch = np.where(into >= BEFORE_NOON, AFTERNOON - NOON, 0)
        clock: Ints = self._days[index] * DAY + MORNING + into + lunch
        return clock

    @property
    def worked(self) -> Bools:
        """Which days since the start offices work on."""
        return self._worked
