"""The one gate: places, row classes, offices, the person accused, and actors with nothing."""

import dataclasses
from uuid import UUID

import pytest

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.matters.models import Matter
from lianhu.people.models import Household
from lianhu.territory.models import Place
from lianhu.territory.queries import covering, former_codes, get_place, path_of, reach, within
from lianhu.territory.rules import ancestors, level_of, national_code, parent_of
from tests import cast


@pytest.mark.parametrize(
    ("code", "level", "parent", "national"),
    [
        ("610921", "county", "", "610921000000"),
        ("610921104", "town", "610921", "610921104000"),
        ("610921104200", "village", "610921104", "610921104200"),
        ("61092110420003", "group", "610921104200", "610921104200"),
        ("61092110420003002", "grid", "61092110420003", "610921104200"),
    ],
)
def test_a_code_tells_level_and_parent(code, level, parent, national):
    assert (level_of(code), parent_of(code), national_code(code)) == (level, parent, national)
    assert ancestors(code)[-1] == code


@pytest.mark.parametrize("code", ["", "6109", "610921x", "²²²²²²", "610921 "])
def test_level_of_nonsense_is_none(code):
    assert level_of(code) == ""


def test_reach_of_an_actor_with_nothing_is_empty(household):
    nobody = Actor(UUID(int=7), "空")
    assert list(reach(Household.objects, nobody, "household.read")) == []
    assert list(reach(Place.objects, nobody, "place.read")) == []


def test_reach_of_an_empty_scope_is_empty(household):
    odd = Actor(UUID(int=7), "空", {"household.read": ()})
    assert list(reach(Household.objects, odd, "household.read")) == []


def test_reach_stops_at_the_village(secretary_east, secretary_west, household, household_west):
    assert list(reach(Household.objects, secretary_east, "household.read")) == [household]
    assert list(reach(Household.objects, secretary_west, "household.read")) == [household_west]


def test_within_nonsense_refuses_and_never_fails():
    for code in ("", "abc", "61' OR 1=1 --", "61092110420003002\x00"):
        with pytest.raises(NotPermitted):
            within([code])


def _sees(actor, verb="matter.read"):
    return reach(Matter.objects, actor, verb).exists()


ALL = [
    "secretary_east", "secretary_west", "secretary_neighbour", "officer_town", "leader_county",
    "officer_county", "warden", "warden_west", "member", "deputy", "supervisor",
    "representative", "handler", "data_officer", "resident",
]  # fmt: skip


def _seers(request):
    return {who for who in ALL if _sees(request.getfixturevalue(who))}


def test_an_ordinary_matter_is_seen_by_its_places(request, warden):
    cast.make_matter(warden)
    assert _seers(request) == {
        "secretary_east", "officer_town", "leader_county", "officer_county", "warden", "member",
        "deputy", "supervisor",
    }  # fmt: skip


def test_a_sensitive_matter_is_seen_by_reporter_and_office(request, warden):
    cast.make_matter(warden, category="dispute.family")
    assert _seers(request) == {"warden"}  # nobody of the cast sits in East's mediation


def test_a_sensitive_matter_is_seen_by_the_office_that_holds_it(request, warden):
    matter = cast.make_matter(warden, visibility="sensitive")
    assert _seers(request) == {"warden", "secretary_east"}  # received by the committee
    Matter.objects.filter(id=matter.id).update(office=cast.HOUSING)
    assert _seers(request) == {"warden", "handler"}


def test_a_report_about_an_official_is_seen_by_reporter_and_county(request, warden):
    cast.make_matter(warden, category="official.conduct")
    assert _seers(request) == {"warden", "officer_county"}


def test_the_accused_sees_nothing_even_at_the_county(request, warden, officer_county):
    cast.make_matter(warden, category="official.conduct", accused_id=officer_county.id)
    assert _seers(request) == {"warden"}


def test_the_accused_sees_nothing_even_of_an_ordinary_matter(request, warden, secretary_east):
    cast.make_matter(warden, accused_id=secretary_east.id)
    assert "secretary_east" not in _seers(request)


def test_an_office_sees_only_what_it_holds(warden, handler):
    matter = cast.make_matter(warden)
    assert not _sees(handler)
    Matter.objects.filter(id=matter.id).update(office=cast.HOUSING)
    assert _sees(handler)
    assert _sees(handler, "matter.handle")
    Matter.objects.filter(id=matter.id).update(row_class="about_official")
    assert not _sees(handler)


def test_an_office_of_another_place_is_another_office(warden, handler):
    matter = cast.make_matter(warden)
    Matter.objects.filter(id=matter.id).update(office=f"{cast.WEST_TOWN}:housing")
    assert not _sees(handler)


def test_a_verb_without_the_office_part_gives_nothing_to_an_office(warden, handler):
    matter = cast.make_matter(warden)
    Matter.objects.filter(id=matter.id).update(office=cast.HOUSING)
    assert not _sees(handler, "matter.close")
    assert not _sees(dataclasses.replace(handler, offices=frozenset()))


def test_covering_and_path_of_a_place_that_never_changed(places):
    assert (covering(cast.EAST), former_codes(cast.EAST)) == ([cast.EAST], [])
    assert [p.code for p in path_of(cast.EAST)] == [cast.COUNTY, cast.EAST_TOWN, cast.EAST]
    with pytest.raises(NotPermitted):
        get_place("no such place")
