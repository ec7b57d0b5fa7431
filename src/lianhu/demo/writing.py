"""Writes the made-up county through the wings' own bulk actions, a part at a time."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice, pairwise

import numpy as np

from lianhu.accounts.actions.users import grant_row, load_grants, load_users, user_row
from lianhu.demo.arrays import Floats
from lianhu.demo.away import WHERE
from lianhu.demo.county import County
from lianhu.demo.identity import id_numbers
from lianhu.demo.marks import Sort
from lianhu.demo.matters import Teller, group_words
from lianhu.demo.names import FAMILY, initials
from lianhu.demo.photos import with_photos, write_photos
from lianhu.demo.progress import Progress
from lianhu.demo.staff import LINES, group_codes
from lianhu.demo.visits import Visits, visit_rows
from lianhu.demo.year import Year
from lianhu.matters.actions.load import load_matters
from lianhu.people.actions import HouseholdRow, PersonRow, load_households
from lianhu.people.rules import Residence, Sex
from lianhu.postings.actions import load_postings, posting_row
from lianhu.territory.actions import load_places, make_place
from lianhu.visits.actions import load_visits

CHUNK = 5_000
EDITION = date(2019, 10, 31)  # of the published divisions
MOST_GRANTS = 8  # of one worker; numbers their identifiers


def write_places(county: County, progress: Progress) -> None:
    """The published divisions, and the made-up groups and grids below them."""
    hamlets, grids = county.hamlets, county.grids
    at: dict[str, Floats] = {}
    for village, centre in zip(hamlets.villages, hamlets.centres, strict=True):
        at[village.code] = centre
    for town in {v.code[:9] for v in hamlets.villages}:
        inside = [i for i, v in enumerate(hamlets.villages) if v.code.startswith(town)]
        at[town] = hamlets.centres[inside].mean(axis=0)
    at[county.plan.divisions[0].code] = hamlets.outline.mean(axis=0)
    groups = group_codes(hamlets)
    at |= dict(zip(groups, hamlets.points, strict=True))
    at |= dict(zip(county.codes, grids.points, strict=True))
    divided = county.plan.today - timedelta(days=900)
    names = [(d.code, d.name, d.is_community, EDITION) for d in county.plan.divisions]
    names += [(code, f"{group_words(int(code[12:]))}组", False, EDITION) for code in groups]
    names += [(code, _grid_name(code), False, divided) for code in county.codes]
    rows = []
    for code, name, is_community, on in names:
        point = at.get(code)
        lon, lat = (None, None) if point is None else (round(float(v), 5) for v in point)
        place = make_place(code, name, is_community=is_community, lon=lon, lat=lat, on=on)
        rows.append(place)
    load_places(rows)
    progress.add(len(rows))


def _grid_name(code: str) -> str:
    return f"{group_words(int(code[12:14]))}组第{group_words(int(code[14:]))}网格"


def write_people(county: County, progress: Progress) -> None:
    """Households and persons; ID numbers and phones are sealed as they are written."""
    groups = county.people.group
    village = county.hamlets.village[groups]
    edges = np.searchsorted(village, np.arange(len(county.hamlets.villages) + 1))
    for index, (first, end) in enumerate(pairwise(edges.tolist())):
        houses = list(_households(county, index, first, end))
        persons = list(_persons(county, first, end))
        load_households(houses, persons)
        progress.add(len(houses) + len(persons))


def _households(county: County, village: int, first: int, end: int) -> Iterator[HouseholdRow]:
    people, name = county.people, county.hamlets.villages[village].name
    for house in range(first, end):
        head = people.name(int(people.first[house]))
        lon, lat = people.points[house]
        group = int(county.hamlets.number[people.group[house]])
        yield HouseholdRow(
            id=county.household_id(house),
            place=county.codes[county.grids.of_house[house]],
            code=str(people.code[house]),
            head_name=head,
            head_initials=initials(head),
            address=f"{name}{group_words(group)}组{people.number[house]}号",
            size=int(people.first[house + 1] - people.first[house]),
            lon=round(float(lon), 5),
            lat=round(float(lat), 5),
        )


def _persons(county: County, first: int, end: int) -> Iterator[PersonRow]:
    people = county.people
    start, stop = int(people.first[first]), int(people.first[end])
    part = slice(start, stop)
    columns = zip(
        range(start, stop),
        people.house[part].tolist(),
        people.surname[part].tolist(),
        people.given[part].tolist(),
        people.relation[part].tolist(),
        people.male[part].tolist(),
        people.born[part].tolist(),
        people.away[part].tolist(),
        id_numbers(people.id17[part]),
        people.phone[part].tolist(),
        strict=True,
    )
    for row, house, family, given, relation, male, born, away, number, phone in columns:
        yield PersonRow(
            id=county.person_id(row),
            household_id=county.household_id(house),
            place=county.codes[county.grids.of_house[house]],
            name=FAMILY[family] + given,
            relation=relation,
            sex=Sex.MAN if male else Sex.WOMAN,
            born_on=born,
            residence=Residence.AWAY if away else Residence.HOME,
            away_to=WHERE[away],
            id_number=number,
            phone=str(phone) if phone else "",
        )


def write_staff(county: County, progress: Progress) -> None:
    """Accounts without passwords, their grants, and the postings of line people to grids."""
    elected = date(county.plan.today.year - 2, 3, 1)
    users, grants, postings = [], [], []
    for worker in county.staff.workers:
        person = county.person_id(worker.person) if worker.person >= 0 else None
        user = county.user_id(worker.number)
        users.append(user_row(user, worker.username, worker.name, person))
        for number, job in enumerate(worker.jobs):
            mark = worker.number * MOST_GRANTS + number
            grant = county.marks.uuid(Sort.GRANT, mark)
            grants.append(grant_row(grant, user, job.role, job.place, elected, job.office))
            if job.role in LINES and job.leads:
                posting = county.marks.uuid(Sort.POSTING, mark)
                postings.append(
                    posting_row(
                        posting, user, job.role, job.place, grant,
                        is_leader=True, starts_on=elected,
                    )
                )  # fmt: skip
    load_users(users)
    load_grants(grants)
    load_postings(postings)
    progress.add(len(users) + len(grants) + len(postings))


def write_matters(county: County, year: Year, progress: Progress) -> None:
    """The year's matters with their steps."""
    teller, photos = Teller(county, year), write_photos(county)
    for numbers in year.chunks():
        rows = list(with_photos(teller.rows(numbers), photos))
        load_matters(rows)
        progress.add(len(rows) + sum(len(row.steps) for row in rows))


def write_visits(county: County, visits: Visits, progress: Progress) -> None:
    """The year's visits."""
    rows = visit_rows(county, visits)
    while chunk := list(islice(rows, CHUNK)):
        load_visits(chunk)
        progress.add(len(chunk))
