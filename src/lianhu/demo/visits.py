"""The year's visits: leaders of grids at the doors of their households."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from lianhu.demo.arrays import Bools, Ints
from lianhu.demo.county import County
from lianhu.demo.divisions import OTHER, PILOT
from lianhu.demo.marks import Sort
from lianhu.demo.matters import group_words
from lianhu.demo.names import FAMILY
from lianhu.demo.phrases import Speaker
from lianhu.demo.plan import VISITS
from lianhu.demo.telling import ZONE

DUTIES = ("policy", "resolution", "works", "opinion")
SHARES = (0.62, 0.3, 0.24, 0.4)
OFTEN = 12.0  # how much more often the demo villages' households are visited
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Visits:
    """Columns of visits, sorted by when they were received."""

    start: date
    house: Ints
    day: Ints
    received: Ints
    duties: Bools
    silent: Bools
    lot: Ints

    def __len__(self) -> int:
        return len(self.house)


def make_visits(county: County, *, times: float = 1.0) -> Visits:
    """A year of visits; nobody visits in a grid without a leader."""
    plan, rng = county.plan, county.plan.generator("visits")
    grid = county.grids.of_house
    weight = rng.gamma(2.0, 0.5, len(county.grids))[grid] * rng.gamma(1.5, 0.6, len(grid))
    often = np.isin([v.code for v in county.hamlets.villages], (PILOT, OTHER))
    weight *= np.where(often[county.hamlets.village[county.people.group]], OFTEN, 1.0)
    weight *= county.staff.leader[grid] >= 0
    count = round(plan.of_year(VISITS) * times)
    house = rng.choice(len(grid), count, p=weight / weight.sum())
    ramp = np.linspace(0.8, 1.2, plan.days)
    day = rng.choice(plan.days, count, p=ramp / ramp.sum())
    hour = rng.choice([8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20], count)
    late = np.where(rng.random(count) < 0.6, 2, rng.integers(5, 2_000, count))
    received = day * DAY + hour * 60 + rng.integers(0, 60, count) + late
    # What has not reached the office yet is not in its books; the phone still holds it.
    kept = np.flatnonzero(received >= plan.days * DAY)
    received[kept] = np.maximum(day[kept] * DAY, plan.days * DAY - 1 - kept % 600)
    order = np.argsort(received, kind="stable")
    return Visits(
        start=plan.today - timedelta(days=plan.days),
        house=house[order],
        day=day[order],
        received=received[order],
        duties=rng.random((count, len(DUTIES))) < SHARES,
        silent=rng.random(count) < 0.3,
        lot=rng.integers(1, 2**62, count),
    )


def visit_rows(county: County, visits: Visits) -> Iterator[tuple[object, ...]]:
    """All visits as `visits.actions.VISIT` names their values, in the order of receipt."""
    people, staff = county.people, county.staff
    midnight = datetime.combine(visits.start, time(0), ZONE)
    for number in range(len(visits)):
        house = int(visits.house[number])
        grid = int(county.grids.of_house[house])
        place = county.codes[grid]
        leader = staff.workers[int(staff.leader[grid])]
        words = ""
        if not visits.silent[number]:
            family = FAMILY[people.surname[people.first[house]]]
            speaker = Speaker(int(visits.lot[number]), family, group_words(int(place[12:14])))
            words = speaker.say("visit")
        yield (
            county.marks.uuid(Sort.VISIT, number),
            county.household_id(house),
            place,
            county.user_id(leader.number),
            leader.name,
            visits.start + timedelta(days=int(visits.day[number])),
            midnight + timedelta(minutes=int(visits.received[number])),
            [d for d, done in zip(DUTIES, visits.duties[number], strict=True) if done],
            words,
        )
