"""Places from county to grid, and a grid as a list of doors."""

import re

import pytest

from lianhu.audit.models import Entry
from tests import cast


def test_a_village_shows_numbers_people_and_gaps(signed, secretary_east, household, warden):
    page = signed(secretary_east).get(f"/desk/places/{cast.EAST}/")
    assert page.context["numbers"] == [("户", 1), ("人", 3), ("件没办完", 0), ("件已超期", 0)]
    assert [p.user.name for p in page.context["posts"]] == ["陈户长"]
    assert [g.code for g in page.context["gaps"]] == [cast.EAST_FAR_GRID, cast.EAST_GRID_2]


def test_a_grid_is_a_list_of_doors(signed, secretary_east, household):
    text = signed(secretary_east).get(f"/desk/places/{cast.EAST_GRID}/").content.decode()
    assert "刘武林家" in text
    assert household.code in text
    assert "还没有走访记录" in text


def test_a_grid_masks_the_heads_for_the_town(signed, officer_town, household):
    text = signed(officer_town).get(f"/desk/places/{cast.EAST_GRID}/").content.decode()
    assert "刘*林家" in text
    assert "刘武林" not in text


@pytest.mark.parametrize("code", [cast.EAST, cast.EAST_GRID, cast.EAST_TOWN, "999"])
def test_places_out_of_reach_are_refused(signed, secretary_west, places, code):
    assert signed(secretary_west).get(f"/desk/places/{code}/").status_code == 404


def test_households_are_found_by_name_code_initials_and_id(
    signed, secretary_east, household, household_west
):
    client = signed(secretary_east)
    number = cast.head_of(household).id_number
    for words in ("刘武", household.code, "LWL", number):
        page = client.post("/desk/places/search/", {"words": words}, follow=True)
        assert [h.id for h in page.context["sheet"].rows] == [household.id], words
        assert number not in page.content.decode()
    west = cast.head_of(household_west).id_number
    for words in ("马有田", west, "没有的人"):
        page = client.post("/desk/places/search/", {"words": words}, follow=True)
        assert page.context["sheet"].rows == [], words


def test_a_search_by_id_number_is_noted_and_one_by_name_is_not(
    signed, secretary_east, household, household_west
):
    client = signed(secretary_east)
    for words in ("刘武", household.code, cast.head_of(household_west).id_number):
        client.post("/desk/places/search/", {"words": words}, follow=True)
    noted = Entry.objects.filter(verb="person.looked_up")
    assert noted.count() == 0
    client.post("/desk/places/search/", {"words": cast.head_of(household).id_number})
    assert noted.get().object_id == str(cast.head_of(household).id)


def test_an_id_number_is_looked_up_by_a_form_and_never_from_an_address(
    signed, secretary_east, secretary_west, household
):
    client, number = signed(secretary_east), cast.head_of(household).id_number
    page = client.get("/desk/places/", {"words": number})
    assert (page.context["sheet"].rows, number in page.content.decode()) == ([], False)
    form = client.get(f"/desk/places/{cast.EAST}/").content.decode()
    assert re.search(r'<form[^>]*method="post" action="/desk/places/search/', form)
    found = client.post("/desk/places/search/", {"words": number})
    assert [h.id for h in found.context["sheet"].rows] == [household.id]
    assert number not in found.content.decode() + str(found.headers)
    by_name = client.post(
        "/desk/places/search/", {"words": "刘武", "list": "1", "order": "name"}
    )
    assert by_name["Location"].startswith(f"/desk/places/?place={cast.EAST}&words=")
    assert by_name["Location"].endswith("&list=1&order=name")
    west = signed(secretary_west)
    assert west.post("/desk/places/search/", {"words": number}).context["sheet"].rows == []
    there = west.post(f"/desk/places/search/?place={cast.EAST}", {"words": number})
    assert there.status_code == 404
    sent = client.post(f"/desk/places/export/?words={number}", {"purpose": "care"})
    assert household.code.encode() not in sent.content


def test_who_sees_no_households_finds_none(signed, leader_county, household):
    client = signed(leader_county)
    assert client.get("/desk/places/", {"words": "刘"}).status_code == 403
    text = client.get(f"/desk/places/{cast.EAST_GRID}/").content.decode()
    assert "武林" not in text


def test_doors_ask_the_same_number_of_questions(
    signed, secretary_east, household, django_assert_num_queries
):
    client = signed(secretary_east)
    for more in (0, 2):
        for _ in range(more):
            cast.make_household()
        with django_assert_num_queries(QUERIES):
            client.get(f"/desk/places/{cast.EAST_GRID}/")


QUERIES = 16
