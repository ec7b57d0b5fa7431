"""The first page: whose turn it is, for every role."""

import pytest
from django.utils import timezone

from lianhu.matters.models import Matter
from tests import cast
from tests.house.files import ours

STAFF = ("secretary_east", "supervisor", "representative", "officer_town", "officer_county",
         "leader_county", "handler", "data_officer")  # fmt: skip


@pytest.mark.parametrize("name", STAFF)
def test_home_opens_for_every_role(signed, request, household, warden, name):
    cast.make_matter(warden, at=timezone.now())
    actor = request.getfixturevalue(name)
    page = signed(actor).get("/desk/")
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert "轮到谁了" in page.content.decode()


def test_home_counts_what_is_late_and_mine(signed, secretary_east, warden):
    late = cast.make_matter(warden)
    Matter.objects.filter(id=late.id).update(due_on="2020-01-01")
    page = signed(secretary_east).get("/desk/")
    turn = page.context["turn"]
    assert (turn.late, turn.mine, turn.open) == (1, 1, 1)
    assert [row.matter.id for row in page.context["rows"]] == [late.id]
    assert page.context["sel"] == late.id


def test_home_drills_down_with_one_figure(signed, officer_county, household, household_west):
    client = signed(officer_county)
    page = client.get("/desk/", {"figure": "people"})
    lines = {line.code: line.number for line in page.context["drill"].lines}
    assert lines == {cast.EAST_TOWN: 3, cast.WEST_TOWN: 1}
    page = client.get("/desk/", {"figure": "gaps", "place": cast.EAST_TOWN})
    lines = {line.code: line.number for line in page.context["drill"].lines}
    assert lines == {cast.EAST: 3, cast.NEIGHBOUR: 1}


def test_home_counts_a_merged_neighbour_with_its_heir(signed, data_officer, household):
    client = signed(data_officer)
    change = {"what": "merge", "into": cast.NEIGHBOUR, "on": "2026-11-01"}
    done = client.post(f"/desk/places/{cast.EAST}/change/", change)
    assert done["Location"] == f"/desk/places/{cast.NEIGHBOUR}/?done=place"
    page = client.get("/desk/", {"figure": "people", "place": cast.EAST_TOWN})
    assert [(x.code, x.number) for x in page.context["drill"].lines] == [(cast.NEIGHBOUR, 3)]


def test_home_refuses_the_next_village(signed, secretary_east):
    client = signed(secretary_east)
    assert client.get("/desk/", {"place": cast.WEST}).status_code == 404
    assert client.get("/desk/", {"place": "no"}).status_code == 404


def test_home_asks_the_same_number_of_questions(
    signed, secretary_east, warden, django_assert_num_queries
):
    client = signed(secretary_east)
    for more in (1, 2):
        for _ in range(more):
            cast.make_matter(warden)
        with django_assert_num_queries(QUERIES):
            client.get("/desk/")


QUERIES = 22


def test_the_way_out_is_on_every_page(signed, secretary_east):
    client = signed(secretary_east)
    for path in ("/desk/", "/desk/matters/", "/desk/places/", "/desk/me/", "/desk/password/"):
        page = client.get(path).content.decode()
        assert '<form method="post" action="/desk/sign-out/">' in page, path
    pages = [
        name
        for name, text in ours(".html")
        if name.startswith("src/lianhu/desk/templates/desk/") and "<!doctype" in text.lower()
    ]
    assert sorted(name.rpartition("/")[2] for name in pages) == ["base.html", "signed_out.html"]
