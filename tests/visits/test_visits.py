"""Visits: facts of one's own grid, late ones too; a phone's clock decides nothing."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.grading.actions.decide import propose_grade
from lianhu.grading.queries.colours import grades_of_grids
from lianhu.grids.actions import apply_division
from lianhu.grids.plan import Wish
from lianhu.grids.queries import propose
from lianhu.matters.models import Matter
from lianhu.people.actions import move_household
from lianhu.people.models import Household
from lianhu.visits.actions import record_visit
from lianhu.visits.models import Visit
from lianhu.visits.queries import (
    last_visits,
    latest_visits,
    list_of_household,
    list_visits,
    plan_grid,
)
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, raised


def test_record_visit_with_one_entry_and_one_version(warden, household):
    before = versions(GRIDS)
    visit, matter = record_visit(
        warden, household.id, cast.TODAY, ["policy", "policy"], " 药够 ", **AT
    )
    assert (visit.place_id, visit.duties, visit.words, matter) == (
        cast.EAST_GRID, ["policy"], "药够", None,
    )  # fmt: skip
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_id, entry.place_id, entry.facts) == (
        "visit.record", str(visit.id), cast.EAST_GRID, {"household": str(household.id)},
    )  # fmt: skip
    assert raised(before) == {cast.EAST_GRID: 1}


def test_record_visit_refuses_the_next_village(warden_west, secretary_west, household, handler):
    for actor in (warden_west, secretary_west, handler):
        assert code_of(record_visit, actor, household.id, cast.TODAY) == "household.not_found"
    assert code_of(record_visit, secretary_west, uuid4(), cast.TODAY) == "household.not_found"


def test_record_visit_leaves_nothing_when_its_need_is_refused(warden, household):
    need = cast.Report(place=cast.EAST_GRID, category="nonsense", words="x")
    assert code_of(record_visit, warden, household.id, cast.TODAY, need=need) == (
        "matter.unknown_category"
    )
    assert (
        code_of(record_visit, warden, household.id, cast.TODAY, ["x"]) == "visit.unknown_duty"
    )
    assert (Visit.objects.count(), Matter.objects.count()) == (0, 0)


@pytest.mark.parametrize("on", [date.max, cast.TODAY + timedelta(days=400), cast.TODAY])
def test_a_clock_that_is_ahead_counts_as_today(warden, household, on):
    visit, _ = record_visit(warden, household.id, on, **AT)
    assert visit.on == cast.TODAY


def _plan(actor, homes, grades):
    visits = last_visits(actor, [cast.EAST_GRID])
    last = {home: visit.on for home, visit in visits.items()}
    return plan_grid(cast.EAST_GRID, homes, last, grades, begun=None)


def test_the_latest_visit_decides_when_the_next_is_due(warden, household, warden_west):
    for on in (date(2026, 11, 2), date(2026, 11, 20), date.min):
        record_visit(warden, household.id, on, **AT)
    last = last_visits(warden, [cast.EAST_GRID])
    assert last[household.id].on == date(2026, 11, 20)
    plan = _plan(warden, [household], {})
    (due,) = plan.visits
    assert (due.plan_on, due.due_on, due.why) == (
        date(2027, 2, 18), date(2027, 2, 18), "放心户每季度看一次（我们的默认）",
    )  # fmt: skip
    assert (plan.per_day, plan.label) == (3, "我们的默认")
    assert last_visits(warden_west, [cast.EAST_GRID]) == {}


def test_evening_and_offline_count_the_same(warden, household):
    """Heard of days later, or late at night: what counts is the day she went."""
    evening = cast.NOON.replace(day=20, hour=23, minute=40)
    other = cast.make_household()
    record_visit(warden, household.id, date(2026, 11, 20), at=evening)
    record_visit(warden, other.id, date(2026, 11, 20), at=cast.NOON + timedelta(days=6))
    assert len({v.due_on for v in _plan(warden, [household, other], {}).visits}) == 1


def test_a_colour_brings_the_visit_forward_and_only_for_who_may_see_it(
    warden, secretary_east, household
):
    record_visit(warden, household.id, date(2026, 11, 1), **AT)
    propose_grade(secretary_east, household.id, "yellow", "留守儿童", **AT)
    grades = grades_of_grids(warden, [cast.EAST_GRID], on=cast.TODAY)
    (due,) = _plan(warden, [household], grades).visits
    assert (due.due_on, due.why) == (date(2026, 12, 1), "关心户每月看一次（我们的默认）")
    (blind,) = _plan(warden, [household], None).visits
    assert (blind.due_on, blind.why) == (date(2027, 1, 30), "每季度看一次（我们的默认）")


def test_earlier_visits_follow_a_household_into_its_new_grid(
    warden, member, secretary_east, warden_west, household
):
    for day in range(1, 8):
        record_visit(warden, household.id, date(2026, 11, day), words=f"第{day}次", **AT)
    move_household(secretary_east, household.id, cast.EAST_GRID_2, **AT)
    found = latest_visits(member, [cast.EAST_GRID_2])[household.id]
    assert [v.words for v in found] == ["第7次", "第6次", "第5次", "第4次", "第3次"]
    assert list_of_household(member, household.id).count() == 7
    assert latest_visits(warden, [cast.EAST_GRID, cast.EAST_GRID_2]) == {}
    assert list_of_household(warden_west, household.id).count() == 0


def test_a_divided_group_keeps_its_earlier_visits(officer_town, deputy, secretary_west):
    homes = [
        cast.make_household(head=f"户{n}", members=[{"name": "甲"}] * 3) for n in range(50)
    ]
    for home in homes:
        record_visit(deputy, home.id, cast.TODAY, words=home.head_name, **AT)
    wish, on = Wish(), {"on": cast.TODAY}
    stamp = propose(officer_town, cast.EAST_GROUP, wish, **on).stamp
    apply_division(officer_town, cast.EAST_GROUP, wish, stamp, **on, **AT)
    now = {h.id: h.place_id for h in Household.objects.all()}
    grids = sorted(set(now.values()))
    assert len(grids) > 1
    for grid in grids:
        found = latest_visits(deputy, [grid])
        assert set(found) == {home for home, place in now.items() if place == grid}
        assert all(visit.words == str(home.head_name) for home in homes
                   for visit in found.get(home.id, []))  # fmt: skip
    assert latest_visits(secretary_west, grids) == {}


@pytest.mark.parametrize("rows", [1, 3])
def test_latest_visits_cost_one_query(warden, rows, django_assert_num_queries):
    for _ in range(rows):
        home = cast.make_household()
        for _ in range(rows):
            record_visit(warden, home.id, cast.TODAY, **AT)
    with django_assert_num_queries(1):
        assert len(latest_visits(warden, [cast.EAST_GRID])) == rows


def test_visits_are_listed_within_reach(warden, household, secretary_east, secretary_west):
    record_visit(warden, household.id, cast.TODAY, **AT)
    assert list_visits(secretary_east, under=cast.EAST).count() == 1
    assert list_of_household(secretary_east, household.id).count() == 1
    assert list_visits(secretary_west, under=cast.EAST).count() == 0
    assert list_of_household(secretary_west, household.id).count() == 0
