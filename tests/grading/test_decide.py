"""A person decides, red takes two, only more help, an end is told; reach and ledger walls."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from lianhu.accounts.models import User
from lianhu.accounts.queries.actors import NOBODY
from lianhu.accounts.queries.staff import accounts_of
from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.grading.actions.decide import (
    confirm_grade,
    decline_suggestion,
    end_grade,
    propose_grade,
    refuse_grade,
)
from lianhu.grading.models import Grade
from lianhu.grading.queries import colours_of_grids, grades_of_grids
from lianhu.grading.queries.colours import grade_of, history_of, own_grade
from lianhu.kernel.ids import uuid7
from lianhu.people.actions import move_household
from lianhu.territory.queries.ledger import entries_about, list_entries
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, raised

ALL = [cast.EAST_GRID, cast.EAST_GRID_2, cast.WEST_GRID]


@pytest.fixture
def committee_east(places):
    return cast.make_actor("李委员", ("committee", cast.EAST))


def colour_of(household, on=cast.TODAY):
    return own_grade(household.id, on=on).now.colour


def made_red(first, second, household, **at):
    grade = propose_grade(first, household.id, "red", "独居又重残", **(AT | at))
    return confirm_grade(second, grade.id, **(AT | at))


def test_yellow_takes_one_person_and_lasts_twelve_months(secretary_east, household, warden):
    before = versions(GRIDS)
    grade = propose_grade(secretary_east, household.id, "yellow", " 留守 ", rules="默认", **AT)
    assert (grade.state, grade.reason, grade.lapses_on) == (
        "held", "留守", cast.TODAY.replace(year=2027),
    )  # fmt: skip
    assert raised(before) == {cast.EAST_GRID: 1}
    assert colours_of_grids(warden, ALL, on=cast.TODAY) == {household.id: "yellow"}
    last = cast.TODAY.replace(year=2027) - timedelta(days=1)
    assert colours_of_grids(warden, ALL, on=last) == {household.id: "yellow"}
    assert colours_of_grids(warden, ALL, on=last + timedelta(days=1)) == {}
    assert colour_of(household, last + timedelta(days=1)) == "green"


def test_red_waits_for_another_person(secretary_east, committee_east, household, warden):
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    assert (grade.state, colour_of(household)) == ("waiting", "green")
    assert code_of(confirm_grade, secretary_east, grade.id) == "grading.same_person"
    assert code_of(propose_grade, committee_east, household.id, "red", "x") == "grading.waiting"
    confirm_grade(committee_east, grade.id, **AT)
    assert grades_of_grids(warden, ALL, on=cast.TODAY)[household.id].why == "独居"
    assert code_of(confirm_grade, committee_east, grade.id) == "grading.settled"
    assert own_grade(household.id, on=cast.TODAY).decided_by == ("李东", "李委员")


def test_two_accounts_of_one_person_are_one_person(secretary_east, household, officer_town):
    second = cast.make_actor("李东", ("committee", cast.EAST))
    one = cast.head_of(household).id
    User.objects.filter(id__in=[secretary_east.id, second.id]).update(person_id=one)
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    assert code_of(confirm_grade, second, grade.id) == "grading.same_person"
    assert colour_of(household) == "green"
    User.objects.filter(id=officer_town.id).update(person_id=cast.head_of(household).id)
    assert code_of(confirm_grade, officer_town, grade.id) == "grading.same_person"
    User.objects.filter(id=officer_town.id).update(person_id=uuid7())
    confirm_grade(officer_town, grade.id, **AT)
    assert colour_of(household) == "red"


def test_accounts_without_a_person_are_each_their_own(secretary_east, officer_town):
    assert accounts_of(secretary_east.id) == {secretary_east.id}
    assert accounts_of(NOBODY) == {NOBODY}


def test_not_even_the_table_takes_a_red_by_one(secretary_east, household):
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    rows = Grade.objects.filter(id=grade.id)
    for confirmed in (None, secretary_east.id):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(state="held", confirmed_by=confirmed)


def test_the_second_person_may_say_no(secretary_east, committee_east, household):
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    assert code_of(refuse_grade, committee_east, grade.id, " ") == "grading.no_reason"
    refuse_grade(committee_east, grade.id, "儿子在家", **AT)
    assert colour_of(household) == "green"


def test_less_help_is_never_a_proposal(secretary_east, committee_east, household):
    made_red(secretary_east, committee_east, household)
    for colour, code in (("yellow", "grading.less_help"), ("green", "grading.bad_colour")):
        assert code_of(propose_grade, secretary_east, household.id, colour, "x") == code
    assert colour_of(household) == "red"


def test_renewing_replaces_and_begins_a_new_term(secretary_east, household):
    propose_grade(secretary_east, household.id, "yellow", "留守", **AT)
    later = cast.NOON + timedelta(days=340)
    again = propose_grade(secretary_east, household.id, "yellow", "还是留守", at=later)
    assert again.lapses_on == later.date().replace(year=2028)
    states = [g.state for g in history_of(secretary_east, household.id)]
    assert states == ["held", "replaced"]


def test_help_goes_on_until_the_notice_is_over(secretary_east, household):
    assert code_of(end_grade, secretary_east, household.id, "x") == "grading.nothing_to_end"
    propose_grade(secretary_east, household.id, "yellow", "留守", **AT)
    assert code_of(end_grade, secretary_east, household.id, "") == "grading.no_reason"
    grade = end_grade(secretary_east, household.id, "父母回来了", **AT)
    assert (grade.state, grade.noticed_on) == ("notice", cast.TODAY)
    assert (grade.ends_on - cast.TODAY).days >= 21  # fifteen working days and the one after
    assert colour_of(household) == "yellow"
    assert code_of(end_grade, secretary_east, household.id, "x") == "grading.noticed"


def test_declining_a_suggestion_changes_nothing(secretary_east, household):
    decline_suggestion(secretary_east, household.id, "yellow", "女儿每天来", **AT)
    assert colour_of(household) == "green"
    assert code_of(decline_suggestion, secretary_east, household.id, "green", "x") == (
        "grading.bad_colour"
    )


def test_every_action_refuses_the_next_village(
    secretary_west, secretary_neighbour, secretary_east, household, data_officer, officer_county
):
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    for actor in (secretary_west, secretary_neighbour, data_officer, officer_county):
        assert code_of(propose_grade, actor, household.id, "red", "x") == "household.not_found"
        assert code_of(end_grade, actor, household.id, "x") == "household.not_found"
        assert code_of(decline_suggestion, actor, household.id, "red", "x") == (
            "household.not_found"
        )
        assert code_of(confirm_grade, actor, grade.id) == "grading.not_found"
        assert code_of(refuse_grade, actor, grade.id, "x") == "grading.not_found"


def test_a_colour_is_seen_only_by_who_cares_for_the_household(
    secretary_east, committee_east, household, warden, member, warden_west, deputy, supervisor,
    representative, officer_town, officer_county, leader_county, data_officer, resident,
):  # fmt: skip
    made_red(secretary_east, committee_east, household)
    for actor in (secretary_east, committee_east, warden, member, deputy):
        assert grade_of(actor, household.id, on=cast.TODAY).word == "连心户"
        assert list(colours_of_grids(actor, ALL, on=cast.TODAY)) == [household.id]
    for actor in (
        warden_west, supervisor, representative, officer_town, officer_county, leader_county,
        data_officer, resident,
    ):  # fmt: skip
        assert grade_of(actor, household.id, on=cast.TODAY) is None
        assert colours_of_grids(actor, ALL, on=cast.TODAY) == {}
        assert (
            code_of(lambda *a, at: history_of(*a), actor, household.id) == "household.not_found"
        )


def test_the_town_sees_a_household_only_while_it_waits_for_it(
    secretary_east, household, officer_town
):
    grade = propose_grade(secretary_east, household.id, "red", "独居", **AT)
    assert [g.state for g in history_of(officer_town, household.id)] == ["waiting"]
    confirm_grade(officer_town, grade.id, **AT)
    assert code_of(lambda *a, at: history_of(*a), officer_town, household.id) == (
        "household.not_found"
    )


def test_the_ledger_shows_nobody_that_a_household_has_a_colour(
    secretary_east, committee_east, household, officer_county, data_officer, supervisor
):
    made_red(secretary_east, committee_east, household)
    written = Entry.objects.filter(verb__startswith="grade.")
    assert {(e.verb, e.row_class, str(e.facts)) for e in written} == {
        ("grade.propose", "grade", "{}"), ("grade.confirm", "grade", "{}"),
    }  # fmt: skip
    for actor in (secretary_east, officer_county, data_officer, supervisor):
        assert not list_entries(actor, verb="grade").exists()
        assert not entries_about(actor, [str(household.id)]).filter(row_class="grade").exists()


def test_the_colour_follows_a_household_that_moves(secretary_east, household, warden, member):
    propose_grade(secretary_east, household.id, "yellow", "留守", **AT)
    move_household(secretary_east, household.id, cast.EAST_GRID_2, **AT)
    assert colours_of_grids(warden, ALL, on=cast.TODAY) == {}
    assert colours_of_grids(member, [cast.EAST_GRID_2], on=cast.TODAY) == {
        household.id: "yellow"
    }


@pytest.mark.parametrize("homes", [1, 3])
def test_the_colours_of_grids_take_one_query(
    homes, secretary_east, warden, django_assert_num_queries
):
    for _ in range(homes):
        propose_grade(secretary_east, cast.make_household().id, "yellow", "留守", **AT)
    with django_assert_num_queries(1):
        assert len(colours_of_grids(warden, ALL, on=cast.TODAY)) == homes
