"""Changes of households and persons: one action, history kept, phones told, in reach only."""

from datetime import date
from uuid import uuid4

import pytest

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.people.actions import change_residence, homes, members
from lianhu.people.actions.members import NewMember
from lianhu.people.models import Change, Household, Person
from lianhu.people.queries import list_cards, list_households
from lianhu.people.queries.history import list_former, timeline
from lianhu.people.rules import is_id_number, relation_after
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, last_entry, raised

DAY = cast.TODAY
WHY = {"words": "看了户口本"}


def named(home, name):
    return Person.objects.get(household=home, name=name)


def relations(home):
    rows = Person.objects.filter(household=home, ended_on=None).order_by("name")
    return {p.name: p.relation for p in rows}


@pytest.mark.parametrize(
    ("was", "relation", "sex", "now"),
    [("10", "02", "1", "10"), ("20", "02", "1", "51"), ("30", "02", "2", "52"),
     ("51", "02", "1", "20"), ("73", "02", "1", ""), ("10", "20", "1", "20"),
     ("20", "10", "2", "52"), ("20", "30", "2", ""), ("97", "41", "1", "")],
)  # fmt: skip
def test_relation_after_follows_only_what_is_certain(was, relation, sex, now):
    assert relation_after(was, relation, sex) == now


@pytest.mark.parametrize(
    ("number", "good"),
    [("11010519491231002X", True), ("110105194912310021", False), ("11010519491331002X", False),
     ("11010519491231002x", False), ("", False), ("１１０１０５19491231002X", False)],
)  # fmt: skip
def test_is_id_number(number, good):
    assert is_id_number(number) is good


def test_a_household_moves_to_a_group_and_a_village_too(officer_town, household):
    before = versions(GRIDS)
    for place in (cast.EAST_GRID_2, cast.EAST_GROUP, cast.NEIGHBOUR):
        moved = homes.move_household(officer_town, household.id, place, **AT)
        assert moved.place_id == place
        assert set(Person.objects.values_list("place_id", flat=True)) == {place}
    assert raised(before)[cast.EAST_GRID] >= 1
    again = (homes.move_household, officer_town, household.id)
    assert code_of(*again, cast.NEIGHBOUR) == "household.same_place"
    assert code_of(*again, cast.EAST_TOWN) == "place.not_found"
    assert code_of(*again, cast.WEST) == "place.not_found"
    kinds = [e.change.kind for e in timeline(officer_town, household)]
    assert kinds == ["household.move"] * 3


def test_every_change_refuses_the_next_village(
    secretary_west, secretary_neighbour, warden, supervisor, household, household_west
):
    head = cast.head_of(household)
    for actor in (secretary_west, secretary_neighbour, warden, supervisor):
        for call in (
            lambda at, a=actor: homes.move_household(a, household.id, cast.WEST_GRID, at=at),
            lambda at, a=actor: homes.split_household(
                a, household.id, [head.id], head.id, at=at
            ),
            lambda at, a=actor: homes.merge_households(
                a, household_west.id, household.id, at=at
            ),
            lambda at, a=actor: homes.end_household(a, household.id, on=DAY, words="x", at=at),
            lambda at, a=actor: homes.correct_household(
                a, household.id, "address", "x", words="x", at=at
            ),
            lambda at, a=actor: members.add_member(
                a, household.id, NewMember("刘新"), "born", on=DAY, at=at
            ),
            lambda at, a=actor: members.change_head(a, household.id, head.id, at=at),
        ):
            assert code_of(call) == "household.not_found"
        for call in (
            lambda at, a=actor: members.end_member(a, head.id, "died", on=DAY, at=at),
            lambda at, a=actor: members.restore_member(a, head.id, words="x", at=at),
            lambda at, a=actor: members.correct_person(
                a, head.id, "name", "x", words="x", at=at
            ),
            lambda at, a=actor: change_residence(a, head.id, "home", "", at=at),
        ):
            assert code_of(call) == "person.not_found"
    assert Change.objects.count() == 0
    assert Household.objects.filter(ended_on=None).count() == 2


def test_a_child_is_born(secretary_east, household):
    before = versions(GRIDS)
    new = NewMember("刘小宝", "41", "1", date(2026, 11, 1))
    child = members.add_member(secretary_east, household.id, new, "born", on=DAY, **AT)
    household.refresh_from_db()
    assert (household.size, child.place_id) == (4, cast.EAST_GRID)
    assert raised(before) == {cast.EAST_GRID: 1}
    verb, who, place, _, facts = last_entry()
    assert (verb, who, place) == ("person.born", str(child.id), cast.EAST_GRID)
    assert "刘小宝" not in str(facts)


@pytest.mark.parametrize(
    ("new", "how", "code"),
    [(NewMember(""), "born", "person.bad_value"), (NewMember("刘"), "", "person.bad_joining"),
     (NewMember("刘", "02"), "born", "household.two_heads"),
     (NewMember("刘", "00"), "born", "person.bad_value"),
     (NewMember("刘", id_number="123"), "missed", "person.bad_value"),
     (NewMember("刘", phone="123"), "missed", "person.bad_value"),
     (NewMember("刘", born_on=date(2027, 1, 1)), "born", "household.bad_day")],
)  # fmt: skip
def test_add_member_refuses(secretary_east, household, new, how, code):
    assert code_of(members.add_member, secretary_east, household.id, new, how, on=DAY) == code
    assert Person.objects.count() == 3


def test_an_id_number_lives_once(secretary_east, household):
    head = cast.head_of(household)
    new = NewMember("刘五", id_number=head.id_number.lower())
    call = (members.add_member, secretary_east, household.id, new, "missed")
    assert code_of(*call, on=DAY) == "person.registered"


def test_the_heads_death_names_a_new_head(secretary_east, household):
    head, wife = cast.head_of(household), named(household, "张桂花")
    end = (members.end_member, secretary_east, head.id, "died")
    assert code_of(*end, on=DAY) == "household.needs_head"
    assert code_of(*end, on=date(2026, 12, 1), head_id=wife.id) == "household.bad_day"
    assert code_of(*end, on=DAY, head_id=uuid4()) == "household.needs_head"
    members.end_member(secretary_east, head.id, "died", on=DAY, head_id=wife.id, **AT)
    household.refresh_from_db()
    assert (household.head_name, household.head_initials, household.size) == (
        "张桂花",
        "zgh",
        2,
    )
    assert relations(household) == {"张桂花": "02", "刘小军": "20"}
    assert [c.name for c in list_cards(secretary_east, household, today=DAY)] == [
        "张桂花", "刘小军",
    ]  # fmt: skip
    [gone] = list_former(secretary_east, household)
    assert (gone.name, gone.ended_on, gone.ended) == ("刘武林", DAY, "去世")
    assert code_of(*end, on=DAY) == "person.ended"


def test_the_last_members_leaving_ends_the_household(secretary_west, household_west):
    head = cast.head_of(household_west)
    members.end_member(secretary_west, head.id, "moved_out", on=DAY, **AT)
    household_west.refresh_from_db()
    assert (household_west.ended_on, household_west.size) == (DAY, 0)
    assert list(list_households(secretary_west)) == []
    call = (homes.correct_household, secretary_west, household_west.id, "address", "x")
    assert code_of(*call, words="x") == "household.ended"


def test_an_ending_is_taken_back(secretary_west, household_west):
    head = cast.head_of(household_west)
    members.end_member(secretary_west, head.id, "died", on=DAY, **AT)
    assert code_of(members.restore_member, secretary_west, head.id, words="") == (
        "household.no_words"
    )
    members.restore_member(secretary_west, head.id, words="同名弄错", **AT)
    household_west.refresh_from_db()
    assert (household_west.ended_on, household_west.size) == (None, 1)
    assert code_of(members.restore_member, secretary_west, head.id, words="x") == (
        "person.not_ended"
    )


def test_the_head_changes(secretary_east, household):
    son = named(household, "刘小军")
    members.change_head(secretary_east, household.id, son.id, **AT)
    assert relations(household) == {"刘小军": "02", "刘武林": "51", "张桂花": "52"}
    household.refresh_from_db()
    assert household.head_name == "刘小军"
    assert code_of(members.change_head, secretary_east, household.id, uuid4()) == (
        "person.not_found"
    )


def test_a_household_splits(secretary_east, household):
    head, son = cast.head_of(household), named(household, "刘小军")
    for going, new_head in (
        ([], son.id), ([son.id], head.id), ([head.id], head.id), ([son.id, uuid4()], son.id),
        ([p.id for p in Person.objects.all()], son.id),
    ):  # fmt: skip
        call = (homes.split_household, secretary_east, household.id, going, new_head)
        assert code_of(*call) == "household.bad_split"
    new = homes.split_household(secretary_east, household.id, [son.id], son.id, **AT)
    household.refresh_from_db()
    assert (new.head_name, new.size, household.size, new.address) == (
        "刘小军", 1, 2, household.address,
    )  # fmt: skip
    assert relations(new) == {"刘小军": "02"}
    for home in (household, new):
        assert [e.change.kind for e in timeline(secretary_east, home)] == ["household.split"]


def test_two_households_merge_and_the_other_stays_readable(secretary_east, household):
    other = cast.make_household(
        cast.EAST_GRID_2, "刘老三", [{"name": "刘四", "relation": "20"}]
    )
    before = versions(GRIDS)
    homes.merge_households(secretary_east, household.id, other.id, **AT)
    household.refresh_from_db()
    other.refresh_from_db()
    assert (household.size, other.size, other.ended_on) == (5, 0, DAY)
    assert named(household, "刘老三").relation == ""
    assert named(household, "刘老三").place_id == cast.EAST_GRID
    assert raised(before) == {cast.EAST_GRID: 1, cast.EAST_GRID_2: 1}
    same = (homes.merge_households, secretary_east, household.id, household.id)
    assert code_of(*same) == "household.same"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [("name", "刘五林", "刘五林"), ("born_on", "1951-05-01", "1951-05-01"), ("sex", "2", "女"),
     ("phone", "13900000001", "139****0001"), ("phone", "", "")],
)  # fmt: skip
def test_a_field_is_set_right_and_the_old_value_stays(
    secretary_east, household, field, value, shown
):
    head = cast.head_of(household)
    call = (members.correct_person, secretary_east, head.id, field, value)
    assert code_of(*call, words=" ") == "household.no_words"
    changed = members.correct_person(*call[1:], **WHY, **AT)
    assert str(getattr(changed, field)) == value
    [entry] = timeline(secretary_east, household, person=head.id)
    assert (entry.values[0][0], entry.values[0][2], entry.change.words) == (
        field, shown, "看了户口本",
    )  # fmt: skip
    facts = str(list(Entry.objects.values_list("facts", flat=True)))
    assert len(value) < 2 or value not in facts
    assert len(value) < 2 or value.encode() not in bytes(Change.objects.get().values_sealed)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("relation", "20", "household.needs_head"), ("id_number", "1", "person.bad_value"),
     ("born_on", "2027-01-01", "person.bad_value"), ("born_on", "x", "person.bad_value"),
     ("residence", "home", "person.bad_field"), ("__class__", "x", "person.bad_field"),
     ("name", "x" * 51, "person.bad_value")],
)  # fmt: skip
def test_correct_person_refuses(secretary_east, household, field, value, code):
    head = cast.head_of(household)
    call = (members.correct_person, secretary_east, head.id, field, value)
    assert code_of(*call, **WHY) == code


def test_the_town_sees_the_timeline_masked(officer_town, secretary_east, household):
    head = cast.head_of(household)
    members.correct_person(secretary_east, head.id, "name", "刘五林", **WHY, **AT)
    [entry] = timeline(officer_town, household)
    assert (entry.name, entry.values) == ("刘*林", [("name", "刘*林", "刘*林")])


@pytest.mark.parametrize("rows", [1, 3])
def test_a_timeline_costs_one_query(secretary_east, household, rows, django_assert_num_queries):
    head = cast.head_of(household)
    for n in range(rows):
        homes.correct_household(secretary_east, household.id, "address", str(n), **WHY, **AT)
        members.correct_person(secretary_east, head.id, "phone", f"1381111000{n}", **WHY, **AT)
    with django_assert_num_queries(1):
        assert len(timeline(secretary_east, household)) == 2 * rows
