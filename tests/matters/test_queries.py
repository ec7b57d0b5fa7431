"""Lists and figures: exact, in order, and at the same cost for one row as for three."""

from datetime import timedelta

import pytest

from lianhu.matters.models import Matter
from lianhu.matters.queries.counts import count_below, count_turn
from lianhu.matters.queries.lists import Filter, find_similar, list_matters
from tests import cast
from tests.matters.helpers import AT, accepted, answered, closed

AFTER = cast.TODAY + timedelta(days=30)


def _list(actor, **wanted):
    return list(list_matters(actor, Filter(**wanted), today=AFTER))


@pytest.fixture
def three(warden, secretary_east, officer_town):
    """One reported, one answered, one closed."""
    new = cast.make_matter(warden, words="一号")
    done = answered(secretary_east, cast.make_matter(warden, words="二号", category="errand"))
    old = closed(secretary_east, officer_town, cast.make_matter(warden, words="三号"))
    return new, done, old


def test_list_matters_filters_and_sorts(three, secretary_east):
    new, done, old = three
    assert set(_list(secretary_east)) == {new, done}
    assert set(_list(secretary_east, state="all")) == {new, done, old}
    assert _list(secretary_east, state="ended") == [old]
    assert _list(secretary_east, top="errand") == [done]
    assert _list(secretary_east, stage="reported") == [new]
    assert _list(secretary_east, under=cast.EAST_GRID_2) == []
    assert set(_list(secretary_east, late="late")) >= {new}
    assert _list(secretary_east, order="received", state="all")[0] == new
    assert _list(secretary_east, order="-received", state="all")[-1] == new


def test_my_queue_is_what_waits_on_me(three, secretary_east, supervisor, officer_town):
    new, done, _ = three
    assert _list(secretary_east, queue="mine") == [new]  # never to check his own answer
    assert _list(supervisor, queue="mine") == [done]
    accepted(secretary_east, new)
    assert _list(officer_town, queue="mine") == []


@pytest.mark.parametrize("rows", [1, 3])
def test_list_matters_costs_two_queries(
    warden, secretary_east, rows, django_assert_num_queries
):
    for _ in range(rows):
        cast.make_matter(warden)
    with django_assert_num_queries(2):
        assert len(_list(secretary_east)) == rows
    with django_assert_num_queries(1):
        assert len(_list(secretary_east, under=cast.EAST)) == rows
    with django_assert_num_queries(3):
        assert len(_list(secretary_east, words="垃圾")) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_figures_cost_the_same_for_every_number_of_rows(
    warden, secretary_east, rows, django_assert_num_queries
):
    for _ in range(rows):
        cast.make_matter(warden)
    with django_assert_num_queries(4):
        turn = count_turn(secretary_east, under=cast.EAST, today=AFTER)
    assert (turn.open, turn.late, turn.mine, turn.ended) == (rows, rows, rows, 0)
    groups = [cast.EAST_GROUP, "61092110420001"]
    with django_assert_num_queries(1):
        below = count_below(secretary_east, groups, under=cast.EAST, today=AFTER)
    assert [(below[g].open, below[g].late) for g in groups] == [(rows, rows), (0, 0)]


def test_figures_agree_with_the_list(three, secretary_east, secretary_west):
    turn = count_turn(secretary_east, under=cast.EAST, today=AFTER)
    assert turn.open == len(_list(secretary_east))
    assert turn.mine == len(_list(secretary_east, queue="mine"))
    assert turn.late == len(_list(secretary_east, late="late"))
    assert (turn.ended, turn.ended_in_time) == (1, 1)
    west = count_turn(secretary_west, under=cast.COUNTY, today=AFTER)
    assert (west.open, west.ended, west.late) == (0, 0, 0)


def test_find_similar_suggests_open_matters_of_the_village(warden, member, warden_west):
    same = cast.make_matter(warden)
    cast.make_matter(warden, words="路灯坏了三盏")
    cast.make_matter(warden, visibility="sensitive")
    cast.make_matter(warden_west, place=cast.WEST_GRID)

    def ask(actor, words, at=cast.NOON):
        return find_similar(
            actor, cast.EAST_GRID_2, "environment", words, at=at, days=30, least=0.3
        )

    assert ask(member, "桥头垃圾没人管") == [same]
    assert ask(warden_west, "桥头垃圾没人管") == []
    assert ask(member, "桥头垃圾没人管", cast.NOON + timedelta(days=31)) == []
    Matter.objects.filter(id=same.id).update(stage="closed", is_open=False)
    assert ask(member, "桥头垃圾没人管") == []
    assert AT["at"] == cast.NOON


def test_an_answer_in_time_is_not_late_while_somebody_looks(secretary_east, warden):
    answered(secretary_east, cast.make_matter(warden))
    turn = count_turn(secretary_east, under=cast.EAST, today=AFTER)
    assert (turn.open, turn.late) == (1, 0)
    assert _list(secretary_east, late="late") == []
