"""Who answers for a grid: terms, one leader, gaps, handover, and never for the next village."""

from datetime import timedelta
from uuid import uuid4

import pytest

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.postings.actions import end_posting, post, replace
from lianhu.postings.models import Posting
from lianhu.postings.queries import grids_under, list_gaps, list_postings, public_line_people
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, raised

DAY = timedelta(days=1)


@pytest.fixture
def user(places):
    return cast.make_user("新户长")


def _post(actor, user_id, grid=cast.EAST_GRID_2, line="warden", *, leader=True, on=cast.TODAY):
    return post(actor, user_id, line, grid, is_leader=leader, starts_on=on, **AT)


def test_post_gives_the_grid_with_its_rights(secretary_east, user):
    before = versions(GRIDS)
    posting = _post(secretary_east, user.id)
    actor = cast.actor_again(user.id)
    assert grids_under(list(actor.scopes["phone.use"])) == [cast.EAST_GRID_2]
    assert [
        p.user_id for p in list_postings(secretary_east, under=cast.EAST, on=cast.TODAY)
    ] == [user.id]
    assert raised(before) == {cast.EAST_GRID_2: 1}
    assert Entry.objects.latest("id").object_id == str(posting.id)


@pytest.mark.parametrize(
    ("line", "grid", "code"),
    [
        ("secretary", cast.EAST_GRID, "account.bad_role"),
        ("warden", cast.EAST, "account.bad_role"),
        ("warden", cast.WEST_GRID, "account.not_permitted"),
        ("warden", "nonsense", "account.not_permitted"),
        ("warden", "", "account.bad_role"),
    ],
)
def test_post_refuses(secretary_east, user, line, grid, code):
    call = {"is_leader": True, "starts_on": cast.TODAY}
    assert code_of(post, secretary_east, user.id, line, grid, **call) == code
    assert Posting.objects.count() == 0


def test_post_refuses_nobody_and_a_second_leader(secretary_east, user, warden):
    call = {"is_leader": True, "starts_on": cast.TODAY}
    args = ("warden", cast.EAST_GRID_2)
    assert code_of(post, secretary_east, uuid4(), *args, **call) == "account.not_found"
    args = ("warden", cast.EAST_GRID)
    assert code_of(post, secretary_east, user.id, *args, **call) == "posting.has_leader"
    _post(secretary_east, user.id, cast.EAST_GRID, leader=False)


def test_post_and_end_refuse_the_next_village(secretary_west, secretary_east, user, warden):
    call = {"is_leader": False, "starts_on": cast.TODAY}
    args = ("warden", cast.EAST_GRID)
    assert code_of(post, secretary_west, user.id, *args, **call) == "account.not_permitted"
    posting = Posting.objects.get(user_id=warden.id)
    assert code_of(end_posting, secretary_west, posting.id, last_day=cast.TODAY) == (
        "posting.not_found"
    )
    assert code_of(end_posting, warden, posting.id, last_day=cast.TODAY) == "posting.not_found"
    assert list(list_postings(secretary_west, under=cast.EAST, on=cast.TODAY)) == []


def test_end_posting_takes_the_rights_with_its_last_day(secretary_east, warden):
    posting = Posting.objects.get(user_id=warden.id)
    end_posting(secretary_east, posting.id, last_day=cast.TODAY, **AT)
    assert cast.actor_again(warden.id).holds("phone.use", cast.EAST_GRID)
    assert cast.actor_again(warden.id, cast.TODAY + DAY).scopes == {}
    assert (
        code_of(end_posting, secretary_east, posting.id, last_day=cast.TODAY) == "posting.ended"
    )


def test_replace_leaves_no_day_between(secretary_east, warden, user):
    posting = Posting.objects.get(user_id=warden.id)
    replace(secretary_east, posting.id, user.id, from_day=cast.TODAY + DAY, **AT)
    for day, name in ((cast.TODAY, "陈户长"), (cast.TODAY + DAY, "新户长")):
        leaders = [p.user.name for p in list_postings(secretary_east, under=cast.EAST, on=day)]
        assert leaders == [name]
        gaps = [p.code for p in list_gaps(secretary_east, under=cast.EAST, on=day)]
        assert gaps == [cast.EAST_FAR_GRID, cast.EAST_GRID_2]


def test_gaps_are_shown_only_within_reach(secretary_east, secretary_west, warden_west):
    assert [p.code for p in list_gaps(secretary_west, under=cast.COUNTY, on=cast.TODAY)] == []
    found = {p.code for p in list_gaps(secretary_east, under=cast.COUNTY, on=cast.TODAY)}
    assert found == {cast.EAST_FAR_GRID, cast.EAST_GRID, cast.EAST_GRID_2}


def test_the_board_names_only_who_is_in_office(warden, member):
    names = [p.user.name for p in public_line_people([cast.EAST], on=cast.TODAY)]
    assert names == ["杨党员", "陈户长", "杨党员"]
    Posting.objects.filter(user_id=member.id).update(ends_on=cast.TODAY - DAY)
    assert [p.user.name for p in public_line_people([cast.EAST], on=cast.TODAY)] == ["陈户长"]
