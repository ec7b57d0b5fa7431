"""Builds the demo county in one transaction: it is there whole, or not at all."""

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from lianhu.accounts.queries.actors import system_actor
from lianhu.accounts.queries.staff import find_user
from lianhu.audit.actions import record
from lianhu.audit.queries import epoch
from lianhu.audit.sealing import seal_all
from lianhu.demo.asking import show_requests
from lianhu.demo.county import make_county
from lianhu.demo.divisions import COUNTY, PILOT
from lianhu.demo.grading import show_cast, write_facts, write_grades
from lianhu.demo.plan import MATTERS, VISITS, Plan, make_plan
from lianhu.demo.progress import Progress
from lianhu.demo.resources import write_resources
from lianhu.demo.visits import make_visits
from lianhu.demo.writing import (
    write_matters,
    write_people,
    write_places,
    write_staff,
    write_visits,
)
from lianhu.demo.year import make_year
from lianhu.grids.actions.looking import VERBS as LOOKING
from lianhu.grids.actions.looking import look_again
from lianhu.kernel.errors import Refusal
from lianhu.territory.queries import TOWN_LENGTH, list_places

STEPS_A_MATTER = 7.4  # on average, for the progress bar alone


@dataclass(frozen=True, slots=True)
class Built:
    """What was built, in numbers."""

    villages: int
    households: int
    persons: int
    grids: int
    workers: int
    matters: int
    visits: int

    def words(self) -> str:
        """One line for a person."""
        return (
            f"演示县建好了：{self.villages} 个村和社区，{self.households} 户 {self.persons} 人，"
            f"{self.grids} 个网格，{self.workers} 名工作人员，{self.matters} 件事项，"
            f"{self.visits} 次走访。"
        )


def build_county(
    *,
    scale: float = 1.0,
    seed: int = 321,
    days: int = 365,
    today: date | None = None,
    times: float = 1.0,
    silent: bool = False,
) -> Built:
    """Build the demo county into an empty, migrated database; the same seed and day give the
    same rows (sealed fields aside, whose nonces are fresh).

    `times` multiplies the matters, for measurements. Refuses ``demo.not_empty`` where there is
    a county already, made up or real.
    """
    if list_places("county").exists() or find_user("warden") is not None:
        raise Refusal("demo.not_empty")
    plan = make_plan(scale=scale, seed=seed, days=days, today=today or timezone.localdate())
    total = plan.people * 1.32 + plan.of_year(VISITS)
    total += plan.of_year(MATTERS) * times * (1 + STEPS_A_MATTER)
    with Progress(round(total), silent=silent) as progress:
        built = _build(plan, times, progress)
        progress.part("完成")
    return built


def _build(plan: Plan, times: float, progress: Progress) -> Built:
    county = make_county(plan, progress.part)
    with transaction.atomic():
        progress.part("写入行政区划和网格")
        write_places(county, progress)
        progress.part("写入家庭和人口")
        write_people(county, progress)
        progress.part("写入人员和任职")
        write_staff(county, progress)
        progress.part("写入本地资源")
        write_resources(county)
        progress.part("写入一年的事项")
        year = make_year(county, times=times)
        write_matters(county, year, progress)
        progress.part("写入一年的走访")
        visits = make_visits(county, times=times)
        write_visits(county, visits, progress)
        progress.part("写入家庭情况和颜色")
        write_facts(county)
        write_grades(county)
        show_cast(county)
        show_requests(county)
        record(
            system_actor(COUNTY), "demo.build", "place", COUNTY, COUNTY, at=timezone.now(), quiet=True,
            seed=plan.seed, scale=plan.scale, days=plan.days, persons=plan.people,
        )  # fmt: skip
        epoch()
    progress.part("看一遍试点镇的网格划分")
    # The whole county's takes as long again as its matters; the daily run or a button does it.
    look_again(system_actor(COUNTY, *LOOKING), PILOT[:TOWN_LENGTH], at=timezone.now())
    progress.part("封存台账")
    seal_all(at=timezone.now())
    progress.part("整理数据库")
    _tidy()
    return Built(
        villages=len(plan.villages),
        households=len(county.people.group),
        persons=len(county.people.house),
        grids=len(county.grids),
        workers=len(county.staff.workers),
        matters=len(year) + year.copies,
        visits=len(visits),
    )


def _tidy() -> None:
    """Let the planner know the tables, and leave nothing in the write-ahead log."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
