"""What follows people by somebody's word: facts, care, and who has decided already."""

from lianhu.grading.actions import homes
from lianhu.grading.actions.appeals import appeal_grade, decide_appeal
from lianhu.grading.actions.care import move_care, open_care
from lianhu.grading.actions.decide import propose_grade, refuse_grade
from lianhu.grading.queries.care import own_care
from lianhu.people.actions.members import NewMember, correct_person, end_member
from tests import cast
from tests.grading.helpers import fact
from tests.grading.test_homes import (
    WORDS,
    committee_east,
    facts,
    home,
    member,
    other,
    split,
)
from tests.matters.helpers import AT, code_of

__all__ = ["committee_east", "home", "other"]  # fixtures


def test_who_moves_to_another_household_brings_what_was_recorded(
    secretary_east, secretary_west, home, other
):
    son = member(home, "陈小军")
    number = cast.make_id_number(777)
    correct_person(secretary_east, son.id, "id_number", number, words="看了证", **AT)
    fact(secretary_east, home, "severe_disability", person_id=son.id)
    homes.end_member(secretary_east, son.id, "moved_out", on=cast.TODAY, **AT)
    new = NewMember("陈小军", id_number=number)
    west = cast.make_household(cast.WEST_GRID)
    far = homes.add_member(secretary_west, west.id, new, "moved_in", on=cast.TODAY, **AT)
    assert facts(secretary_west, west) == []
    end_member(secretary_west, far.id, "moved_out", on=cast.TODAY, **AT)
    homes.add_member(secretary_east, other.id, new, "moved_in", on=cast.TODAY, **AT)
    assert facts(secretary_east, other) == [("severe_disability", "陈小军", None)]


def test_the_worker_says_where_care_goes_after_a_split(
    secretary_east, officer_town, committee_east, home, other
):
    episode = open_care(secretary_east, home.id, officer_town.id, "consent", *WORDS, **AT)
    assert code_of(move_care, secretary_east, episode.id, other.id) == "household.not_found"
    new = split(committee_east, home)
    assert code_of(move_care, committee_east, episode.id, new.id) == "care.not_found"
    assert code_of(move_care, officer_town, episode.id, new.id) == "care.not_worker"
    move_care(secretary_east, episode.id, new.id, **AT)
    for reader in (secretary_east, officer_town):
        assert [e.household_id for e in own_care(reader)] == [new.id]
    assert not own_care(committee_east).exists()
    assert move_care(secretary_east, episode.id, home.id, **AT).household_id == home.id


def test_who_decided_before_a_merge_decides_no_appeal_after_it(
    secretary_east, officer_town, home, other
):
    red = propose_grade(secretary_east, other.id, "red", "独居", **AT)
    refuse_grade(officer_town, red.id, "不到这一步", **AT)
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    appeal = appeal_grade(secretary_east, home.id, "该多帮", **AT)
    decide = (decide_appeal, officer_town, appeal.id, "照旧")
    assert code_of(*decide, upheld=False) == "grading.appeal_own"
