"""Grids of a real place: proposed from the register, applied in one action."""

import pytest

from lianhu.audit.models import Entry, Version
from lianhu.grids.actions import apply_division, grid_name
from lianhu.grids.command import divide_place
from lianhu.grids.plan import Wish
from lianhu.grids.queries import bounds_for, propose, read_moves
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.models import Change, Household, Person
from lianhu.postings.models import Posting
from lianhu.territory.models import Place
from tests import cast

ON, AT = cast.TODAY, cast.NOON


@pytest.fixture
def street(places):
    """Sixty households of four along a road in East's third group: three grids by the bounds."""
    homes = []
    for n in range(60):
        home = cast.make_household(cast.EAST_GRID, f"户{n}", [{"name": "甲"}] * 3)
        Household.objects.filter(id=home.id).update(lon=108.5 + n / 5000, lat=32.9)
        homes.append(home.id)
    return homes


def grids_of(group=cast.EAST_GROUP):
    return set(
        Place.objects.filter(parent_id=group, ended_on=None).values_list("code", flat=True)
    )


def test_the_bounds_are_the_countys_own_or_the_articles():
    assert bounds_for(cast.COUNTY, on=ON)[0].households == (15, 25)
    assert bounds_for("610922", on=ON)[0].households == (20, 30)


def test_a_group_is_divided_and_applied(officer_town, street):
    proposal = propose(officer_town, cast.EAST_GROUP, Wish(), on=ON)
    (group,) = proposal.groups
    assert [15 <= g.households <= 25 and 50 <= g.people <= 90 for g in group.kept] == [True] * 3
    assert sum(g.households for g in group.kept) == 60
    assert group.changed == sum(home.after != cast.EAST_GRID for home in proposal.homes) > 0
    assert not group.reason
    before = dict(Version.objects.values_list("key", "number"))
    apply_division(officer_town, cast.EAST_GROUP, Wish(), proposal.stamp, on=ON, at=AT)
    for home in proposal.homes:
        assert Household.objects.get(id=home.id).place_id == home.after
        assert set(
            Person.objects.filter(household_id=home.id).values_list("place_id", flat=True)
        ) == {home.after}
    assert {home.after for home in proposal.homes} == grids_of()
    after = dict(Version.objects.values_list("key", "number"))
    assert all(after[grid] > before.get(grid, 0) for grid in grids_of())
    assert Entry.objects.filter(verb="grid.apply", place_id=cast.EAST_GROUP).count() == 1
    assert Entry.objects.filter(verb="household.move").count() == group.changed
    assert Change.objects.filter(kind="household.move").count() == group.changed


def test_a_second_apply_and_a_stale_proposal_are_refused(officer_town, street):
    stamp = propose(officer_town, cast.EAST_GROUP, Wish(), on=ON).stamp
    cast.make_household(cast.EAST_GRID)
    with pytest.raises(Refusal, match=r"grids.stale") as stale:
        apply_division(officer_town, cast.EAST_GROUP, Wish(), stamp, on=ON, at=AT)
    assert (stale.value.details["homes_then"], stale.value.details["homes"]) == ("60", "61")
    stamp = propose(officer_town, cast.EAST_GROUP, Wish(), on=ON).stamp
    apply_division(officer_town, cast.EAST_GROUP, Wish(), stamp, on=ON, at=AT)
    with pytest.raises(Refusal, match=r"grids.stale"):
        apply_division(officer_town, cast.EAST_GROUP, Wish(), stamp, on=ON, at=AT)
    stamp = propose(officer_town, cast.EAST_GROUP, Wish(), on=ON).stamp
    with pytest.raises(Refusal, match=r"grids.nothing_to_apply"):
        apply_division(officer_town, cast.EAST_GROUP, Wish(), stamp, on=ON, at=AT)


def test_an_ended_grid_leaves_postings_to_its_heir_and_is_never_reused(officer_town, warden):
    for _ in range(4):
        cast.make_household(cast.EAST_GRID)
    cast.make_household(cast.EAST_GRID_2)
    proposal = propose(officer_town, cast.EAST_GROUP, Wish(), on=ON)
    (group,) = proposal.groups
    assert len(group.kept) == 1
    assert "户数不足" in group.reason
    apply_division(officer_town, cast.EAST_GROUP, Wish(), proposal.stamp, on=ON, at=AT)
    (kept,) = grids_of()
    gone = ({cast.EAST_GRID, cast.EAST_GRID_2} - {kept}).pop()
    assert Place.objects.get(code=gone).successor_id == kept
    (leader,) = Posting.objects.filter(is_leader=True, ends_on=None)
    assert (leader.user_id, leader.place_id) == (warden.id, kept)
    for n in range(55):
        cast.make_household(kept, f"新{n}", [{"name": "乙"}] * 3)
    again = propose(officer_town, cast.EAST_GROUP, Wish(), on=ON)
    assert gone not in {home.after for home in again.homes}


def test_locks_and_moves_are_respected_and_no_border_is_crossed(officer_town, street):
    other = cast.make_household(cast.EAST_GRID_2)
    locked = Wish(locked=frozenset({cast.EAST_GRID_2}))
    proposal = propose(officer_town, cast.EAST_GROUP, locked, on=ON)
    assert [h.id for h in proposal.homes if h.after == cast.EAST_GRID_2] == [other.id]
    moved = Wish(moves=read_moves([f"{street[59]}:{cast.EAST_GRID_2}"]))
    proposal = propose(officer_town, cast.EAST_GROUP, moved, on=ON)
    assert next(h for h in proposal.homes if h.id == street[59]).after == cast.EAST_GRID_2
    for bad in (cast.EAST_FAR_GRID, "61092110420003999", "x"):
        wish = Wish(moves=read_moves([f"{street[0]}:{bad}"]))
        with pytest.raises(Refusal, match=r"grids.no_such_grid"):
            propose(officer_town, cast.EAST, wish, on=ON)


def test_missing_points_and_empty_groups_are_told(officer_town, street):
    Household.objects.filter(id__in=street[:5]).update(lon=None)
    proposal = propose(officer_town, cast.EAST, Wish(), on=ON)
    told = {group.code: group for group in proposal.groups}
    assert told[cast.EAST_GROUP].pointless == 5
    assert "没有登记住户" in told["61092110420001"].reason


def test_the_next_village_and_the_wrong_role_are_refused(
    secretary_west, secretary_east, leader_county, street
):
    for actor in (secretary_west, leader_county):
        with pytest.raises(NotPermitted, match=r"place.not_found"):
            propose(actor, cast.EAST, Wish(), on=ON)
    stamp = propose(secretary_east, cast.EAST, Wish(), on=ON).stamp
    for actor in (secretary_west, secretary_east):
        with pytest.raises(NotPermitted, match=r"place.not_found"):
            apply_division(actor, cast.EAST, Wish(), stamp, on=ON, at=AT)


def test_a_town_is_too_wide_to_apply(officer_town):
    with pytest.raises(Refusal, match=r"grids.too_wide"):
        apply_division(officer_town, cast.EAST_TOWN, Wish(), "", on=ON, at=AT)


def test_the_command_proposes_and_applies(street):
    dry = divide_place(cast.EAST_TOWN, dry_run=True, at=AT)
    assert not dry.applied
    assert len(grids_of()) == 2
    assert "没有改动" in dry.words()
    assert divide_place(cast.EAST_TOWN, dry_run=False, at=AT).applied
    assert len(grids_of()) == 3
    assert not divide_place(cast.EAST_TOWN, dry_run=False, at=AT).applied


def test_a_new_grid_has_a_name_in_words():
    assert grid_name("三组", "61092110420003012") == "三组第十二网格"
    assert grid_name("三组", "61092110420003020") == "三组第二十网格"


def test_the_queries_of_a_proposal_do_not_grow(officer_town, places, django_assert_num_queries):
    for many in (1, 3):
        for _ in range(many):
            cast.make_household(cast.EAST_GRID)
        with django_assert_num_queries(8):
            propose(officer_town, cast.EAST_GROUP, Wish(), on=ON)


def test_a_place_is_proved_and_nothing_is_changed_by_it(street):
    before = dict(Household.objects.values_list("id", "place_id"))
    answer = divide_place(cast.EAST_GROUP, dry_run=True, prove=True, at=AT)
    told = answer.json()["proof"]
    assert (told["groups"], told["proved"], told["not_proved"]) == (1, 1, [])
    (fresh,) = told["fresh"]
    assert fresh["group"] == cast.EAST_GROUP
    assert fresh["bound_m"] <= fresh["walk_m"] + 0.002
    assert "1 组中 1 组证明不能更短" in answer.words()
    assert "proof" not in divide_place(cast.EAST_GROUP, dry_run=True, at=AT).json()
    assert dict(Household.objects.values_list("id", "place_id")) == before


def test_who_has_no_group_or_no_point_is_told_and_never_left_out_in_silence(
    officer_town, street
):
    lost = cast.make_household(cast.EAST_GRID)
    Household.objects.filter(id=lost.id).update(place_id=cast.EAST)
    Household.objects.filter(id=street[0]).update(lon=None, lat=None)
    proposal = propose(officer_town, cast.EAST, Wish(), on=ON)
    assert (proposal.groupless, proposal.pointless) == (1, 1)
    assert lost.id not in {home.id for home in proposal.homes}
    answer = divide_place(cast.EAST, dry_run=True, at=AT)
    assert answer.json()["without_group"] == 1
    assert "另有 1 户没有登记在任何小组" in answer.words()
    assert "1 户没有位置" in answer.words()
    Household.objects.filter(id=lost.id).update(place_id=cast.EAST_GRID)
    assert propose(officer_town, cast.EAST, Wish(), on=ON).groupless == 0
