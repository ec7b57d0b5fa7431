"""Who needs a hand with visiting: by need, for those who may see colours, never a ranking."""

import re
from datetime import date, timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.grading.actions.decide import confirm_grade, propose_grade
from lianhu.visits.actions import record_visit
from lianhu.visits.queries import list_overdue
from tests import cast
from tests.house.test_absent import _routes
from tests.matters.helpers import AT

PATH = "/desk/visits/due/"


def _red(first, second, home, *, at):
    row = propose_grade(first, home.id, "red", "独居老人，腿脚不便", at=at)
    confirm_grade(second, row.id, at=at)


@pytest.fixture
def committee(places):
    return cast.make_actor("胡委员", ("committee", cast.EAST))


def _seen(client, **query):
    page = client.get(PATH, query)
    assert page.status_code == 200
    return page, [row.household.head_name for row in page.context["sheet"].rows]


def test_those_owed_most_come_first_then_those_longest_due(
    signed, secretary_east, committee, warden
):
    now, today = timezone.now(), localdate()
    homes = {name: cast.make_household(head=name) for name in ("甲户", "乙户", "丙户", "丁户")}
    for name, days in (("甲户", 200), ("乙户", 150), ("丙户", 40), ("丁户", 30)):
        record_visit(warden, homes[name].id, today - timedelta(days=days), at=now)
    before = now - timedelta(days=60)
    _red(secretary_east, committee, homes["丙户"], at=before)
    client = signed(secretary_east)
    page, heads = _seen(client)
    assert heads == ["丙户", "甲户", "乙户"]
    text = page.content.decode()
    assert "需要帮一把" in text
    assert "我们的默认" in text
    assert "连心户" in text
    assert "陈户长" in text
    main = text[text.index("<main") :]
    assert not re.search(r"\d+\s*%|排名|得分|名次|最差|落后|/export/", main)
    # Beside a name stands no figure, in no cell and in no choice.
    cell, choice = (
        '<td data-label="谁联系">.*?</td>',
        '<option value="[0-9a-f-]{36}".*?</option>',
    )
    beside = re.findall(f"{cell}|{choice}", main, re.DOTALL)
    assert len(beside) == 4
    said = " ".join(re.sub(r"<[^>]*>", " ", cell) for cell in beside)
    assert not re.search(r"[0-9０-９一二三四五六七八九十百]\s*(户|次|家|天|%|％)|\d", said)
    assert _seen(client, colour="red")[1] == ["丙户"]
    assert _seen(client, colour="green")[1] == ["甲户", "乙户"]
    record_visit(warden, homes["丙户"].id, today, at=now)
    assert _seen(client)[1] == ["甲户", "乙户"]


def test_what_is_due_has_no_file():
    found = [path for path in _routes(get_resolver()) if path.startswith("desk/visits/due/")]
    assert found == ["desk/visits/due/"]


def test_it_is_seen_by_grid_and_by_line_person(signed, secretary_east, warden, member):
    cast.make_household(head="甲户")
    cast.make_household(cast.EAST_GRID_2, head="乙户")
    cast.make_household(cast.EAST_FAR_GRID, head="丙户")
    client = signed(secretary_east)
    assert set(_seen(client)[1]) == {"甲户", "乙户", "丙户"}
    assert _seen(client, place=cast.EAST_GRID_2)[1] == ["乙户"]
    assert _seen(client, who=str(warden.id))[1] == ["甲户"]
    assert set(_seen(client, who=str(member.id))[1]) == {"甲户", "乙户"}
    page, _ = _seen(client, place=cast.EAST_FAR_GRID)
    assert f"/desk/staff/post/?grid={cast.EAST_FAR_GRID}" in page.content.decode()


def test_the_next_village_and_those_who_see_no_colours_find_nothing(
    signed, secretary_west, officer_town, officer_county, leader_county, supervisor, household
):
    west = signed(secretary_west)
    assert _seen(west)[1] == []
    assert west.get(PATH, {"place": cast.EAST}).status_code == 404
    assert west.get(PATH, {"place": cast.EAST_GRID}).status_code == 404
    for actor in (officer_town, officer_county, leader_county, supervisor):
        assert signed(actor).get(PATH).status_code in {403, 404}
        assert list_overdue(actor, under=cast.EAST, on=cast.TODAY) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_overdue_costs_the_same_for_one_household_as_for_three(
    secretary_east, warden, rows, django_assert_num_queries
):
    for n in range(rows):
        home = cast.make_household()
        record_visit(warden, home.id, date(2026, 1, 5 + n), **AT)
        propose_grade(secretary_east, home.id, "yellow", "留守儿童", **AT)
    with django_assert_num_queries(6):
        found = list_overdue(secretary_east, under=cast.EAST, on=cast.TODAY)
        assert [len(o.people) for o in found] == [1] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_household_as_for_three(
    signed, secretary_east, warden, rows, django_assert_num_queries
):
    for _ in range(rows):
        cast.make_household()
    client = signed(secretary_east)
    client.get(PATH)
    with django_assert_num_queries(16):
        assert len(client.get(PATH).context["sheet"].rows) == rows
