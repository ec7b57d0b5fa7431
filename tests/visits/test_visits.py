"""Visits: facts of one's own grid, late ones too; a phone's clock decides nothing."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.matters.models import Matter
from lianhu.visits.actions import record_visit
from lianhu.visits.models import Visit
from lianhu.visits.queries import last_visits, list_due, list_of_household, list_visits
from lianhu.visits.rules import next_visit_on, why_words
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, raised


@pytest.mark.parametrize(
    ("last", "due"), [(date(2026, 11, 1), date(2027, 1, 30)), (None, date(2026, 4, 1))]
)
def test_next_visit_counts_from_the_last_or_the_rules_start(last, due):
    assert next_visit_on(last, date(2026, 1, 1), interval_days=90) == due


def test_why_words_say_what_happened():
    assert why_words(None) == "还没有去过"
    assert why_words(date(2026, 3, 5)) == "上次去是 3月5日"


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


def test_the_latest_visit_decides_when_the_next_is_due(warden, household, warden_west):
    for on in (date(2026, 11, 2), date(2026, 11, 20), date.min):
        record_visit(warden, household.id, on, **AT)
    last = last_visits(warden, [cast.EAST_GRID])
    assert last[household.id].on == date(2026, 11, 20)
    (due,) = list_due([household], last, today=cast.TODAY)
    assert (due.due_on, due.why) == (date(2027, 2, 18), "上次去是 11月20日")
    assert last_visits(warden_west, [cast.EAST_GRID]) == {}


def test_visits_are_listed_within_reach(warden, household, secretary_east, secretary_west):
    record_visit(warden, household.id, cast.TODAY, **AT)
    assert list_visits(secretary_east, under=cast.EAST).count() == 1
    assert list_of_household(secretary_east, household.id).count() == 1
    assert list_visits(secretary_west, under=cast.EAST).count() == 0
    assert list_of_household(secretary_west, household.id).count() == 0
