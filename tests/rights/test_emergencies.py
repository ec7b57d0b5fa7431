"""Opening a household in an emergency: whose, for how long, with what trace, and nothing more."""

from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from lianhu.accounts.models import User
from lianhu.audit.models import Entry
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.ids import uuid7
from lianhu.kernel.scope import narrow_to, one_request
from lianhu.people.models import Household, Person
from lianhu.rights.actions.emergencies import (
    close_emergency,
    open_emergency,
    reveal_in_emergency,
    review_emergency,
)
from lianhu.rights.models import Opening
from lianhu.rights.queries.emergencies import (
    get_opening,
    list_reviewed,
    list_to_review,
    read_opened,
)
from lianhu.rights.queries.looked import who_looked
from lianhu.rights.rules import emergency_terms
from tests import cast
from tests.matters.helpers import AT, code_of, later

WHY = "漩涡河涨水，要马上联系这一户转移"


@pytest.fixture
def far(places: dict[str, str]) -> Household:
    """Of West, with a wife; next door in the same grid lives somebody else."""
    cast.make_household(cast.WEST_GRID, "邻居")
    return cast.make_household(
        cast.WEST_GRID, "马有田", members=[{"name": "高秀英", "relation": "10", "sex": "2"}]
    )


def opened(actor: Actor, name: str = "马有田", place: str = cast.WEST, **more: Any) -> Opening:
    return open_emergency(actor, place, name, WHY, **(AT | more))


def read(actor: Actor, row: Opening, **when: Any) -> Any:
    return read_opened(actor, row, today=cast.TODAY, **(AT | when))


def test_another_villages_household_is_open_for_sixty_minutes(secretary_east, far):
    row = opened(secretary_east, "高秀英")
    assert emergency_terms(cast.TODAY)["minutes"] == 60
    found = read(secretary_east, row)
    assert found.household == far
    assert [card.name for card in found.cards] == ["马有田", "高秀英"]
    assert found.cards[0].phone.startswith("138****")
    assert read(secretary_east, row, at=row.ends_at - row.opened_at.resolution)
    assert code_of(read_opened, secretary_east, row, at=row.ends_at, today=cast.TODAY) == (
        "emergency.over"
    )
    head = cast.head_of(far)
    late = (reveal_in_emergency, secretary_east, row.id, head.id, "phone")
    assert code_of(*late, at=row.ends_at) == "emergency.over"


def test_it_opens_that_household_and_no_other(secretary_east, far):
    row = opened(secretary_east)
    assert reveal_in_emergency(
        secretary_east, row.id, cast.head_of(far).id, "phone", **AT
    ).startswith("138")
    next_door = Person.objects.get(name="邻居")
    call = (reveal_in_emergency, secretary_east, row.id)
    assert code_of(*call, next_door.id, "phone") == "person.not_found"
    assert code_of(*call, uuid7(), "phone") == "person.not_found"
    assert code_of(*call, cast.head_of(far).id, "colour") == "reveal.bad_field"


def test_open_refuses_the_next_county_and_who_may_not(
    secretary_east, data_officer, warden, supervisor, officer_county, far
):
    assert (
        code_of(open_emergency, secretary_east, "619999999999", "马有田", WHY)
        == "place.not_found"
    )
    for wide in (cast.COUNTY, cast.WEST_TOWN):
        assert code_of(open_emergency, secretary_east, wide, "马有田", WHY) == "place.not_found"
    for actor in (data_officer, warden, supervisor, officer_county):
        assert (
            code_of(open_emergency, actor, cast.WEST, "马有田", WHY) == "account.not_permitted"
        )
    stranger = Actor(secretary_east.id, "外县", {"emergency.open": ("610922",)})
    assert code_of(open_emergency, stranger, cast.WEST, "马有田", WHY) == "place.not_found"
    assert not Opening.objects.exists()


def test_what_is_ones_own_is_opened_without(secretary_east, household):
    call = (open_emergency, secretary_east, cast.EAST, "刘武林", WHY)
    assert code_of(*call) == "emergency.own_place"


def test_a_reason_is_written(secretary_east, far):
    call = (open_emergency, secretary_east, cast.WEST, "马有田")
    assert code_of(*call, "急") == "emergency.no_words"
    assert code_of(*call, " " * 30) == "emergency.no_words"
    assert code_of(*call, "急" * 201) == "emergency.too_long"
    assert code_of(open_emergency, secretary_east, cast.WEST, " ", WHY) == "emergency.no_name"
    assert not Entry.objects.exists()


def test_who_finds_nobody_leaves_the_same_trace(secretary_east, far, django_assert_num_queries):
    with django_assert_num_queries(9) as there:
        opened(secretary_east)
    with django_assert_num_queries(len(there)):
        row = opened(secretary_east, "无此人")
    assert (row.household, row.matches, row.place_id) == (None, 0, cast.WEST)
    assert code_of(read_opened, secretary_east, row, today=cast.TODAY) == "household.not_found"
    assert Entry.objects.filter(verb="emergency.open").count() == 2


def test_namesakes_are_told_apart_by_group_or_number(secretary_east, far):
    twin = cast.make_household(cast.WEST_GRID, "马有田", code="000000777")
    assert opened(secretary_east).matches == 2
    assert not opened(secretary_east).household_id
    assert opened(secretary_east, code="000000777").household_id == twin.id
    assert opened(secretary_east, place=cast.WEST_GROUP, code=far.code).household_id == far.id


def test_only_so_many_a_day_and_tries_count(secretary_east, far):
    most = emergency_terms(cast.TODAY)["most_a_day"]
    for _ in range(most):
        opened(secretary_east, "无此人")
    assert (
        code_of(open_emergency, secretary_east, cast.WEST, "马有田", WHY)
        == "emergency.too_many"
    )
    assert opened(secretary_east, **later(days=1)).household_id == far.id


def test_the_household_reads_who_opened_it_and_why(secretary_east, far):
    row = opened(secretary_east)
    reveal_in_emergency(secretary_east, row.id, cast.head_of(far).id, "id_number", **AT)
    number, opening = who_looked(far)
    assert (opening.by, opening.what, opening.purpose) == (
        "李东",
        "紧急打开了这一户，60 分钟",
        WHY,
    )
    assert "支书" in opening.post
    assert (number.what, number.whose, number.purpose) == ("身份证号", "马有田", "紧急救助")
    assert WHY not in str(list(Entry.objects.values_list("facts", flat=True)))
    assert WHY.encode() not in bytes(row.words_sealed)


def test_nobody_else_reads_by_it(secretary_east, secretary_neighbour, far):
    row = opened(secretary_east)
    with pytest.raises(NotPermitted, match=r"emergency\.not_found"):
        get_opening(secretary_neighbour, row.id)
    call = (reveal_in_emergency, secretary_neighbour, row.id, cast.head_of(far).id, "phone")
    assert code_of(*call) == "emergency.not_found"
    assert code_of(close_emergency, secretary_neighbour, row.id) == "emergency.not_found"
    assert list(list_to_review(secretary_neighbour)) == []


def test_it_is_shut_early(secretary_east, far):
    row = opened(secretary_east)
    close_emergency(secretary_east, row.id, **AT)
    row.refresh_from_db()
    assert code_of(read_opened, secretary_east, row, today=cast.TODAY) == "emergency.over"
    assert code_of(close_emergency, secretary_east, row.id) == "emergency.over"


def test_a_household_that_moved_away_is_open_no_more(secretary_east, far):
    row = opened(secretary_east)
    far.place_id = cast.EAST_FAR_GRID
    far.save()
    assert code_of(read_opened, secretary_east, row, today=cast.TODAY) == "household.not_found"


@pytest.fixture
def town_west(places: dict[str, str]) -> Actor:
    return cast.make_actor("漩涡镇", ("town", cast.WEST_TOWN, f"{cast.WEST_TOWN}:hub"))


def test_the_town_and_the_county_are_told_and_answer(
    secretary_east, far, town_west, officer_county, data_officer
):
    row = opened(secretary_east)
    for actor in (town_west, officer_county, data_officer):
        assert [r.words for r in list_to_review(actor)] == [WHY]
    call = (review_emergency, town_west, row.id, False)
    assert code_of(*call, "") == "emergency.no_words"
    assert code_of(*call, "不" * 201) == "emergency.too_long"
    done = review_emergency(town_west, row.id, False, "当天没有涨水，已找他谈话", **AT)
    assert (done.proper, done.reviewer_id) == (False, town_west.id)
    assert code_of(review_emergency, data_officer, row.id, True, "") == "emergency.not_found"
    assert list(list_to_review(data_officer)) == []
    assert [r.id for r in list_reviewed(data_officer)] == [row.id]
    assert Entry.objects.get(verb="emergency.review").facts["proper"] is False


def test_review_refuses_the_next_village_and_town_and_oneself(
    secretary_east, secretary_west, officer_town, far, household
):
    row = opened(secretary_east)
    for actor in (secretary_west, secretary_east, officer_town):
        assert code_of(review_emergency, actor, row.id, True, "") == "emergency.not_found"
    own = opened(officer_town)
    both = cast.make_actor("赵县", ("county", cast.COUNTY, cast.DISCIPLINE))
    person = cast.head_of(household).id
    User.objects.filter(id__in=[officer_town.id, both.id]).update(person_id=person)
    assert code_of(review_emergency, both, own.id, True, "") == "emergency.same_person"


def test_the_table_too_wants_two_people(secretary_east, far):
    row = opened(secretary_east)
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.filter(id=row.id).update(reviewer_id=secretary_east.id)


@pytest.mark.skipif(
    not settings.LIANHU_GUARDED, reason="only in the guarded part, on PostgreSQL"
)
def test_the_database_shows_the_opened_place_inside_the_block_alone(secretary_east, far):
    with one_request() as used:
        narrow_to(secretary_east)
        row = opened(secretary_east)
        assert used == {"EMERGENCY"}
        assert list(Household.objects.filter(place_id=cast.WEST_GRID)) == []
        assert read(secretary_east, row).household.id == far.id
        assert list(Household.objects.filter(place_id=cast.WEST_GRID)) == []
        assert get_opening(secretary_east, row.id).id == row.id
    with one_request():
        narrow_to(cast.make_actor("何邻", ("secretary", cast.NEIGHBOUR)))
        assert list(Opening.objects.all()) == []
