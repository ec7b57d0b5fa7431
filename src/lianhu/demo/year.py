"""The year's matters as columns: what, where, when, and whose turn it was.

The texts and steps of each are told by `matters.py`, a chunk at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from lianhu.demo.arrays import Bools, Floats, Ints
from lianhu.demo.county import County
from lianhu.demo.courses import (
    ACCEPT,
    ANSWER,
    NEVER,
    REPORT,
    Courses,
    make_courses,
    received_at,
)
from lianhu.demo.divisions import OTHER, PILOT
from lianhu.demo.officehours import DAY, OfficeHours
from lianhu.demo.phrases import weights
from lianhu.demo.plan import MATTERS
from lianhu.demo.showcase import show_official, show_stages
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.kinds import Kind, clocks, get_kind

# Where people try the demo there is more to see; the pilot village also reported most.
BUSY = {PILOT: 3.0, OTHER: 2.5}
BUSY_GRID = 3.0  # the grids of the demo wardens, on top of their villages
LIMITS = {"spot": 0.0, "petition": 30.0}  # working days to aim at; others from the catalogue
COPIES = 0.02  # of all matters are reported twice
BY_PHONE, BY_DESK = 0.72, 0.14  # the rest comes by the village board


@dataclass(frozen=True, slots=True)
class Year:
    """Columns of matters sorted by when they came; `end` is the last minute told of."""

    start: date
    end: int
    kinds: list[Kind]
    kind: Ints
    grid: Ints
    house: Ints
    source: Ints  # 0 phone, 1 desk, 2 board
    office: Ints  # which of the kind's offices handles it
    dispatched: Bools
    copied: Bools  # whether somebody else reported the same
    luck: Floats  # ten numbers from 0 to 1 for smaller choices
    lot: Ints  # one large number for the texts
    courses: Courses

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def copies(self) -> int:
        """How many matters are copies of another, on top of these."""
        return int(self.copied.sum())

    def day(self, minutes: int) -> date:
        """The day of a moment."""
        return self.start + timedelta(days=minutes // DAY)

    def chunks(self, size: int = 1_000) -> Iterator[range]:
        """The numbers of the matters in the order of time, so many at a time."""
        for first in range(0, len(self), size):
            yield range(first, min(first + size, len(self)))


def make_year(county: County, *, times: float = 1.0) -> Year:
    """A year of matters for a county; `times` multiplies their number."""
    plan, rng = county.plan, county.plan.generator("year")
    start = plan.today - timedelta(days=plan.days)
    # Far enough for delays that run past the end.
    hours = OfficeHours(start, plan.days + 120, state_calendar())
    total = round(plan.of_year(MATTERS) * times)
    count = total - round(total * COPIES)
    kinds = [get_kind(code) for code in weights()]
    share = np.array(list(weights().values()))
    kind = rng.choice(len(kinds), count, p=share / share.sum())
    grid = rng.choice(len(county.grids), count, p=_busy(county))
    source = np.searchsorted([BY_PHONE, BY_PHONE + BY_DESK], rng.random(count)).astype(np.int64)
    source[(source == 0) & (county.staff.leader[grid] < 0)] = 2
    options = np.array([len(k.handled_by) for k in kinds])
    # The first office named is the usual one.
    office = np.minimum(rng.geometric(0.72, count) - 1, options[kind] - 1)
    receives = np.array([k.handled_by[0] == k.receives for k in kinds])[kind]
    dispatched = (office > 0) | ~receives | (rng.random(count) < 0.25)
    show_official(county, kinds, kind, grid)
    rules = clocks(plan.today)
    limit = np.array([LIMITS.get(k.clock, rules.get(k.clock, 7)) for k in kinds])[kind]
    received = received_at(rng, count, plan.days, hours.worked)
    spot = np.array([k.clock == "spot" for k in kinds])[kind]
    courses = make_courses(
        rng, received, limit, spot, dispatched, source == 0, hours, plan.days * DAY
    )
    show_stages(county, kinds, kind, grid, source, dispatched, courses)
    return Year(
        start=start,
        end=plan.days * DAY,
        kinds=kinds,
        kind=kind,
        grid=grid,
        house=_houses(rng, county, grid),
        source=source,
        office=np.minimum(office, options[kind] - 1),  # a few kinds were changed since
        dispatched=dispatched,
        copied=_copied(rng, kinds, kind, courses, total - count),
        luck=rng.random((count, 10)),
        lot=rng.integers(1, 2**62, count),
        courses=courses,
    )


def _busy(county: County) -> Floats:
    """The share of each grid: by its households, more or less lively, more in demo places."""
    rng = county.plan.generator("busy")
    codes = [v.code for v in county.hamlets.villages]
    lively = rng.gamma(4.0, 0.25, len(codes)) * [BUSY.get(code, 1.0) for code in codes]
    weight: Floats = county.grids.households * rng.gamma(5.0, 0.2, len(county.grids))
    weight *= lively[county.hamlets.village[county.grids.group]]
    for worker in county.staff.workers:
        if worker.username in {"warden", "warden-2"}:
            weight[county.codes.index(worker.jobs[0].place)] *= BUSY_GRID
    share: Floats = weight / weight.sum()
    return share


def _houses(rng: np.random.Generator, county: County, grid: Ints) -> Ints:
    """A household of each grid."""
    order = np.argsort(county.grids.of_house, kind="stable")
    first = np.cumsum(county.grids.households) - county.grids.households
    house: Ints = order[first[grid] + rng.integers(0, county.grids.households[grid])]
    return house


def _copied(
    rng: np.random.Generator, kinds: list[Kind], kind: Ints, courses: Courses, count: int
) -> Bools:
    """Which ordinary matters were open long enough for somebody else to report them too."""
    plain = np.array([k.visibility == "ordinary" for k in kinds])[kind]
    times = courses.times
    open_long = np.minimum(times[:, ANSWER], times.max(initial=0)) - times[:, REPORT] > DAY
    known = (times[:, ACCEPT] < NEVER) & (times[:, ANSWER] < NEVER)
    fit = np.flatnonzero(plain & open_long & known)
    copied = np.zeros(len(kind), dtype=np.bool_)
    copied[rng.choice(fit, min(count, len(fit)), replace=False)] = True
    return copied
