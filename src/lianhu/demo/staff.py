"""Who works in the demo county: the three lines in the grids, and the offices above them.

Every line person and village official is one of the registered people, lives in the grid or the
village they answer for, and is mostly over fifty; officers of towns and county are names only.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from lianhu.demo.arrays import Bools, Floats, Ints
from lianhu.demo.divisions import COUNTY, OTHER, PILOT
from lianhu.demo.geography import Hamlets
from lianhu.demo.grids import Grids
from lianhu.demo.names import FAMILY, family_names, given_names
from lianhu.demo.plan import (
    COUNTY_OFFICERS,
    DEPUTIES,
    GAPS,
    MEMBERS,
    TOWN_OFFICERS,
    WARDENS,
    Plan,
)
from lianhu.demo.population import Population

LINES = ("warden", "member", "deputy")
# Role, office, and how many in each village: six, which makes 900 in the county.
VILLAGE_JOBS = (
    ("secretary", ("committee",)),
    ("committee", ("committee", "mediation")),
    ("committee", ("committee",)),
    ("supervisor", ("supervision",)),
    ("supervisor", ("supervision",)),
    ("representative", ("",)),
)
TOWN_OFFICES = (
    "hub", "affairs", "safety", "housing", "agriculture", "environment", "justice",
)  # fmt: skip
COUNTY_OFFICES = (
    "petition", "discipline", "housing", "civil", "agriculture", "transport", "water",
    "environment", "insurance", "labour", "justice", "emergency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """A role over a place, with the office it sits in ("" for none)."""

    role: str
    place: str
    office: str = ""
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody with an account; `person` is their row in the population, -1 for a mere name."""

    number: int
    username: str
    name: str
    person: int
    jobs: tuple[Job, ...]


@dataclass(slots=True)
class Staff:
    """All workers, the leader of each grid (-1 in a gap), and who holds each office."""

    workers: list[Worker] = field(default_factory=list)
    leader: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    holders: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    roles: defaultdict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, username: str, name: str, person: int, *jobs: Job) -> int:
        """One more worker; the number under which the others find them."""
        number = len(self.workers)
        self.workers.append(Worker(number, username, name, person, jobs))
        for job in jobs:
            self.roles[job.role, job.place].append(number)
            if job.office:
                self.holders[job.office].append(number)
        return number

    def rename(self, number: int, username: str) -> None:
        """Let a worker sign in under another name."""
        self.workers[number] = replace(self.workers[number], username=username)

    def give(self, number: int, *jobs: Job) -> None:
        """Further jobs for a worker."""
        worker = self.workers[number]
        self.workers[number] = replace(worker, jobs=worker.jobs + jobs)
        for job in jobs:
            self.holders[job.office].append(number)


def grid_codes(hamlets: Hamlets, grids: Grids) -> list[str]:
    """The code of each grid: its group's and three digits."""
    groups = group_codes(hamlets)
    return [
        f"{groups[g]}{n:03d}" for g, n in zip(grids.group, grids.number.tolist(), strict=True)
    ]


def group_codes(hamlets: Hamlets) -> list[str]:
    """The code of each group: its village's and two digits."""
    return [
        f"{hamlets.villages[v].code}{n:02d}"
        for v, n in zip(hamlets.village, hamlets.number.tolist(), strict=True)
    ]


def make_staff(plan: Plan, hamlets: Hamlets, people: Population, grids: Grids) -> Staff:
    """The county's staff; in 双乳村 and the other demo village every role is filled."""
    rng = plan.generator("staff")
    staff = Staff()
    age = people.age
    able = (people.away == 0) & (age >= 28) & (age <= 78)
    weight = np.where(age > 50, 1.0, np.where(age > 40, 0.3, 0.08)) * able
    free = weight > 0
    line = _line_people(rng, plan, hamlets, people, grids, weight, free)
    codes = grid_codes(hamlets, grids)
    staff.leader = np.full(len(grids), -1, dtype=np.int64)
    for number, (person, role, grid) in enumerate(line):
        village = hamlets.village[people.group[people.house[person]]]
        place = codes[grid] if grid >= 0 else hamlets.villages[village].code
        worker = staff.add(
            f"line-{number:04d}", people.name(person), person, Job(role, place, "", grid >= 0)
        )
        if grid >= 0:
            staff.leader[grid] = worker
    _village_officials(rng, staff, hamlets, people, free)
    _officers(rng, plan, staff)
    return staff


def _best_of(rng: np.random.Generator, place: Ints, weight: Floats, free: Bools) -> Ints:
    """One free person of each place (rows sorted by place), the likelier the weightier."""
    rows = np.flatnonzero(free)
    lot = np.log(weight[rows]) + rng.gumbel(size=len(rows))
    order = np.lexsort((-lot, place[rows]))
    first = np.unique(place[rows][order], return_index=True)[1]
    return rows[order[first]]


def _line_people(
    rng: np.random.Generator,
    plan: Plan,
    hamlets: Hamlets,
    people: Population,
    grids: Grids,
    weight: Floats,
    free: Bools,
) -> list[tuple[int, str, int]]:
    """Person, line and grid (-1 for a deputy of a whole village), in the order of grids."""
    grid_of = grids.of_house[people.house]
    leaders = _best_of(rng, grid_of, weight, free)
    village_of_grid = hamlets.village[grids.group]
    demo = np.isin([v.code for v in hamlets.villages], (PILOT, OTHER))
    spare = np.flatnonzero(~demo[village_of_grid[grid_of[leaders]]])
    if not len(spare):  # a tiny county: the other demo village shows the gap
        spare = np.flatnonzero(village_of_grid[grid_of[leaders]] == len(hamlets.villages) - 1)
    gaps = max(plan.of(GAPS), 1)
    leaders = np.delete(leaders, rng.choice(spare, gaps, replace=False))
    free[leaders] = False
    wardens, members = plan.of(WARDENS), plan.of(MEMBERS)
    roles = np.full(len(leaders), 2)
    roles[:wardens], roles[wardens : wardens + members] = 0, 1
    rng.shuffle(roles)
    _fill_demo_villages(hamlets, village_of_grid[grid_of[leaders]], roles)
    # Deputies beyond the grids they lead answer to the voters of a whole village.
    extra = plan.of(DEPUTIES) - int((roles == 2).sum())
    found = list(
        zip(leaders.tolist(), (LINES[r] for r in roles), grid_of[leaders].tolist(), strict=True)
    )
    while extra > 0:
        village_of = hamlets.village[people.group[people.house]]
        more = rng.permutation(_best_of(rng, village_of, weight, free))[:extra]
        free[more] = False
        found += [(int(person), "deputy", -1) for person in more]
        extra -= len(more)
    return found


def _fill_demo_villages(hamlets: Hamlets, village: Ints, roles: Ints) -> None:
    """Let both demo villages have somebody of each line, by exchange with the rest."""
    for code in (PILOT, OTHER):
        index = next(i for i, v in enumerate(hamlets.villages) if v.code == code)
        inside = np.flatnonzero(village == index)
        for role in range(len(LINES)):
            if (roles[inside] == role).any():
                continue
            outside = np.flatnonzero((roles == role) & (village != index))
            common = np.bincount(roles[inside]).argmax()
            giver = inside[roles[inside] == common][0]
            if len(outside):
                roles[giver], roles[outside[0]] = role, common
            else:
                roles[giver] = role


def _village_officials(
    rng: np.random.Generator, staff: Staff, hamlets: Hamlets, people: Population, free: Bools
) -> None:
    """Six officials in each village, of working age."""
    village_of = hamlets.village[people.group[people.house]]
    fit = np.where((people.age >= 30) & (people.age <= 62), 1.0, 0.0) * free
    for role, offices in VILLAGE_JOBS:
        free &= fit > 0
        for person in _best_of(rng, village_of, np.maximum(fit, 1e-9), free).tolist():
            free[person] = False
            code = hamlets.villages[village_of[person]].code
            jobs = (Job(role, code, f"{code}:{o}" if o else "") for o in offices)
            staff.add(f"village-{len(staff.workers):04d}", people.name(person), person, *jobs)


def _officers(rng: np.random.Generator, plan: Plan, staff: Staff) -> None:
    """Officers of the towns that are lived in, and of the county."""
    towns = sorted({v.code[:9] for v in plan.villages})
    per_town = max(plan.of(TOWN_OFFICERS), len(TOWN_OFFICES) + 2)
    in_county = max(plan.of(COUNTY_OFFICERS), len(COUNTY_OFFICES) + 5)
    names = _names(rng, per_town * len(towns) + in_county)
    for town in towns:
        for n in range(per_town):
            office = f"{town}:{TOWN_OFFICES[n % len(TOWN_OFFICES)]}"
            role = "town" if n % len(TOWN_OFFICES) == 0 else "office"
            staff.add(f"town-{town}-{n:02d}", next(names), -1, Job(role, town, office))
    for n in range(in_county):
        office = f"{COUNTY}:{COUNTY_OFFICES[n % len(COUNTY_OFFICES)]}"
        if n < 3:
            job = Job("leader", COUNTY)
        elif n < 5:
            job = Job("data", COUNTY)
        else:
            # 信访局 and 纪委监委 see the whole county; the other offices see what they hold.
            role = "county" if office.endswith((":petition", ":discipline")) else "office"
            job = Job(role, COUNTY, office)
        staff.add(f"county-{n:03d}", next(names), -1, job)


def _names(rng: np.random.Generator, count: int) -> Iterator[str]:
    """Names of officers, who are between twenty-five and sixty."""
    male = rng.random(count) < 0.6
    born = rng.integers(1966, 2001, count)
    family = family_names(rng, rng.integers(0, 150, count))
    given = given_names(rng, born, male)
    return (FAMILY[f] + str(g) for f, g in zip(family, given, strict=True))
