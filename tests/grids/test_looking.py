"""How groups stand is kept from the register, again when that changed, and only within reach."""

from datetime import timedelta

import pytest

from lianhu.accounts.queries.actors import system_actor
from lianhu.grids.actions import apply_division
from lianhu.grids.actions.looking import VERBS, look_again
from lianhu.grids.models import Standing
from lianhu.grids.plan import Wish
from lianhu.grids.queries import propose
from lianhu.grids.queries.overview import list_groups, list_villages, sum_up
from lianhu.grids.rules import Bounds, reason_now
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import Household
from lianhu.territory.actions import merge_place
from tests import cast

AT = cast.NOON


def _street(grid=cast.EAST_GRID, many=50, size=2):
    return [cast.make_household(grid, f"户{n}", [{"name": "甲"}] * size) for n in range(many)]


def _look(code=cast.COUNTY, at=AT):
    return look_again(system_actor(cast.COUNTY, *VERBS), code, at=at)


def _of(group) -> Standing:
    return Standing.objects.get(place_id=group)


def test_a_group_too_full_says_so_and_what_the_rule_says(places):
    _street()
    assert _look() == 3
    found = _of(cast.EAST_GROUP)
    # The demo bounds, 15-25 households and 50-90 people: 150 people in two grids of 75.
    assert (found.households, found.people, found.grids, found.by_rule) == (50, 150, 2, 2)
    assert found.outside == 2  # one grid holds all, the other nobody
    assert found.reason == (
        "现在1格户数不足15户，共差15户；1格户数超过25户，共差25户；1格人口不足50人，共差50人；"
        "1格人口超过90人，共差60人。重新划分就能守住范围。"
    )
    assert found.waiting == 25
    assert found.village_id == cast.EAST
    assert found.looked_on == cast.TODAY
    empty = _of(cast.EAST_FAR_GRID[:14])
    assert (empty.households, empty.outside, empty.grids) == (0, 0, 1)
    assert "没有登记住户" in empty.reason


def test_nothing_is_computed_again_until_the_register_changes(places, monkeypatch):
    home = _street(many=3)[0]
    assert _look() == 3
    later = AT + timedelta(days=1)
    assert _look(at=later) == 0
    assert _of(cast.EAST_GROUP).looked_on == cast.TODAY
    Household.objects.filter(id=home.id).update(size=5)
    assert _look(at=later) == 1
    found = _of(cast.EAST_GROUP)
    assert (found.people, found.looked_on) == (11, later.date())


def test_a_walk_that_drifted_is_told_with_its_share(places):
    homes = _street(many=20) + _street(cast.EAST_GRID_2, many=20)
    # Each grid holds every other house of two hamlets a kilometre apart: bounds kept, walks long.
    for n, home in enumerate(homes):
        lon = 108.5 + (0.0107 if n % 2 else 0.0) + n * 1e-5
        Household.objects.filter(id=home.id).update(lon=lon, lat=32.9)
    _look()
    found = _of(cast.EAST_GROUP)
    assert found.outside == 0
    assert found.waiting == 0  # a proposal that changes few leaves it as it is
    assert found.offers_fresh
    assert found.drift > 1.0


def test_what_is_applied_stands_at_once(places, officer_town):
    _street()
    _look()
    proposal = propose(officer_town, cast.EAST, Wish(), on=cast.TODAY)
    apply_division(officer_town, cast.EAST, Wish(), proposal.stamp, on=cast.TODAY, at=AT)
    found = _of(cast.EAST_GROUP)
    assert (found.grids, found.outside, found.waiting, found.reason) == (2, 0, 0, "")


def test_a_group_that_ended_stands_no_longer(places, data_officer):
    _look()
    assert Standing.objects.filter(place_id=cast.EAST_GROUP).exists()
    merge_place(data_officer, cast.EAST_GROUP, cast.EAST_FAR_GRID[:14], on=cast.TODAY, at=AT)
    _look()
    assert not Standing.objects.filter(place_id=cast.EAST_GROUP).exists()


def test_the_next_village_is_out_of_reach(places, secretary_east, secretary_west, warden):
    _look()
    assert {r.village_id for r in list_groups(secretary_east, under=cast.COUNTY)} == {cast.EAST}
    assert list(list_groups(secretary_west, under=cast.EAST)) == []
    assert list(list_villages(secretary_west, under=cast.EAST)) == []
    assert sum_up(secretary_west, under=cast.EAST)["groups"] == 0
    assert list(list_groups(warden, under=cast.EAST)) == []
    with pytest.raises(NotPermitted, match=r"place\.not_found"):
        look_again(secretary_west, cast.EAST, at=AT)
    with pytest.raises(NotPermitted, match=r"place\.not_found"):
        look_again(secretary_east, cast.EAST_TOWN, at=AT)


def test_villages_are_summed_and_narrowed(places, officer_county):
    _street()
    _street(cast.WEST_GRID, many=20)
    _look()
    rows = {r["village_id"]: r for r in list_villages(officer_county, under=cast.COUNTY)}
    assert (rows[cast.EAST]["homes"], rows[cast.EAST]["groups"]) == (50, 2)
    assert rows[cast.EAST]["groups_outside"] == 1
    assert rows[cast.EAST]["groups_waiting"] == 1
    narrow = list_villages(officer_county, under=cast.COUNTY, show="outside")
    assert [r["village_id"] for r in narrow] == [cast.EAST]
    narrow = list_villages(officer_county, under=cast.COUNTY, words="三塘")
    assert [r["village_id"] for r in narrow] == [cast.WEST]
    most = list_villages(officer_county, under=cast.COUNTY, order="-households")
    assert [r["village_id"] for r in most][:2] == [cast.EAST, cast.WEST]


@pytest.mark.parametrize(
    ("now", "planned", "words"),
    [
        ([(25, 80)], [(25, 80)], ""),
        ([(40, 130)], [(20, 65), (20, 65)], "按总数任何格数都无法同时满足"),
        ([(40, 160)], [(20, 80), (20, 80)], "重新划分就能守住范围"),
        ([(20, 40), (20, 100)], [(20, 69), (20, 71)], "总数合适，但各户人口使之无法拆分"),
        ([(20, 40), (20, 100)], [(20, 69), (20, 71)], "重新划分能少差一些"),
    ],
)
def test_the_reason_says_whether_a_division_would_help(now, planned, words):
    assert words in reason_now(now, planned, Bounds())
    assert bool(words) == bool(reason_now(now, planned, Bounds()))
