"""A matter reported at the desk."""

import pytest
from django.utils import timezone

from lianhu.matters.models import Matter
from tests import cast

TYPED = {
    "place": cast.EAST_GRID, "category": "environment.garbage", "words": "河边有人倒垃圾",
    "name": "刘来访", "phone": "13800000001", "spot": "桥下", "visibility": "ordinary",
}  # fmt: skip


def _only():
    return Matter.objects.get()


def test_report_registers_a_visitor_with_a_running_clock(signed, secretary_east):
    client = signed(secretary_east)
    assert client.get("/desk/report/").status_code == 200
    answer = client.post("/desk/report/", TYPED)
    matter = _only()
    assert answer["Location"] == f"/desk/matters/{matter.id}/?done=report"
    assert (matter.source, matter.reporter_name, matter.reporter_phone, matter.spot) == (
        "desk", "刘来访", "13800000001", "桥下",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"words": " "}, 422),
        ({"category": "nonsense"}, 422),
        ({"place": cast.WEST_GRID}, 404),
        ({"place": "nonsense"}, 404),
    ],
)
def test_report_refuses_and_keeps_what_was_typed(signed, secretary_east, change, status):
    answer = signed(secretary_east).post("/desk/report/", TYPED | change)
    assert answer.status_code == status
    assert Matter.objects.count() == 0
    if status == 422:
        assert 'value="刘来访"' in answer.content.decode()


def test_report_shows_what_may_be_the_same_first(signed, secretary_east, warden):
    known = cast.make_matter(warden, words="河边有人倒垃圾，很臭", at=timezone.now())
    client = signed(secretary_east)
    asked = client.post("/desk/report/", TYPED)
    assert asked.status_code == 422
    assert [m.id for m in asked.context["similar"]] == [known.id]
    assert client.post("/desk/report/", TYPED | {"sure": "1"}).status_code == 302
    assert Matter.objects.count() == 2


def test_report_finds_the_household(signed, secretary_east, household, household_west):
    client = signed(secretary_east)
    client.post("/desk/report/", TYPED | {"place": cast.EAST, "home": household.code})
    assert _only().household_id == household.id
    assert _only().place_id == cast.EAST_GRID
    none = client.post("/desk/report/", TYPED | {"home": household_west.head_name, "sure": "1"})
    assert none.status_code == 422
    assert "没有找到这一户" in none.content.decode()
    assert client.get("/desk/report/", {"household": str(household_west.id)}).status_code == 404


def test_report_lets_choose_between_households(signed, secretary_east, household):
    other = cast.make_household(head="刘武林")
    asked = signed(secretary_east).post("/desk/report/", TYPED | {"home": "刘武林"})
    assert {h.id for h in asked.context["homes"]} == {household.id, other.id}


def test_report_about_an_official_leaves_the_village(signed, secretary_east):
    client = signed(secretary_east)
    client.post("/desk/report/", TYPED | {"category": "official.money", "about": "某干部"})
    assert (_only().place_id, _only().office) == (cast.COUNTY, cast.DISCIPLINE)


def test_report_is_for_those_who_may(signed, leader_county, representative):
    assert signed(leader_county).get("/desk/report/").status_code == 403
    assert signed(representative).get("/desk/report/").status_code == 200
    assert signed(representative).post("/desk/report/", TYPED).status_code == 302


ABOUT = TYPED | {"category": "official.money", "about": "何邻"}


def test_report_finds_the_official_by_name_and_post(
    signed, officer_county, secretary_east, secretary_neighbour, officer_town
):
    client = signed(officer_county)
    for words, found in (
        ("何邻", {secretary_neighbour.id}),
        ("村支书 双乳", {secretary_east.id}),
        ("村支书", {secretary_east.id, secretary_neighbour.id}),
        ("双乳镇", {officer_town.id}),
        ("没有这人", set()),
    ):
        asked = client.post("/desk/report/", ABOUT | {"about": words, "find": "official"})
        assert asked.status_code == 422
        assert {person.id for person, _ in asked.context["officials"]} == found
    assert Matter.objects.count() == 0
    assert "没有找到" in asked.content.decode()


def test_report_names_the_official_who_then_never_sees_it(
    signed, officer_county, secretary_neighbour, secretary_east, secretary_west
):
    typed = ABOUT | {"place": cast.EAST, "accused": str(secretary_neighbour.id)}
    assert signed(officer_county).post("/desk/report/", typed).status_code == 302
    made = _only()
    assert (made.accused_id, made.row_class) == (secretary_neighbour.id, "about_official")
    for who in (secretary_neighbour, secretary_east, secretary_west):
        page = signed(who).get(f"/desk/matters/{made.id}/")
        assert page.status_code == 404
        listed = signed(who).get("/desk/matters/?queue=under&state=all").content.decode()
        assert TYPED["words"] not in listed


def test_report_keeps_the_official_who_was_chosen(signed, officer_county, secretary_east):
    typed = ABOUT | {"accused": str(secretary_east.id), "words": " "}
    again = signed(officer_county).post("/desk/report/", typed)
    assert again.status_code == 422
    assert f'value="{secretary_east.id}" checked' in again.content.decode()


def test_report_names_nobody_out_of_reach_nor_oneself(
    signed, secretary_east, secretary_west, officer_county
):
    client = signed(secretary_east)
    for who, status in ((secretary_west, 404), (officer_county, 404), (secretary_east, 422)):
        answer = client.post("/desk/report/", ABOUT | {"accused": str(who.id)})
        assert answer.status_code == status
    wrong = client.post("/desk/report/", ABOUT | {"accused": "x"})
    assert wrong.status_code == 404
    asked = client.post("/desk/report/", ABOUT | {"about": "王西", "find": "official"})
    assert asked.context["officials"] == []
    assert Matter.objects.count() == 0


def test_report_names_officials_only_in_reports_about_them(
    signed, officer_county, secretary_east
):
    typed = TYPED | {"accused": str(secretary_east.id), "sure": "1"}
    refused = signed(officer_county).post("/desk/report/", typed)
    assert refused.status_code == 422
    assert Matter.objects.count() == 0
