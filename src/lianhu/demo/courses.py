"""When each step of each matter was taken: columns of minutes since the year's first midnight.

Every step has a column; `NEVER` stands where it was not taken. Delays run in office hours, but
in plain time where the clock is "spot". Most matters keep their time, some are late, and a few
of the last weeks are stuck.
"""

from dataclasses import dataclass

import numpy as np

from lianhu.demo.arrays import Bools, Floats, Ints
from lianhu.demo.officehours import DAY, WORKDAY, OfficeHours

NEVER = 1 << 40
# The order in which steps follow each other; the second round comes after `reopen`.
STEPS = (
    "report", "accept", "dispatch", "handle", "ask", "resume", "answer",
    "return", "handle", "answer", "verify", "close", "rate",
    "reopen", "handle", "answer", "verify", "close",
)  # fmt: skip
(
    REPORT, ACCEPT, DISPATCH, HANDLE, ASK, RESUME, ANSWER,
    RETURN, HANDLE_2, ANSWER_2, VERIFY, CLOSE, RATE,
    REOPEN, HANDLE_3, ANSWER_3, VERIFY_3, CLOSE_3,
) = range(len(STEPS))  # fmt: skip
# Shares of matters that take a side road.
ASKED, RETURNED, REOPENED, RATED, SLOW, STUCK = 0.07, 0.03, 0.025, 0.52, 0.04, 0.035
STUCK_DAYS = 25  # nothing older is left lying


@dataclass(frozen=True, slots=True)
class Courses:
    """`times[n]` are the minutes of each step of matter n, sorted by the first; `captured` is
    when the device noted the report, which may be long before it was received."""

    times: Ints
    captured: Ints

    def __len__(self) -> int:
        return len(self.times)


def received_at(rng: np.random.Generator, count: int, days: int, workday: Bools) -> Ints:
    """Minutes of so many reports over the days, sorted: fewer on days off, few at night, a
    little more towards the end as people grew used to reporting."""
    weight = np.where(workday[:days], 1.0, 0.45) * np.linspace(0.8, 1.2, days)
    weight *= rng.uniform(0.7, 1.3, days)
    day = rng.choice(days, count, p=weight / weight.sum())
    hour = np.array([2, 1, 1, 1, 1, 4, 14, 30, 52, 60, 56, 44, 28, 24, 40, 50, 52, 48, 46, 44, 34,
                     20, 8, 4], dtype=np.float64)  # fmt: skip
    at = rng.choice(24, count, p=hour / hour.sum()) * 60 + rng.integers(0, 60, count)
    return np.sort(day * DAY + at)


def make_courses(
    rng: np.random.Generator,
    received: Ints,
    limit: Floats,
    spot: Bools,
    dispatched: Bools,
    by_phone: Bools,
    hours: OfficeHours,
    end: int,
) -> Courses:
    """The course of each matter. `limit` is its time in working days, `end` the last moment:
    what would come later has not been done yet."""
    count = len(received)
    chance = rng.random((count, 5))
    asked = (chance[:, 0] < ASKED) & ~spot
    returned, reopened = chance[:, 1] < RETURNED, chance[:, 2] < REOPENED
    taken = np.ones((count, len(STEPS)), dtype=np.bool_)
    taken[:, DISPATCH] = dispatched
    taken[:, HANDLE] = dispatched | (chance[:, 3] < 0.6) | asked
    taken[:, [ASK, RESUME]] = asked[:, None]
    taken[:, [RETURN, HANDLE_2, ANSWER_2]] = returned[:, None]
    taken[:, REOPEN:] = reopened[:, None]
    # A matter that is taken up again loses its rating, so it is not rated before.
    taken[:, RATE] = (chance[:, 4] < RATED) & ~reopened
    gaps = np.rint(_gaps(rng, count, limit)).astype(np.int64) + 1
    gaps[_stuck(rng, received, end)] += np.int64(400 * WORKDAY)
    gaps = np.where(taken, gaps, 0)
    gaps[:, REPORT] = 0
    passed = np.cumsum(gaps, axis=1)
    office = hours.to_clock(hours.of_clock(received)[:, None] + passed)
    plain = received[:, None] + passed
    times = np.where(spot[:, None], plain, office)
    # A report at night is accepted when the office opens, and never before it came.
    times = np.maximum(times, received[:, None] + np.arange(len(STEPS)))
    times[:, REPORT] = received
    times = np.where(taken & (times < end), times, NEVER)
    delay = _offline(rng, count)
    captured = received - np.where(by_phone, delay, 0)
    return Courses(times, _by_day(rng, captured, received))


def _gaps(rng: np.random.Generator, count: int, limit: Floats) -> Floats:
    """Minutes of work between the steps."""
    ratio = np.exp(rng.normal(np.log(0.42), 0.5, count))
    ratio *= np.where(rng.random(count) < SLOW, 2.6, 1.0)
    budget = np.maximum(limit, 0.45) * WORKDAY * ratio
    shares = rng.exponential(1.0, (count, 4)) * (0.12, 0.12, 0.28, 0.48)
    shares /= shares.sum(axis=1)[:, None]
    gaps = np.zeros((count, len(STEPS)))
    gaps[:, [ACCEPT, DISPATCH, HANDLE, ANSWER]] = shares * budget[:, None]
    mean = np.array([[60, 500, 300, 250, 500, 330, 240, 500, 2200, 300, 600, 300, 200]])
    slots = [ASK, RESUME, RETURN, HANDLE_2, ANSWER_2, VERIFY, CLOSE, RATE, REOPEN, HANDLE_3,
             ANSWER_3, VERIFY_3, CLOSE_3]  # fmt: skip
    gaps[:, slots] = rng.exponential(1.0, (count, len(slots))) * mean
    gaps[:, REOPEN] = np.minimum(gaps[:, REOPEN], 18 * WORKDAY)  # within the window of 30 days
    return gaps


def _stuck(rng: np.random.Generator, received: Ints, end: int) -> tuple[Ints, Ints]:
    """Matters of the last weeks that lie somewhere, and before which step."""
    recent = np.flatnonzero(received > end - STUCK_DAYS * DAY)
    rows = recent[rng.random(len(recent)) < STUCK]
    where = rng.choice([ACCEPT, DISPATCH, HANDLE, RESUME, ANSWER, VERIFY, CLOSE], len(rows))
    return rows, where


def _offline(rng: np.random.Generator, count: int) -> Ints:
    """Minutes a report waited on a phone without signal: mostly none, sometimes a day or two."""
    kind = rng.random(count)
    soon = rng.integers(0, 3, count)
    hours = rng.integers(5, 900, count)
    return np.where(kind < 0.65, soon, np.where(kind < 0.98, hours, hours * 4))


def _by_day(rng: np.random.Generator, captured: Ints, received: Ints) -> Ints:
    """Nobody writes at three in the morning what arrived at noon: it was the evening before."""
    minute = captured % DAY
    night = (minute < 6 * 60) & (captured < received - 5)
    evening = captured - minute - rng.integers(2 * 60, 6 * 60, len(captured))
    return np.where(night, evening, captured)
