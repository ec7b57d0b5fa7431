"""The register: masked by default, revealed one field at a time with a purpose, moved in reach."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.people.actions import (
    change_residence,
    look_up_id_number,
    move_household,
    reveal_field,
)
from lianhu.people.models import Household, Person
from lianhu.people.queries import (
    find_by_id_number,
    get_household,
    get_person,
    households_of_grids,
    list_cards,
    list_households,
    shown_name,
)
from lianhu.people.rules import age_on, check_digit
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, raised


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("11010519491231002X", True),  # the example of GB 11643-1999
        ("440524188001010014", True),  # its other example
        ("110105194912310021", False),
        ("110105194912310029", False),
    ],
)
def test_check_digit_follows_gb_11643(number, right):
    assert (check_digit(number[:17]) == number[17]) is right


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_check_digit_notices_every_single_wrong_digit(first, place, by):
    wrong = first[:place] + str((int(first[place]) + by) % 10) + first[place + 1 :]
    assert check_digit(wrong) != check_digit(first)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2000-02-29", "2026-02-28", 25),
        ("2000-02-29", "2026-03-01", 26),
        ("2000-11-23", "2026-11-23", 26),
        ("2000-11-24", "2026-11-23", 25),
        ("2026-11-23", "2026-11-23", 0),
    ],
)
def test_age_on_counts_full_years(born, day, age):
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


@pytest.mark.parametrize(
    ("who", "name"),
    [("secretary_east", "张桂花"), ("officer_town", "张*花"), ("data_officer", "张*花")],
)
def test_cards_are_masked_but_for_who_knows_the_village(request, household, who, name):
    actor = request.getfixturevalue(who)
    cards = list_cards(actor, household, today=cast.TODAY)
    assert cards[1].name == name
    assert [c.relation for c in cards] == ["户主", "配偶", "子"]
    assert cards[0].id_number.startswith("****")
    assert cards[0].phone.startswith("138****")
    assert cards[2].residence == "外出 西安"
    assert shown_name(actor, "张桂花", cast.WEST) == "张*花"


def test_cards_cost_one_query(secretary_east, household, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(list_cards(secretary_east, household, today=cast.TODAY)) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_households_of_grids_cost_two_queries(secretary_east, rows, django_assert_num_queries):
    for _ in range(rows):
        cast.make_household()
    with django_assert_num_queries(2):
        found = households_of_grids(secretary_east, [cast.EAST_GRID, cast.WEST_GRID])
        assert [len(h.persons.all()) for h in found] == [1] * rows


@pytest.mark.parametrize(
    ("field", "value"), [("name", "刘武林"), ("phone", None), ("id_number", None)]
)
def test_reveal_field_gives_one_and_writes_who_asked_why(
    secretary_east, household, field, value
):
    head = cast.head_of(household)
    before = versions(GRIDS)
    assert reveal_field(secretary_east, head.id, field, "contact", **AT) == (
        value or getattr(head, field)
    )
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_id, entry.actor_name) == (
        "person.reveal", str(head.id), "李东",
    )  # fmt: skip
    assert entry.facts == {"field": field, "purpose": "contact", "household": str(household.id)}
    assert raised(before) == {}


@pytest.mark.parametrize(
    ("field", "purpose", "code"),
    [("phone", "", "reveal.no_purpose"), ("phone", "curious", "reveal.no_purpose"),
     ("id_sealed", "contact", "reveal.bad_field"), ("household", "contact", "reveal.bad_field"),
     ("__class__", "contact", "reveal.bad_field")],
)  # fmt: skip
def test_reveal_field_refuses_without_purpose_or_for_another_field(
    secretary_east, household, field, purpose, code
):
    assert (
        code_of(reveal_field, secretary_east, cast.head_of(household).id, field, purpose)
        == code
    )
    assert not Entry.objects.filter(verb="person.reveal").exists()


@pytest.mark.parametrize(
    "who", ["secretary_west", "secretary_neighbour", "warden", "leader_county", "data_officer",
            "handler", "supervisor", "resident"],
)  # fmt: skip
def test_reveal_field_refuses_the_next_village_and_who_may_not(request, household, who):
    actor = request.getfixturevalue(who)
    code = code_of(reveal_field, actor, cast.head_of(household).id, "phone", "contact")
    assert code == "person.not_found"


def test_what_is_sealed_is_not_in_the_table(household):
    head = cast.head_of(household)
    raw = Person.objects.filter(id=head.id).values_list("id_sealed", "phone_sealed", "id_index")
    stored = b"".join(bytes(value) for value in raw[0])
    assert head.id_number.encode() not in stored
    assert head.phone.encode() not in stored


def test_look_up_id_number_is_noted_without_the_number(
    secretary_east, secretary_west, household
):
    head = cast.head_of(household)
    number = head.id_number
    assert look_up_id_number(secretary_west, number, **AT) == []
    assert not Entry.objects.filter(verb="person.looked_up").exists()
    assert [p.id for p in look_up_id_number(secretary_east, number, **AT)] == [head.id]
    entry = Entry.objects.get(verb="person.looked_up")
    assert (entry.object_id, entry.actor_id) == (str(head.id), secretary_east.id)
    assert entry.facts == {"household": str(household.id)}


def test_find_by_id_number_within_reach(secretary_east, secretary_west, household):
    number = cast.head_of(household).id_number
    assert [p.name for p in find_by_id_number(secretary_east, f" {number.lower()} ")] == [
        "刘武林"
    ]
    assert find_by_id_number(secretary_west, number) == []
    assert find_by_id_number(secretary_east, number[:-1]) == []


def test_lists_and_single_rows_stop_at_the_village(
    secretary_east, secretary_west, household, household_west
):
    assert list(list_households(secretary_east)) == [household]
    assert list(list_households(secretary_west, under=cast.EAST)) == []
    assert list(list_households(secretary_east, words="刘")) == [household]
    assert list(list_households(secretary_east, words="LWL")) == [household]
    head = cast.head_of(household)
    for row in (household.id, uuid4()):
        assert (
            code_of(lambda at, r=row: get_household(secretary_west, r)) == "household.not_found"
        )
    for row in (head.id, uuid4()):
        assert code_of(lambda at, r=row: get_person(secretary_west, r)) == "person.not_found"


def test_change_residence_raises_the_grid(secretary_east, secretary_west, household):
    son = Person.objects.get(household=household, relation="20")
    before = versions(GRIDS)
    changed = change_residence(secretary_east, son.id, "home", "西安", **AT)
    assert (changed.residence, changed.away_to, changed.version) == ("home", "", 2)
    assert raised(before) == {cast.EAST_GRID: 1}
    assert (
        code_of(change_residence, secretary_east, son.id, "moon", "") == "person.bad_residence"
    )
    assert code_of(change_residence, secretary_west, son.id, "home", "") == "person.not_found"


def test_move_household_tells_both_grids(secretary_east, secretary_west, warden, household):
    before = versions(GRIDS)
    move_household(secretary_east, household.id, cast.EAST_GRID_2, **AT)
    assert set(Person.objects.values_list("place_id", flat=True)) == {cast.EAST_GRID_2}
    assert raised(before) == {cast.EAST_GRID: 1, cast.EAST_GRID_2: 1}
    for actor, grid, code in (
        (secretary_east, cast.WEST_GRID, "place.not_found"),
        (secretary_east, cast.EAST_TOWN, "place.not_found"),
        (secretary_east, "61092110420003999", "place.not_found"),
        (secretary_west, cast.WEST_GRID, "household.not_found"),
        (warden, cast.EAST_GRID, "household.not_found"),
    ):
        assert code_of(move_household, actor, household.id, grid) == code
    assert Household.objects.get().place_id == cast.EAST_GRID_2
