"""Facts, colours with their history, what waits, an appeal and care episodes: all made up."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np

from lianhu.accounts.queries.actors import actor_for, public_actor, system_actor
from lianhu.accounts.queries.staff import find_user
from lianhu.demo.county import County
from lianhu.demo.divisions import COUNTY, OTHER, PILOT
from lianhu.demo.marks import Sort
from lianhu.demo.telling import ZONE
from lianhu.grading.actions.appeals import appeal_grade
from lianhu.grading.actions.care import open_care
from lianhu.grading.actions.facts import GRADE, load_facts, load_grades
from lianhu.grading.queries.suggest import Suggestion, suggest
from lianhu.grading.rules.colours import Colour, months_after, needs_two
from lianhu.kernel.actor import Actor

CHUNK = 5_000
MOST_GRADES = 1_000_000  # earlier decisions are numbered from here on
NOBODY, CLERK = UUID(int=0), "民政登记"
BANDS = ("lowest", "low", "middle", "fair")
# Of a hundred households; 低保 about as many as the county's published share.
SHARES = {
    "minimum_living": 3.6, "destitute": 1.2, "relapse_watch": 1.0, "sudden_hardship": 0.5,
    "disaster_loss": 0.3, "unsafe_house": 0.3, "bereaved_parents": 0.2,
    "severe_disability": 2.0, "disability": 2.4, "long_illness": 6.0, "serious_illness": 0.8,
    "cannot_care_self": 1.0, "orphan": 0.1,
}  # fmt: skip
OF_PERSON = {
    "severe_disability", "disability", "long_illness", "serious_illness", "cannot_care_self",
    "orphan",
}  # fmt: skip
SOURCES = {
    "minimum_living": "低保证", "destitute": "特困供养证", "relapse_watch": "防返贫监测台账",
    "unsafe_house": "房屋安全鉴定书", "severe_disability": "残疾人证", "disability": "残疾人证",
    "long_illness": "门诊慢特病卡", "serious_illness": "出院小结", "orphan": "民政认定书",
    "income_band": "收入核对报告",
}  # fmt: skip
# Of what the rules suggest: left undecided, and waiting for the second person where red.
OPEN, WAITING = 0.04, 0.03
WORDS = (
    "本人当面点了头，说愿意让我常来。",
    "想有人说说话，想等儿子回来过年。",
    "老伴走了以后一个人住，夜里睡不好，不爱出门。",
    "每周二去坐一坐，约好一起去卫生院看一次，教会用大字手机给儿子打视频。",
)


def write_facts(county: County) -> int:
    """Facts of households with their sources; how many."""
    number, rows = 0, _facts(county)
    while chunk := list(islice(rows, CHUNK)):
        load_facts(chunk)
        number += len(chunk)
    return number


def _facts(county: County) -> Iterator[tuple[object, ...]]:
    people, rng = county.people, county.plan.generator("facts")
    size, today = len(people.group), county.plan.today
    at = datetime.combine(today - timedelta(days=30), time(10), ZONE)
    poor = rng.random(size) < SHARES["minimum_living"] / 100
    band = np.where(poor, 0, rng.choice(4, size, p=(0.01, 0.05, 0.5, 0.44)))
    number = 0
    for kind in ("income_band", *SHARES):
        has = (
            poor if kind == "minimum_living" else rng.random(size) < SHARES.get(kind, 100) / 100
        )
        days, lot = rng.integers(30, 900, size).tolist(), rng.integers(1, 9000, size).tolist()
        who = people.first[:-1].tolist()
        for house in np.flatnonzero(has).tolist():
            number += 1
            source = f"{SOURCES.get(kind, '村里核实记录')} 第 {lot[house]} 号"
            yield (
                county.marks.uuid(Sort.FACT, number), county.household_id(house),
                county.person_id(who[house]) if kind in OF_PERSON else None, kind,
                BANDS[band[house]] if kind == "income_band" else "",
                today - timedelta(days=days[house]), None, source, NOBODY, CLERK, at,
            )  # fmt: skip


def write_grades(county: County) -> int:
    """Colours as people decided them in the past year by what the rules suggest; how many."""
    found = suggest(system_actor(COUNTY, "grade.propose"), under=COUNTY, on=county.plan.today)
    deciders = _deciders(county)
    rng = county.plan.generator("grades")
    luck = rng.random(len(found.rows)).tolist()
    days = rng.integers(5, 350, len(found.rows)).tolist()
    rules = f"{found.table.title}（{found.table.since.isoformat()}）"
    rows = sorted(found.rows, key=lambda r: r.household_id)
    made = (
        _grade(county, number, row, rules, deciders.get(row.place[:12], ()), chance, ago)
        for number, (row, chance, ago) in enumerate(zip(rows, luck, days, strict=True))
    )
    grades = [row for row in made if row]
    grades += [_before(county, n, row) for n, row in enumerate(grades) if n % 3 == 0]
    for start in range(0, len(grades), CHUNK):
        load_grades(grades[start : start + CHUNK])
    return len(grades)


def _deciders(county: County) -> dict[str, list[tuple[UUID, str]]]:
    """Secretary first, then the committee, of each village."""
    found: dict[str, list[tuple[UUID, str]]] = {}
    for role in ("secretary", "committee", "town"):
        for worker in county.staff.workers:
            for job in worker.jobs:
                if job.role == role:
                    who = (county.user_id(worker.number), worker.name)
                    found.setdefault(job.place, []).append(who)
    villages = {v.code for v in county.hamlets.villages}
    return {v: [*found.get(v, ()), *found.get(v[:9], ())] for v in villages}


def _grade(
    county: County, number: int, row: Suggestion, rules: str, who: Any, chance: float, ago: int
) -> tuple[object, ...] | None:
    if chance < OPEN or len(who) < 2:
        return None
    red = needs_two(row.colour)
    waits = red and chance < OPEN + WAITING
    day: date = county.plan.today - timedelta(days=ago if not waits else ago % 9)
    at = datetime.combine(day, time(9 + ago % 8, ago % 60), ZONE)
    (first, first_name), (second, second_name) = who[0], who[1]
    confirmed = red and not waits
    return (
        county.marks.uuid(Sort.GRADE, number), row.household_id, row.colour.value,
        "waiting" if waits else "held", row.reason[:500], list(row.why), rules, first,
        first_name, at, second if confirmed else None, second_name if confirmed else "",
        at + timedelta(hours=3) if confirmed else None, None if waits else day,
        None if waits else months_after(day, 12), None, None, "", "", None,
    )  # fmt: skip


def _before(county: County, number: int, row: tuple[object, ...]) -> tuple[object, ...]:
    """The year before: one person found the household in need of somewhat more help."""
    was = dict(zip(GRADE, row, strict=True))
    last = was["proposed_at"]
    if not isinstance(last, datetime):
        raise TypeError("a decision has its moment")
    first = last - timedelta(days=340)
    was |= {
        "id": county.marks.uuid(Sort.GRADE, number + MOST_GRADES), "colour": "yellow",
        "state": "replaced", "proposed_at": first, "confirmed_by": None,
        "confirmed_by_name": "", "confirmed_at": None, "starts_on": first.date(),
        "lapses_on": months_after(first.date(), 12), "ends_on": last.date(),
    }  # fmt: skip
    return tuple(was[name] for name in GRADE)


def show_cast(county: County) -> None:
    """An appeal in each demo village, and a care episode between secretary and town officer."""
    at = datetime.combine(county.plan.today - timedelta(days=3), time(16, 20), ZONE)
    town, today = find_user("town"), county.plan.today
    for account, village in (("secretary", PILOT), ("secretary-2", OTHER)):
        user = find_user(account)
        if user is None:
            continue
        actor = actor_for(user, on=today)
        rows = suggest(actor, under=village, on=today).rows
        held = [r for r in rows if r.present != Colour.GREEN]
        if held:
            words = "家里情况没有变，孙子还是我一个人带，请接着多来看看。"
            appeal_grade(public_actor(village), held[0].household_id, words, at=at)
        if account == "secretary" and town is not None and len(held) > 1:
            _care(actor, held[-1].household_id, town.id, at)


def _care(actor: Actor, household: UUID, supervisor: UUID, at: datetime) -> None:
    basis, wish, need, agreed = WORDS
    open_care(actor, household, supervisor, "consent", basis, wish, need, agreed, at=at)
