"""The whole made-up county before anything is written, and its demo accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from lianhu.demo.divisions import COUNTY, OTHER, PILOT
from lianhu.demo.geography import Hamlets, make_hamlets
from lianhu.demo.grids import Grids, make_grids
from lianhu.demo.marks import Marks, Sort
from lianhu.demo.plan import Plan
from lianhu.demo.population import Population, make_population
from lianhu.demo.staff import Job, Staff, grid_codes, make_staff

# The accounts of /demo/ in the order of the page: role, place, and what the page calls them.
ACCOUNTS = {
    "warden": ("warden", PILOT),
    "member": ("member", PILOT),
    "deputy": ("deputy", PILOT),
    "secretary": ("secretary", PILOT),
    "supervisor": ("supervisor", PILOT),
    "representative": ("representative", PILOT),
    "warden-2": ("warden", OTHER),
    "secretary-2": ("secretary", OTHER),
    "town": ("town", PILOT[:9]),
    "county": ("county", COUNTY),
    "leader": ("leader", COUNTY),
    "data": ("data", COUNTY),
    "resident": ("resident", PILOT),
}
USUAL_HOUSEHOLDS = 21  # a grid as the issue tells of it


@dataclass(frozen=True, slots=True)
class County:
    """Everything that the writing needs; `codes` are the grids' codes."""

    plan: Plan
    hamlets: Hamlets
    people: Population
    grids: Grids
    staff: Staff
    codes: list[str]
    marks: Marks

    def user_id(self, worker: int) -> UUID:
        """The account of a worker."""
        return self.marks.uuid(Sort.USER, worker)

    def person_id(self, person: int) -> UUID:
        """A registered person."""
        return self.marks.uuid(Sort.PERSON, person)

    def household_id(self, house: int) -> UUID:
        """A household."""
        return self.marks.uuid(Sort.HOUSEHOLD, house)

    def village_of_grid(self, grid: int) -> int:
        """The row of a grid's village."""
        return int(self.hamlets.village[self.grids.group[grid]])


def make_county(plan: Plan, told: Callable[[str], object]) -> County:
    """The county of a plan; `told` hears what is being made."""
    told("村组和院落")
    hamlets = make_hamlets(plan.generator("geography"), plan.villages)
    told("家庭和人口")
    people = make_population(
        plan.generator("people"),
        hamlets,
        plan.people,
        plan.away,
        plan.grids,
        np.datetime64(plan.today),
    )
    told("三级网格")
    sizes = np.diff(people.first)
    grids = make_grids(hamlets, people.group, people.points, sizes, plan.seed)
    told("三线人员和干部")
    staff = make_staff(plan, hamlets, people, grids)
    codes = grid_codes(hamlets, grids)
    name_accounts(staff, people, grids, codes)
    return County(plan, hamlets, people, grids, staff, codes, Marks(plan.seed))


def name_accounts(staff: Staff, people: Population, grids: Grids, codes: list[str]) -> None:
    """Give one worker of each role the name of its demo account, and add the resident."""
    size = dict(zip(codes, grids.households.tolist(), strict=True))
    home = ""
    for account, (role, place) in ACCOUNTS.items():
        if role == "resident":
            continue
        fit = [
            w
            for w in staff.workers
            if w.jobs[0].role == role and w.jobs[0].place.startswith(place)
        ]
        # The grid of the usual size; for offices the first who holds the place.
        chosen = min(fit, key=lambda w: abs(size.get(w.jobs[0].place, 999) - USUAL_HOUSEHOLDS))
        staff.rename(chosen.number, account)
        if account == "warden":
            home = chosen.jobs[0].place
        if account == "town":
            extra = (Job("office", place, f"{place}:{o}") for o in ("housing", "affairs"))
            staff.give(chosen.number, *extra)
    taken = {w.person for w in staff.workers}
    house = np.flatnonzero(grids.of_house == codes.index(home))
    heads = [int(people.first[h]) for h in house if people.away[people.first[h]] == 0]
    person = next(p for p in heads if p not in taken)
    staff.add("resident", people.name(person), person, Job("resident", home))
