"""Parcels: one's own grids and nothing else, equal to the server, at a constant cost."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from lianhu.accounts.models import Grant
from lianhu.audit.queries import epoch, versions
from lianhu.grading.actions.decide import propose_grade
from lianhu.kernel.errors import NotPermitted
from lianhu.matters.actions.supervise import merge_matter
from lianhu.matters.models import Matter
from lianhu.people.actions import move_household
from lianhu.people.actions.erase import restrict_person
from lianhu.people.actions.proposals import Proposed, propose_change
from lianhu.phone import parcels as depot
from lianhu.visits.actions import record_visit
from tests import cast
from tests.api.client import phone_of
from tests.matters.helpers import AT, answered, closed


def _parcel(actor, grid=cast.EAST_GRID):
    grids = depot.own_grids(actor)
    return json.loads(depot.parcels(actor, {grid: grids[grid]}, **AT)[grid])


def test_own_grids_are_those_one_answers_for(
    warden, member, deputy, secretary_east, leader_county
):
    east = {cast.EAST_GRID, cast.EAST_GRID_2, cast.EAST_FAR_GRID}
    assert set(depot.own_grids(warden)) == {cast.EAST_GRID}
    assert set(depot.own_grids(member)) == {cast.EAST_GRID, cast.EAST_GRID_2}
    assert set(depot.own_grids(deputy)) == set(depot.own_grids(secretary_east)) == east
    assert depot.own_grids(leader_county) == {}


def test_a_parcel_holds_the_grids_households_matters_and_visits_due(warden, household):
    record_visit(warden, household.id, date(2026, 11, 20), ["policy"], "药够", **AT)
    matter = cast.make_matter(warden, household_id=household.id)
    parcel = _parcel(warden)
    (home,) = parcel["households"]
    assert (home["id"], home["head"], home["initials"]) == (str(household.id), "刘武林", "lwl")
    assert [m["name"] for m in home["members"]] == ["刘武林", "张桂花", "刘小军"]
    assert home["last_visit"] == {"on": "2026-11-20", "by": "陈户长", "words": "药够"}
    assert [m["ref"] for m in parcel["matters"]] == [matter.ref]
    assert home["visits"] == [home["last_visit"] | {"duties": ["policy"]}]
    assert parcel["visits_due"] == [
        {
            "household_id": str(household.id), "plan_on": "2027-02-18", "due_on": "2027-02-18",
            "why": "放心户每季度看一次（我们的默认）",
        }
    ]  # fmt: skip
    assert parcel["visit_plan"] == {"per_day": 3, "label": "我们的默认"}
    assert (parcel["grid"], parcel["name"]) == (cast.EAST_GRID, "三组二网格")


def test_a_minors_number_is_on_no_phone(warden, secretary_east):
    years = {"刘小梅": 2008, "刘小军": 2017}
    born = cast.TODAY.replace
    cast.make_household(
        members=[
            {
                "name": name,
                "relation": "41",
                "phone": f"1001111{year}",
                "born_on": born(year=year),
            }
            for name, year in years.items()
        ]
    )
    for actor in (warden, secretary_east):
        (home,) = _parcel(actor)["households"]
        assert [member.get("phone") for member in home["members"][1:]] == ["10011112008", None]
        hidden = [member.get("phone_hidden", False) for member in home["members"]]
        assert hidden == [False, False, True]


def test_the_number_of_who_asked_that_it_be_set_aside_leaves_every_phone(
    warden, secretary_east, household
):
    head = cast.head_of(household)
    number, before = head.phone, versions([cast.EAST_GRID])[cast.EAST_GRID]
    assert number in json.dumps(_parcel(warden))
    restrict_person(secretary_east, head.id, on=True, words="本人申请", **AT)
    assert versions([cast.EAST_GRID])[cast.EAST_GRID] == before + 1  # so phones take it anew
    for actor in (warden, secretary_east):
        assert number not in json.dumps(_parcel(actor))
        member = _parcel(actor)["households"][0]["members"][0]
        assert (member["name"], member["phone_hidden"]) == ("刘武林", True)
    restrict_person(secretary_east, head.id, on=False, words="本人要用了", **AT)
    assert versions([cast.EAST_GRID])[cast.EAST_GRID] == before + 2
    member = _parcel(warden)["households"][0]["members"][0]
    assert (member["phone"], "phone_hidden" in member) == (number, False)


def test_what_a_phone_said_of_a_new_number_is_in_no_parcel(warden, secretary_east, household):
    head = cast.head_of(household)
    said = Proposed(what="phone", person_id=head.id, phone="10045674567")
    propose_change(warden, household.id, said, **AT)
    restrict_person(secretary_east, head.id, on=True, words="本人申请", **AT)
    parcel = _parcel(warden)
    assert len(parcel["households"][0]["proposals"]) == 1
    assert "4567" not in json.dumps(parcel)


def test_no_parcel_tells_a_follow_code_to_who_may_handle(warden, secretary_east):
    matter = cast.make_matter(warden)
    assert [m["ref"] for m in _parcel(secretary_east)["matters"]] == [""]
    own = cast.make_matter(secretary_east)
    mine = json.loads(depot.own_matters(secretary_east, 1, **AT))["matters"]
    assert [m["ref"] for m in mine] == [own.ref]
    assert matter.ref not in json.dumps(_parcel(secretary_east))


def test_no_parcel_holds_an_id_number(warden, household):
    content = json.dumps(_parcel(warden))
    head = cast.head_of(household)
    assert head.id_number not in content
    assert head.id_number[-4:] + '"' not in content
    assert head.phone in content  # to dial


def test_a_parcel_of_another_grid_is_refused(warden, secretary_west):
    for actor, grid in ((warden, cast.EAST_GRID_2), (secretary_west, cast.EAST_GRID)):
        with pytest.raises(NotPermitted):
            depot.parcels(actor, {grid: 1}, **AT)


@pytest.mark.parametrize("rows", [1, 3])
def test_parcels_cost_the_same_for_one_row_and_one_grid_as_for_three(
    deputy, warden, rows, django_assert_num_queries
):
    grids = [cast.EAST_GRID, cast.EAST_GRID_2, cast.EAST_FAR_GRID][:rows]
    for grid in grids:
        for _ in range(rows):
            record_visit(deputy, cast.make_household(grid).id, cast.TODAY, **AT)
            cast.make_matter(deputy, place=grid)
    wanted = dict.fromkeys(grids, 9)
    epoch()
    with django_assert_num_queries(12):
        found = depot.parcels(deputy, wanted, **AT)
    assert [len(json.loads(p)["households"]) for p in found.values()] == [rows] * rows
    with django_assert_num_queries(1):  # the epoch; the rest from memory
        assert depot.parcels(deputy, wanted, **AT) == found


def test_a_parcel_of_one_version_is_the_same_whenever_it_is_built(
    warden, secretary_east, household
):
    record_visit(warden, household.id, date(2026, 11, 20), **AT)
    for _ in range(4):
        cast.make_household()
    first = depot.parcels(warden, {cast.EAST_GRID: 7}, **AT)
    depot.forget()
    later = depot.parcels(warden, {cast.EAST_GRID: 7}, at=cast.NOON + timedelta(days=400))
    assert first == later


@pytest.mark.parametrize("rows", [1, 3])
def test_mine_costs_four_queries(warden, rows, django_assert_num_queries):
    for _ in range(rows):
        cast.make_matter(warden)
    with django_assert_num_queries(4):
        own = json.loads(depot.own_matters(warden, 1, **AT))
    assert [m["mine"] for m in own["matters"]] == [True] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_pull_costs_the_same_for_one_household_as_for_three(
    warden, rows, django_assert_max_num_queries
):
    for _ in range(rows):
        cast.make_household()
        cast.make_matter(warden)
    phone = phone_of(warden)
    phone.post("parcels", {"have": {}})  # the epoch and the catalogue are made once
    depot.forget()
    with django_assert_max_num_queries(22):
        assert phone.post("parcels", {"have": {}}).status_code == 200


def test_the_cache_never_crosses_roles_or_versions(warden, deputy, household):
    before = _parcel(warden)
    cast.make_matter(warden)
    after = _parcel(warden)
    assert (len(before["matters"]), len(after["matters"])) == (0, 1)
    assert after["version"] == before["version"] + 1
    assert _parcel(deputy)["matters"] == after["matters"]


def test_every_change_below_a_grid_is_pulled(warden, secretary_east, household):
    phone = phone_of(warden)
    have = phone.post("parcels", {"have": {}}).json()["grids"]
    assert phone.post("parcels", {"have": have}).json()["parcels"] == []
    move_household(secretary_east, household.id, cast.EAST_GRID_2, **AT)
    pulled = phone.post("parcels", {"have": have}).json()
    assert pulled["parcels"][0]["households"] == []
    assert pulled["grids"] == versions([cast.EAST_GRID])


def test_a_grid_that_is_no_longer_ones_own_is_gone_at_the_next_contact(warden, household):
    phone = phone_of(warden)
    have = phone.get("me").json()["grids"]
    Grant.objects.filter(user_id=warden.id).update(ends_on=date(2026, 1, 1))
    pulled = phone.post("parcels", {"have": have}).json()
    assert (pulled["grids"], pulled["parcels"], pulled["gone"]) == ({}, [], [cast.EAST_GRID])
    assert phone.get(f"parcels/{cast.EAST_GRID}").status_code == 404


def test_ended_matters_leave_the_parcel_after_a_month(warden, secretary_east, officer_town):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    assert [m["stage"] for m in _parcel(warden)["matters"]] == ["closed"]
    Matter.objects.filter(id=matter.id).update(received_at=cast.NOON - timedelta(days=31))
    depot.forget()
    assert _parcel(warden)["matters"] == []


def test_a_copys_reporter_hears_the_answer_of_the_original(warden, member, secretary_east):
    first, second = cast.make_matter(warden), cast.make_matter(member, words="桥头垃圾")
    merge_matter(secretary_east, second.id, first.id, **AT)
    before = depot.own_version(member)
    answered(secretary_east, first)
    assert depot.own_version(member) > before
    (own,) = json.loads(depot.own_matters(member, 1, **AT))["matters"]
    assert (own["stage"], own["answer"]["words"]) == ("merged", "垃圾已清走")


def test_etag_is_epoch_and_version_and_gzip_is_small(warden, household):
    phone = phone_of(warden)
    me = phone.get("me").json()
    response = phone.get(f"parcels/{cast.EAST_GRID}", Accept_Encoding="gzip")
    assert response["ETag"] == f'"{me["epoch"]}.{me["grids"][cast.EAST_GRID]}"'
    assert response["Content-Encoding"] == "gzip"
    assert response["Cache-Control"] == "no-store"
    for known in (response["ETag"], f"W/{response['ETag']}"):
        assert phone.get(f"parcels/{cast.EAST_GRID}", If_None_Match=known).status_code == 304
    other = phone.get(f"parcels/{cast.EAST_GRID}", If_None_Match='"x.1"')
    assert other.status_code == 200


def test_a_colour_goes_only_to_who_cares_with_its_reason(
    secretary_east, warden, household, officer_town
):
    propose_grade(secretary_east, household.id, "yellow", "留守儿童", **AT)
    other = cast.make_household()
    parcel = json.loads(depot.parcels(warden, {cast.EAST_GRID: 7}, **AT)[cast.EAST_GRID])
    told = {h["id"]: (h["grade"], h["grade_why"]) for h in parcel["households"]}
    assert told == {
        str(household.id): ("yellow", "留守儿童"),
        str(other.id): ("green", "没有登记到要多帮的情况，平常走访"),
    }
    (notice,) = parcel["notices"]
    assert (notice["title"], notice["words"], notice["on"]) == (
        "刘武林家现在是关心户", "留守儿童", "2026-11-23",
    )  # fmt: skip
    # Somebody whose phone holds the grid but who does not care for its households.
    blind = replace(
        warden, scopes={k: v for k, v in warden.scopes.items() if k != "grade.read"}
    )
    depot.forget()
    bare = json.loads(depot.parcels(blind, {cast.EAST_GRID: 7}, **AT)[cast.EAST_GRID])
    assert not any("grade" in h for h in bare["households"])
    assert {v["why"] for v in bare["visits_due"]} == {"每季度看一次（我们的默认）"}
    assert len({v["due_on"] for v in bare["visits_due"]}) == 1
    assert bare["notices"] == []
