"""The first page: whose turn it is, for every role."""

import pytest
from django.utils import timezone

from lianhu.accounts.models import User
from lianhu.accounts.queries.actors import public_actor
from lianhu.grading.actions.appeals import appeal_grade
from lianhu.grading.actions.decide import propose_grade
from lianhu.grading.models import Appeal, Grade
from lianhu.matters.models import Matter
from lianhu.web.templatetags.words import due, when
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


QUERIES = 24


SECONDS, APPEALS = "/desk/grades/?view=confirm", "/desk/grades/?view=appeals"


def told(signed, actor):
    """Which of the two links somebody's first page has."""
    text = signed(actor).get("/desk/").content.decode()
    return [name for name in (SECONDS, APPEALS) if f'href="{name}"' in text]


@pytest.fixture
def asked_for(secretary_east, household):
    """A red that waits for its second person, and an appeal of the household."""
    at = timezone.now()
    propose_grade(secretary_east, household.id, "red", "独居", at=at)
    return appeal_grade(public_actor(cast.EAST_GRID), household.id, "儿子病了", at=at)


def test_home_tells_who_may_decide_about_help_and_not_the_next_village(
    signed, request, asked_for, secretary_east, officer_town, officer_county
):
    committee = cast.make_actor("李委员", ("committee", cast.EAST))
    assert told(signed, committee) == [SECONDS]
    assert told(signed, officer_town) == [SECONDS, APPEALS]
    assert told(signed, officer_county) == [APPEALS]
    others = ("secretary_west", "secretary_neighbour", "supervisor", "leader_county",
              "data_officer")  # fmt: skip
    west = cast.make_actor("漩涡镇干部", ("town", cast.WEST_TOWN))
    for actor in (*map(request.getfixturevalue, others), west):
        assert told(signed, actor) == []


def test_home_does_not_tell_who_decided_from_any_account(
    signed, asked_for, secretary_east, officer_town, household
):
    assert told(signed, secretary_east) == []
    person = cast.head_of(household).id
    both = [secretary_east.id, officer_town.id]
    User.objects.filter(id__in=both).update(person_id=person)
    assert told(signed, officer_town) == []
    page = signed(officer_town).get(APPEALS).content.decode()
    assert "由别人定" in page
    assert "等别人确认" in signed(officer_town).get(SECONDS).content.decode()


def test_home_says_by_when_and_what_is_late(signed, asked_for, officer_town):
    text = signed(officer_town).get("/desk/").content.decode()
    assert f"帮扶申诉：1 件等您定，最早的应于 {due(asked_for.due_on)} 前定 ›" in text
    assert f"帮扶决定：1 户等您做第二个人，最早的是 {when(timezone.localdate())} 提的 ›" in text
    Grade.objects.update(reminded_on="2020-01-02")
    Appeal.objects.update(due_on="2020-01-01", reminded_on="2020-01-01")
    text = signed(officer_town).get("/desk/").content.decode()
    assert '<span class="late">1 件已超期</span>' in text
    assert '<span class="late">1 户等得久了</span>' in text


@pytest.mark.parametrize("homes", [1, 3])
def test_home_asks_the_same_number_of_questions_about_help(
    homes, signed, secretary_east, officer_town, django_assert_num_queries
):
    for _ in range(homes):
        home = cast.make_household()
        propose_grade(secretary_east, home.id, "red", "独居", at=timezone.now())
        appeal_grade(public_actor(cast.EAST_GRID), home.id, "请看看", at=timezone.now())
    client = signed(officer_town)
    with django_assert_num_queries(QUERIES_TOWN):
        page = client.get("/desk/")
    assert (page.context["seconds"].count, page.context["appeals"].count) == (homes, homes)


QUERIES_TOWN = 23


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
