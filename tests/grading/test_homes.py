"""Help goes with the people: households split, merged, ended; persons registered twice."""

from datetime import date, timedelta

import pytest

from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.grading.actions import homes
from lianhu.grading.actions.appeals import appeal_grade, decide_appeal
from lianhu.grading.actions.care import open_care
from lianhu.grading.actions.clocks import VERBS, run_clocks
from lianhu.grading.actions.decide import end_grade, propose_grade, refuse_grade
from lianhu.grading.models import Appeal, CareEpisode, Fact, Grade
from lianhu.grading.queries import colours_of_grids
from lianhu.grading.queries.care import own_care
from lianhu.grading.queries.colours import own_grade
from lianhu.grading.queries.waiting import facts_of, open_suggestions
from lianhu.people.actions.proposals import Proposed, propose_change
from lianhu.people.models import Change, Household, Person
from lianhu.visits.queries import list_overdue
from tests import cast
from tests.grading.helpers import fact
from tests.grading.test_decide import colour_of, made_red
from tests.matters.helpers import AT, GRIDS, code_of, later, raised

LAPSES = cast.TODAY.replace(year=2027)
WORDS = ("本人点头了", "想有人说说话", "一个人住，夜里睡不着", "每周二去坐一坐")


@pytest.fixture
def committee_east(places):
    return cast.make_actor("李委员", ("committee", cast.EAST))


@pytest.fixture
def home(places):
    son = {"name": "陈小军", "relation": "20", "born_on": date(1985, 2, 1)}
    return cast.make_household(cast.EAST_GRID, "陈大山", [son])


@pytest.fixture
def other(places):
    return cast.make_household(cast.EAST_GRID_2, "陈老三")


def member(home, name):
    return Person.objects.get(household=home, name=name)


def split(actor, home, name="陈小军", **more):
    one = member(home, name)
    return homes.split_household(actor, home.id, [one.id], one.id, **(AT | more))


def facts(actor, home):
    return sorted(
        (f.kind, f.person and f.person.name, f.until) for f in facts_of(actor, home.id)
    )


def kept(grade):
    """What a decision says, wherever it was carried."""
    return (
        grade.colour, grade.reason, grade.evidence, grade.rules, grade.proposed_by,
        grade.confirmed_by, grade.proposed_at, grade.starts_on, grade.lapses_on,
    )  # fmt: skip


def held(home):
    return Grade.objects.get(household=home, state="held")


def states(home):
    return sorted(Grade.objects.filter(household=home).values_list("colour", "state"))


def night(**at):
    run_clocks(system_actor(cast.COUNTY, *VERBS), **at)


def test_the_higher_colour_holds_when_households_merge(
    secretary_east, committee_east, home, other, warden
):
    """The reviewer's case: red merged into green left the survivor green, and told nobody."""
    red = made_red(secretary_east, committee_east, other, **later(days=-100))
    before, entries = versions(GRIDS), Entry.objects.count()
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    assert kept(held(home)) == kept(red)
    assert held(home).lapses_on == date(2027, 8, 15)
    assert colours_of_grids(warden, [cast.EAST_GRID], on=cast.TODAY) == {home.id: "red"}
    assert set(raised(before)) == {cast.EAST_GRID, cast.EAST_GRID_2}
    told = Entry.objects.order_by("id")[entries:].values_list("verb", "object_id", "row_class")
    assert [t for t in told if t[0] == "grade.carry"] == [
        ("grade.carry", str(other.id), "grade"), ("grade.carry", str(home.id), "grade"),
    ]  # fmt: skip
    own = own_grade(home.id, on=cast.TODAY)
    assert (own.now.carried_on, own.decided_by) == (cast.TODAY, ("李东", "李委员"))
    assert "并户" in own.now.carried
    assert states(other) == [("red", "replaced")]


def test_its_own_higher_colour_stays_as_it_is(secretary_east, committee_east, home, other):
    red = made_red(secretary_east, committee_east, home)
    propose_grade(secretary_east, other.id, "yellow", "留守", **later(days=-30))
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    assert (held(home).id, held(home).carried_on) == (red.id, None)


def test_the_lower_colour_holds_again_when_the_higher_one_is_over(
    secretary_east, committee_east, home, other
):
    made_red(secretary_east, committee_east, home, **later(days=-300))
    yellow = propose_grade(secretary_east, other.id, "yellow", "留守", **AT)
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    assert states(home) == [("red", "held"), ("yellow", "resting")]
    night(**later(days=64))
    assert colour_of(home, cast.TODAY + timedelta(days=64)) == "red"
    night(**later(days=65))
    assert states(home) == [("red", "lapsed"), ("yellow", "held")]
    assert kept(held(home)) == kept(yellow)
    night(**later(days=365))
    assert states(home) == [("red", "lapsed"), ("yellow", "lapsed")]


def test_an_end_that_was_told_ends_only_what_it_was_told_of(
    secretary_east, committee_east, home, other
):
    made_red(secretary_east, committee_east, other)
    end_grade(secretary_east, other.id, "病好了", **AT)
    propose_grade(secretary_east, home.id, "yellow", "留守", **AT)
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    assert states(home) == [("red", "notice"), ("yellow", "resting")]
    assert own_grade(home.id, on=cast.TODAY).end_reason == "病好了"
    night(**later(days=40))
    assert states(home) == [("red", "ended"), ("yellow", "held")]


def test_of_two_alike_the_longer_term_holds(secretary_east, home, other):
    propose_grade(secretary_east, home.id, "yellow", "留守", **later(days=-300))
    longer = propose_grade(secretary_east, other.id, "yellow", "大病", **AT)
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    assert kept(held(home)) == kept(longer)
    assert states(home) == [("yellow", "held"), ("yellow", "replaced")]


def test_what_was_over_but_for_the_daily_run_does_not_stand_in_the_way(
    secretary_east, home, other
):
    propose_grade(secretary_east, home.id, "yellow", "留守", **later(days=-400))
    propose_grade(secretary_east, other.id, "yellow", "大病", **AT)
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    assert states(home) == [("yellow", "held"), ("yellow", "lapsed")]


def test_a_new_decision_takes_the_place_of_what_rests(
    secretary_east, committee_east, home, other
):
    made_red(secretary_east, committee_east, home, **later(days=-300))
    propose_grade(secretary_east, other.id, "yellow", "留守", **AT)
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    made_red(secretary_east, committee_east, home)
    assert states(home) == [("red", "held"), ("red", "replaced"), ("yellow", "replaced")]


def test_all_facts_hold_after_a_merge_and_none_twice(secretary_east, home, other):
    for one in (home, other):
        fact(secretary_east, one, "minimum_living")
    fact(secretary_east, other, "unsafe_house", source="鉴定 C 级")
    fact(secretary_east, other, "severe_disability")
    fact(secretary_east, other, "disaster_loss", until=cast.TODAY - timedelta(days=1))
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    assert facts(secretary_east, home) == [
        ("minimum_living", None, None), ("severe_disability", "陈老三", None),
        ("unsafe_house", None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(("here", "there"), [("low", "lowest"), ("lowest", "low")])
def test_of_two_bands_the_greater_need_runs_on(secretary_east, home, other, here, there):
    fact(secretary_east, home, "income_band", here)
    fact(secretary_east, other, "income_band", there)
    homes.merge_households(secretary_east, home.id, other.id, **AT)
    rows = Fact.objects.filter(household=home, kind="income_band", until=None)
    assert [row.value for row in rows] == ["lowest"]


def test_both_keep_the_colour_when_a_household_splits(
    secretary_east, committee_east, home, warden
):
    red = made_red(secretary_east, committee_east, home, **later(days=-100))
    before = versions(GRIDS)
    new = split(secretary_east, home)
    assert held(home).id == red.id
    assert kept(held(new)) == kept(red)
    assert (held(new).carried_on, held(home).carried_on) == (cast.TODAY, None)
    on = {home.id: "red", new.id: "red"}
    assert colours_of_grids(warden, [cast.EAST_GRID], on=cast.TODAY) == on
    assert set(raised(before)) == {cast.EAST_GRID}
    assert Entry.objects.filter(verb="grade.carry").get().object_id == str(new.id)
    due = {o.household.id: o.colour for o in list_overdue(
        secretary_east, under=cast.EAST, on=cast.TODAY + timedelta(days=60))}  # fmt: skip
    assert (due[home.id], due[new.id]) == ("red", "red")
    night(**later(days=264))
    assert colour_of(new, cast.TODAY + timedelta(days=264)) == "red"
    night(**later(days=265))
    assert (colour_of(home, date(2027, 8, 15)), colour_of(new, date(2027, 8, 15))) == (
        "green", "green",
    )  # fmt: skip


def test_an_end_that_was_told_was_told_to_both(secretary_east, officer_town, home):
    propose_grade(secretary_east, home.id, "yellow", "留守", **AT)
    end_grade(secretary_east, home.id, "孩子大了", **AT)
    new = split(secretary_east, home)
    assert states(new) == [("yellow", "notice")]
    appeal = appeal_grade(secretary_east, new.id, "还没有大", **AT)
    night(**later(days=40))
    assert (states(home), states(new)) == ([("yellow", "ended")], [("yellow", "appealed")])
    decide_appeal(officer_town, appeal.id, "接着帮", upheld=True, **later(days=41))
    assert states(new) == [("yellow", "held")]


def test_facts_of_a_person_go_along_and_those_of_the_household_hold_for_both(
    secretary_east, home
):
    """The reviewer's case: a severely disabled member who left had no fact and no suggestion."""
    son = member(home, "陈小军")
    fact(secretary_east, home, "severe_disability", person_id=son.id)
    fact(secretary_east, home, "long_illness")
    fact(secretary_east, home, "minimum_living")
    new = split(secretary_east, home)
    assert facts(secretary_east, home) == [
        ("long_illness", "陈大山", None), ("minimum_living", None, None),
    ]  # fmt: skip
    assert facts(secretary_east, new) == [
        ("minimum_living", None, None), ("severe_disability", "陈小军", None),
    ]  # fmt: skip
    [copy] = Fact.objects.filter(household=new, kind="minimum_living")
    [first] = Fact.objects.filter(household=home, kind="minimum_living")
    assert (copy.source, copy.recorded_by, copy.since) == (
        first.source, first.recorded_by, first.since,
    )  # fmt: skip
    found = open_suggestions(secretary_east, under=cast.EAST, on=cast.TODAY)[1]
    assert new.id in {row.household_id for row in found}


def test_neither_happens_while_a_decision_or_an_appeal_is_open(
    secretary_east, officer_town, home, other
):
    def refused():
        son = member(home, "陈小军")
        return {
            code_of(homes.split_household, secretary_east, home.id, [son.id], son.id),
            code_of(homes.merge_households, secretary_east, home.id, other.id),
            code_of(homes.merge_households, secretary_east, other.id, home.id),
            code_of(homes.end_household, secretary_east, home.id, on=cast.TODAY, words="搬走"),
        }

    waiting = propose_grade(secretary_east, home.id, "red", "独居", **AT)
    assert refused() == {"grading.under_way"}
    refuse_grade(secretary_east, waiting.id, "收回", **AT)
    appeal = appeal_grade(secretary_east, home.id, "我家也难", **AT)
    assert refused() == {"grading.under_way"}
    assert not Change.objects.exists()
    assert Household.objects.filter(ended_on=None).count() == 2
    assert not Appeal.objects.exclude(household=home).exists()
    decide_appeal(officer_town, appeal.id, "照旧", upheld=False, **AT)
    split(secretary_east, home)


def test_they_refuse_the_next_village(
    secretary_east, committee_east, secretary_west, home, other
):
    made_red(secretary_east, committee_east, home)
    son, west = member(home, "陈小军"), cast.make_household(cast.WEST_GRID)
    for call, args, more in (
        (homes.split_household, (home.id, [son.id], son.id), {}),
        (homes.merge_households, (home.id, other.id), {}),
        (homes.merge_households, (west.id, other.id), {}),
        (homes.end_household, (home.id,), {"on": cast.TODAY, "words": "搬走"}),
        (homes.end_member, (son.id, "moved_out"), {"on": cast.TODAY}),
        (homes.merge_persons, (son.id, cast.head_of(other).id), {}),
    ):
        code = code_of(call, secretary_west, *args, **more)
        assert code in {"household.not_found", "person.not_found"}, call
    assert Grade.objects.count() == 1


def test_care_goes_along_and_is_read_by_the_same_two(
    secretary_east, officer_town, committee_east, home, other
):
    episode = open_care(secretary_east, other.id, officer_town.id, "consent", *WORDS, **AT)
    before = Entry.objects.filter(row_class="care").count()
    homes.merge_households(committee_east, home.id, other.id, **AT)
    for reader in (secretary_east, officer_town):
        assert [e.household_id for e in own_care(reader)] == [home.id]
    assert not own_care(committee_east).exists()
    [entry] = Entry.objects.filter(row_class="care")[before:]
    assert (entry.verb, entry.object_id, entry.place_id, str(entry.facts)) == (
        "care.change", str(episode.id), cast.COUNTY, "{}",
    )  # fmt: skip


def test_a_split_neither_copies_care_nor_tells_of_it(
    secretary_east, officer_town, committee_east, home
):
    open_care(secretary_east, home.id, officer_town.id, "consent", *WORDS, **AT)
    split(committee_east, home)
    assert CareEpisode.objects.get().household_id == home.id
    assert Entry.objects.filter(row_class="care").count() == 1


def test_a_household_that_is_helped_is_not_ended(secretary_east, home, other):
    propose_grade(secretary_east, other.id, "yellow", "独居", **AT)
    last = cast.head_of(other)
    end = (homes.end_household, secretary_east, other.id)
    assert code_of(*end, on=cast.TODAY, words="搬走") == "grading.help_goes_on"
    leave = (homes.end_member, secretary_east, last.id)
    assert code_of(*leave, "moved_out", on=cast.TODAY) == "grading.help_goes_on"
    end_grade(secretary_east, other.id, "搬到县外", **AT)
    assert code_of(*leave, "moved_out", on=cast.TODAY) == "grading.help_goes_on"
    night(**later(days=40))
    homes.end_household(secretary_east, other.id, on=cast.TODAY, words="搬走", **later(days=40))
    son = member(home, "陈小军")
    propose_grade(secretary_east, home.id, "yellow", "独居", **AT)
    homes.end_member(secretary_east, son.id, "moved_out", on=cast.TODAY, **AT)
    assert colour_of(home) == "yellow"


def test_who_lived_alone_and_died_needs_no_notice(secretary_east, other):
    propose_grade(secretary_east, other.id, "yellow", "独居", **AT)
    homes.end_member(secretary_east, cast.head_of(other).id, "died", on=cast.TODAY, **AT)
    other.refresh_from_db()
    assert other.ended_on == cast.TODAY


def test_a_phone_does_not_end_it_either(secretary_east, warden):
    alone = cast.make_household(cast.EAST_GRID, "周老汉")
    propose_grade(secretary_east, alone.id, "yellow", "独居", **AT)
    head = cast.head_of(alone)
    row = propose_change(warden, alone.id, Proposed("moved_out", head.id, 1), **AT)
    accept = (homes.accept_proposal, secretary_east, row.id)
    assert code_of(*accept, seen_version=1) == "grading.help_goes_on"
    row.refresh_from_db()
    assert row.state == "open"


def test_what_was_recorded_of_either_registration_holds(secretary_east, home, other):
    keep, drop = member(home, "陈小军"), cast.head_of(other)
    fact(secretary_east, other, "severe_disability")
    fact(secretary_east, other, "minimum_living")
    propose_grade(secretary_east, other.id, "yellow", "重残", **AT)
    homes.merge_persons(secretary_east, keep.id, drop.id, **AT)
    assert facts(secretary_east, home) == [
        ("minimum_living", None, None), ("severe_disability", "陈小军", None),
    ]  # fmt: skip
    assert (colour_of(home), held(home).reason) == ("yellow", "重残")
    [merged] = Change.objects.filter(kind="person.merge")
    homes.unmerge_persons(secretary_east, merged.id, words="两个人", **AT)
    assert facts(secretary_east, home) == [("minimum_living", None, None)]
    assert facts(secretary_east, other) == [
        ("minimum_living", None, None), ("severe_disability", "陈老三", None),
    ]  # fmt: skip
    assert (colour_of(home), colour_of(other)) == ("yellow", "yellow")


def test_a_household_with_people_left_keeps_its_colour(secretary_east, home):
    other = cast.make_household(cast.EAST_GRID_2, "陈老三", [{"name": "陈小军"}])
    propose_grade(secretary_east, other.id, "yellow", "独居", **AT)
    twice = member(other, "陈小军")
    homes.merge_persons(secretary_east, member(home, "陈小军").id, twice.id, **AT)
    assert (colour_of(home), colour_of(other)) == ("green", "yellow")
    [merged] = Change.objects.filter(kind="person.merge")
    homes.unmerge_persons(secretary_east, merged.id, words="两个人", **AT)
    assert (colour_of(home), states(other)) == ("green", [("yellow", "held")])
