"""A household appeals: another decider, 15 working days, help goes on; and the daily clocks."""

from datetime import date, timedelta

import pytest

from lianhu.accounts.models import User
from lianhu.accounts.queries.actors import public_actor, system_actor
from lianhu.daily import run_daily
from lianhu.grading.actions.appeals import appeal_grade, decide_appeal
from lianhu.grading.actions.clocks import VERBS, run_clocks
from lianhu.grading.actions.decide import (
    confirm_grade,
    decline_suggestion,
    end_grade,
    propose_grade,
    refuse_grade,
)
from lianhu.grading.actions.facts import end_fact
from lianhu.grading.models import Grade
from lianhu.grading.queries.colours import own_grade
from lianhu.grading.queries.waiting import (
    Waiting,
    count_appeals,
    count_confirmations,
    list_appeals,
    list_renewals,
)
from lianhu.kernel.ids import uuid7
from tests import cast
from tests.grading.helpers import fact
from tests.matters.helpers import AT, code_of, later


@pytest.fixture
def system(places):
    return system_actor(cast.COUNTY, *VERBS)


@pytest.fixture
def own(places):
    """The household itself, as the board lets it in."""
    return public_actor(cast.EAST_GRID, "刘武林")


@pytest.fixture
def noticed(secretary_east, household):
    """A yellow household that was told that help ends."""
    propose_grade(secretary_east, household.id, "yellow", "留守", **AT)
    return end_grade(secretary_east, household.id, "父母回来了", **AT)


def colour(household, days=0):
    on = cast.TODAY + timedelta(days=days)
    return own_grade(household.id, on=on).now.colour


def test_an_untouched_notice_ends_help_when_it_is_over(noticed, household, system):
    days = (noticed.ends_on - cast.TODAY).days
    assert run_clocks(system, **later(days=days - 1))["grades_ended"] == 0
    assert colour(household, days - 1) == "yellow"
    assert run_clocks(system, **later(days=days))["grades_ended"] == 1
    assert run_clocks(system, **later(days=days))["grades_ended"] == 0
    assert colour(household, days) == "green"


def test_help_goes_on_while_an_appeal_is_open(noticed, household, system, own, officer_town):
    appeal = appeal_grade(own, household.id, " 他们又走了 ", **AT)
    assert appeal.words == "他们又走了"
    assert code_of(appeal_grade, own, household.id, "再说") == "grading.appeal_open"
    assert appeal.due_on == date(2026, 12, 14)  # fifteen working days
    assert run_clocks(system, **later(days=500)) == {
        "grades_ended": 0, "grades_lapsed": 0, "grades_to_renew": 0,
        "grades_waiting_long": 0, "appeals_due_soon": 1,
    }  # fmt: skip
    assert colour(household, 500) == "yellow"
    decide_appeal(officer_town, appeal.id, "接着帮", upheld=True, **later(days=500))
    assert colour(household, 501) == "yellow"
    assert own_grade(household.id, on=cast.TODAY).appeal.answer == "接着帮"


def test_an_ended_fact_ends_no_help(household, secretary_east):
    row = fact(secretary_east, household, "minimum_living")
    propose_grade(secretary_east, household.id, "yellow", "低保", **AT)
    end_fact(secretary_east, row.id, last_day=cast.TODAY, **AT)
    for day in (1, 30, 300):
        run_daily(later(days=day)["at"])
        assert colour(household, day) == "yellow"


def test_an_appeal_that_fails_lets_the_notice_run_out(
    noticed, household, system, own, officer_town
):
    appeal = appeal_grade(own, household.id, "不同意", **AT)
    decide_appeal(officer_town, appeal.id, "父母确实在家", upheld=False, **later(days=60))
    assert colour(household, 60) == "yellow"
    run_clocks(system, **later(days=64))
    assert colour(household, 64) == "green"


def test_another_person_decides(household, own, secretary_east, officer_town, places):
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    confirm_grade(officer_town, grade.id, **AT)
    appeal = appeal_grade(own, household.id, "不要连心户", **AT)
    assert code_of(decide_appeal, officer_town, appeal.id, "x", upheld=True) == (
        "grading.appeal_own"
    )
    assert code_of(decide_appeal, secretary_east, appeal.id, "x", upheld=True) == (
        "grading.appeal_not_found"
    )
    other = cast.make_actor("另一位", ("town", cast.EAST_TOWN))
    assert code_of(decide_appeal, other, appeal.id, " ", upheld=True) == "grading.no_reason"
    decide_appeal(other, appeal.id, "照旧", upheld=False, **AT)
    assert colour(household) == "red"
    assert code_of(decide_appeal, other, appeal.id, "x", upheld=True) == (
        "grading.appeal_decided"
    )


def test_who_took_part_decides_from_no_other_account(
    noticed, household, own, secretary_east, officer_town
):
    two = cast.make_actor("李东", ("town", cast.EAST_TOWN))
    one = cast.head_of(household).id
    User.objects.filter(id__in=[secretary_east.id, two.id]).update(person_id=one)
    appeal = appeal_grade(own, household.id, "不同意", **AT)
    assert code_of(decide_appeal, two, appeal.id, "x", upheld=False) == "grading.appeal_own"
    decide_appeal(officer_town, appeal.id, "接着帮", upheld=True, **AT)


def test_who_took_part_long_ago_decides_no_appeal(household, own, secretary_east, officer_town):
    first = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    refuse_grade(officer_town, first.id, "儿子在家", **AT)
    for day in range(1, 6):
        decline_suggestion(secretary_east, household.id, "yellow", "先看看", **later(days=day))
    appeal = appeal_grade(own, household.id, "儿子走了", **later(days=6))
    assert code_of(decide_appeal, officer_town, appeal.id, "x", upheld=True) == (
        "grading.appeal_own"
    )


def test_a_green_household_may_ask_for_help(household, own, officer_town, secretary_east):
    appeal = appeal_grade(own, household.id, "儿子病了", **AT)
    decide_appeal(officer_town, appeal.id, "核实了", upheld=True, colour="red", **AT)
    assert colour(household) == "green"  # red takes two
    (grade,) = Grade.objects.filter(household=household, state="waiting")
    confirm_grade(secretary_east, grade.id, **AT)
    assert colour(household) == "red"
    again = appeal_grade(own, household.id, "再看看", **AT)
    other = cast.make_actor("另一位", ("town", cast.EAST_TOWN))
    decide_appeal(other, again.id, "照旧", upheld=True, colour="yellow", **AT)
    assert colour(household) == "red"  # never less by an appeal


@pytest.mark.parametrize(("confirmed", "last"), [(True, "red"), (False, "yellow")])
def test_what_an_appeal_gives_outlives_a_red_that_waits(
    confirmed, last, household, own, secretary_east, officer_town
):
    red = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    appeal = appeal_grade(own, household.id, "儿子病了", **AT)
    decide_appeal(officer_town, appeal.id, "先多走访", upheld=True, colour="yellow", **AT)
    states = sorted(Grade.objects.values_list("colour", "state"))
    assert (colour(household), states) == ("yellow", [("red", "waiting"), ("yellow", "held")])
    second = cast.make_actor("李委员", ("committee", cast.EAST))
    if confirmed:
        confirm_grade(second, red.id, **later(days=1))
    else:
        refuse_grade(second, red.id, "儿子在家", **later(days=1))
    assert colour(household, 1) == colour(household, 300) == last


def test_an_appeal_that_gives_red_is_the_second_of_a_red_that_waits(
    household, own, secretary_east, officer_town
):
    red = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    appeal = appeal_grade(own, household.id, "儿子病了", **AT)
    assert code_of(decide_appeal, secretary_east, appeal.id, "x", upheld=True) == (
        "grading.appeal_not_found"
    )
    decide_appeal(officer_town, appeal.id, "核实了", upheld=True, colour="red", **AT)
    red.refresh_from_db()
    assert (colour(household), red.state) == ("red", "held")
    assert (red.proposed_by, red.confirmed_by) == (secretary_east.id, officer_town.id)


def test_appeals_stay_within_reach(
    household, own, officer_town, officer_county, secretary_east
):
    appeal = appeal_grade(own, household.id, "请看看", **AT)
    west = cast.make_actor("漩涡镇干部", ("town", cast.WEST_TOWN))
    for actor in (officer_town, officer_county):
        assert [a.id for a in list_appeals(actor)] == [appeal.id]
    for actor in (west, secretary_east):
        assert not list_appeals(actor).exists()
    assert code_of(decide_appeal, west, appeal.id, "x", upheld=True) == (
        "grading.appeal_not_found"
    )
    assert code_of(appeal_grade, own, uuid7(), "x") == "household.not_found"


def test_a_colour_nobody_renews_lapses_after_a_reminder(household, secretary_east, system):
    propose_grade(secretary_east, household.id, "yellow", "留守", **AT)
    assert run_clocks(system, **later(days=334))["grades_to_renew"] == 0
    assert run_clocks(system, **later(days=335))["grades_to_renew"] == 1
    assert run_clocks(system, **later(days=336))["grades_to_renew"] == 0
    soon = cast.TODAY + timedelta(days=336)
    assert list_renewals(secretary_east, on=soon).count() == 1
    assert run_clocks(system, **later(days=364))["grades_lapsed"] == 0
    assert run_clocks(system, **later(days=365))["grades_lapsed"] == 1
    assert [g.state for g in own_grade(household.id, on=soon).past] == ["lapsed"]
    assert colour(household, 365) == "green"


def reminded(system, **at):
    done = run_clocks(system, **later(**at))
    return done["grades_waiting_long"], done["appeals_due_soon"]


def test_who_decides_is_reminded_while_days_are_left(
    household, own, officer_town, secretary_east, system
):
    appeal = appeal_grade(own, household.id, "请看看", **AT)
    assert appeal.due_on == date(2026, 12, 14)
    assert reminded(system, days=13) == (0, 0)  # Sunday, six working days before
    assert reminded(system, days=14) == (0, 1)
    assert reminded(system, days=15) == (0, 0)
    assert count_appeals(officer_town, on=cast.TODAY) == Waiting(1, 1, 0, appeal.due_on)
    assert count_appeals(officer_town, on=date(2026, 12, 14)).late == 0
    assert count_appeals(officer_town, on=date(2026, 12, 15)).late == 1
    decide_appeal(officer_town, appeal.id, "看了", upheld=False, **later(days=16))
    assert count_appeals(officer_town, on=cast.TODAY) == Waiting(0, 0, 0, None)


def test_a_red_that_waits_a_week_is_brought_to_mind_once(
    household, secretary_east, officer_town, system
):
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    assert reminded(system, days=6, hours=23) == (0, 0)
    assert count_confirmations(officer_town) == Waiting(1, 0, 0, cast.TODAY)
    assert reminded(system, days=7) == (1, 0)
    assert reminded(system, days=8) == (0, 0)
    assert count_confirmations(officer_town) == Waiting(1, 1, 0, cast.TODAY)
    confirm_grade(officer_town, grade.id, **later(days=9))
    # Reminded of while it waited: all the same when it is time to renew it.
    assert run_clocks(system, **later(days=9 + 335))["grades_to_renew"] == 1


def test_the_daily_run_keeps_the_clocks(noticed, household):
    done = run_daily(later(days=60)["at"])
    assert (done["grades_ended"], done["grades_lapsed"]) == (1, 0)
