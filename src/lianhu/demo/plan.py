"""How large a demo county is built: the article's numbers, whole or scaled down."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from lianhu.demo.divisions import COUNTY, OTHER, PILOT
from lianhu.demo.grids import GRIDS
from lianhu.territory.divisions import Division, read_divisions

# The article: 31.3 万人，常年外出 6.3 万；党员 2123，人大代表 629，中心户长 2354。
PEOPLE, AWAY = 313_000, 63_000
WARDENS, MEMBERS, DEPUTIES = 2_354, 2_123, 629
# Its 1,300 town and village officials: six to a village or community, thirty to a town, and a
# hundred in the county's offices.
TOWN_OFFICERS, COUNTY_OFFICERS = 30, 100
GAPS = 12  # grids that nobody answers for yet, so that a gap can be seen
MATTERS, VISITS = 40_000, 60_000  # a year


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build. Whole numbers are totals of the county; `villages` are those lived in."""

    seed: int
    scale: float
    days: int
    today: date
    divisions: list[Division]
    villages: list[Division]

    def of(self, number: int) -> int:
        """The article's number at this scale."""
        return round(number * self.scale)

    def of_year(self, number: int) -> int:
        """A year's number at this scale and for these days."""
        return round(number * self.scale * self.days / 365)

    @property
    def people(self) -> int:
        """Registered persons."""
        return self.of(PEOPLE)

    @property
    def away(self) -> int:
        """Registered persons who live elsewhere."""
        return self.of(AWAY)

    @property
    def grids(self) -> int:
        """Level-3 grids to aim at."""
        return self.of(GRIDS)

    def generator(self, part: str) -> np.random.Generator:
        """The one source of chance for a part of the county, from the seed alone."""
        return np.random.default_rng([self.seed, *part.encode()])


def make_plan(*, scale: float, seed: int, days: int, today: date) -> Plan:
    """The plan for a scale; below 1 fewer villages are lived in, both demo villages always."""
    divisions = read_divisions(COUNTY)
    places = [d for d in divisions if d.level in {"village", "community"}]
    count = min(len(places), max(2, round(len(places) * scale)))
    order = np.random.default_rng([seed, 150]).permutation(len(places))
    wanted = [p for p in places if p.code in {PILOT, OTHER}]
    wanted += [places[i] for i in order if places[i].code not in {PILOT, OTHER}]
    chosen = {p.code for p in wanted[:count]}
    villages = [p for p in places if p.code in chosen]
    return Plan(seed, scale, days, today, divisions, villages)
