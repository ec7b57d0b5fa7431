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
