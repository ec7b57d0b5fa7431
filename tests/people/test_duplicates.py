"""Registered twice: found by the machine, decided by a person, undone from what was kept."""

import pytest

from lianhu.people.actions import change_residence
from lianhu.people.actions.duplicates import merge_persons, unmerge_persons
from lianhu.people.models import Change, Person
from lianhu.people.queries.duplicates import find_duplicates
from tests import cast
from tests.matters.helpers import AT, code_of

NUMBER = cast.make_id_number(901)


@pytest.fixture
def twice(places):
    """The same daughter in two households of East, once with her ID number."""
    one = {"name": "刘小妹", "relation": "30", "sex": "2"}
    first = cast.make_household(members=[one | {"residence": "away", "away_to": "西安"}])
    second = cast.make_household(
        cast.EAST_GRID_2, "刘二叔",
        [one | {"relation": "94", "id_number": NUMBER, "phone": "13911112222"}],
    )  # fmt: skip
    return [Person.objects.get(name="刘小妹", household=home) for home in (first, second)]


def found(actor, under=cast.EAST):
    return [(g.why, {p.id for p in g.persons}) for g in find_duplicates(actor, under)]


def test_the_same_name_birth_and_village_is_found(secretary_east, twice):
    assert found(secretary_east) == [("birth", {p.id for p in twice})]


def test_the_same_id_number_is_found_first_and_in_any_village(officer_town, twice):
    copy = cast.make_household(
        "61092110420101001", "何家", [{"name": "刘晓梅", "id_number": NUMBER}]
    )
    other = Person.objects.get(household=copy, name="刘晓梅")
    assert found(officer_town, cast.EAST_TOWN) == [
        ("id_number", {twice[1].id, other.id}),
        ("birth", {p.id for p in twice}),
    ]


def test_two_good_numbers_are_two_persons(secretary_east, twice):
    twice[0].set_id_number(cast.make_id_number(902))
    twice[0].save()
    assert found(secretary_east) == []


def test_find_duplicates_stops_at_the_village(secretary_west, warden, twice):
    assert found(secretary_west) == []
    assert found(warden, cast.EAST_GRID) == []


@pytest.mark.parametrize("pairs", [1, 3])
def test_find_duplicates_costs_three_queries(
    secretary_east, places, pairs, django_assert_num_queries
):
    for n in range(pairs):
        for grid in (cast.EAST_GRID, cast.EAST_GRID_2):
            home = cast.make_household(grid, f"刘甲{'乙丙丁'[n]}")
            if grid == cast.EAST_GRID_2:
                Person.objects.filter(household=home).update(id_index=b"", id_sealed=b"")
    with django_assert_num_queries(3):
        assert len(found(secretary_east)) == pairs


def test_one_stays_with_what_was_chosen_and_the_other_ends(secretary_east, twice):
    keep, drop = twice
    merge_persons(secretary_east, keep.id, drop.id, ["id_number", "phone"], words="问过", **AT)
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.id_number, keep.phone, keep.away_to) == (NUMBER, "13911112222", "西安")
    assert (drop.ended_on, drop.ended_how) == (cast.TODAY, "duplicate")
    assert (keep.household.size, drop.household.size) == (2, 1)
    assert found(secretary_east) == []
    assert NUMBER.encode() not in bytes(Change.objects.get(kind="person.merge").values_sealed)


def test_a_merge_is_undone_as_long_as_nothing_changed(secretary_east, twice):
    keep, drop = twice
    merge = (
        merge_persons,
        secretary_east,
        keep.id,
        drop.id,
        ["id_number", "phone", "residence"],
    )
    merge[0](*merge[1:], **AT)
    change = Change.objects.get(kind="person.merge")
    undo = (unmerge_persons, secretary_east, change.id)
    assert code_of(*undo, words="") == "household.no_words"
    unmerge_persons(*undo[1:], words="是两姐妹", **AT)
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.id_number, keep.phone, keep.residence, keep.away_to) == (
        "", "", "away", "西安",
    )  # fmt: skip
    assert (drop.ended_on, drop.id_number, drop.household.size) == (None, NUMBER, 2)
    merge[0](*merge[1:], **AT)
    change_residence(secretary_east, keep.id, "home", "", **AT)
    again = Change.objects.filter(kind="person.merge").latest("at", "id")
    assert code_of(unmerge_persons, secretary_east, again.id, words="x") == (
        "person.changed_since"
    )


def test_merge_persons_refuses(secretary_east, twice):
    keep, drop = twice
    call = (merge_persons, secretary_east)
    assert code_of(*call, keep.id, keep.id) == "person.same"
    assert code_of(*call, keep.id, drop.id, ["relation"]) == "person.bad_field"
    head = cast.head_of(drop.household)
    assert code_of(*call, keep.id, head.id) == "household.needs_head"
    merge_persons(secretary_east, keep.id, drop.id, **AT)
    assert code_of(*call, keep.id, drop.id) == "person.ended"


def test_merging_and_undoing_refuse_the_next_village(
    secretary_east, secretary_west, warden, twice, household_west
):
    keep, drop = twice
    stranger = cast.head_of(household_west)
    for actor in (secretary_west, warden):
        assert code_of(merge_persons, actor, keep.id, drop.id) == "person.not_found"
    assert code_of(merge_persons, secretary_east, keep.id, stranger.id) == "person.not_found"
    merge_persons(secretary_east, keep.id, drop.id, **AT)
    change = Change.objects.get(kind="person.merge")
    for actor in (secretary_west, warden):
        assert code_of(unmerge_persons, actor, change.id, words="x") == "person.not_found"


def test_a_merge_whose_values_nobody_can_open_any_more_stays(secretary_east, twice):
    """As after a restore of a backup without her key."""
    merge_persons(secretary_east, twice[0].id, twice[1].id, **AT)
    Change.objects.filter(kind="person.merge").update(values_sealed=b"")
    change = Change.objects.get(kind="person.merge")
    call = (unmerge_persons, secretary_east, change.id)
    assert code_of(*call, words="x") == "person.changed_since"
