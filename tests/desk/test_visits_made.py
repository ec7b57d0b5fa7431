"""Visits made as a list: where, who, when, what for; never who went how often."""

import re
from datetime import date

import pytest

from lianhu.audit.models import Entry
from lianhu.visits.actions import record_visit
from tests import cast
from tests.desk.test_export import CHECK, _rows
from tests.matters.helpers import AT

PATH = "/desk/visits/"


def _seen(client, **query):
    page = client.get(PATH, query)
    assert page.status_code == 200
    return [v.household.head_name for v in page.context["sheet"].rows]


@pytest.fixture
def three(warden, member):
    """Three visits: two of October and one of November, by two people in two grids."""
    first, second = cast.make_household(head="甲户"), cast.make_household(head="乙户")
    third = cast.make_household(cast.EAST_GRID_2, head="丙户")
    record_visit(warden, first.id, date(2026, 10, 1), ["policy"], "老人咳嗽", **AT)
    record_visit(warden, second.id, date(2026, 11, 2), **AT)
    record_visit(member, third.id, date(2026, 10, 31), **AT)


def test_no_list_and_no_file_follows_one_persons_ways(signed, secretary_east, three):
    """norms.md: no location trails of staff. The page says whom to ask about a visit; nothing
    gathers one person's visits, and no file says who went."""
    client = signed(secretary_east)
    assert _seen(client, who="陈") == _seen(client)
    assert 'name="who"' not in client.get(PATH).content.decode()
    head, *rows = _rows(client.post(f"{PATH}export/?who=陈", CHECK))
    assert "谁去的" not in head
    assert len(rows) == 3
    assert not {"陈户长", "杨党员"} & {str(cell) for row in rows for cell in row}


def test_visits_filter_by_place_and_day_and_come_in_order(signed, secretary_east, three):
    client = signed(secretary_east)
    assert _seen(client) == ["乙户", "丙户", "甲户"]
    assert _seen(client, order="on") == ["甲户", "丙户", "乙户"]
    october = {"from": "2026-10-01", "to": "2026-10-31"}
    assert _seen(client, **october) == ["丙户", "甲户"]
    assert _seen(client, **{"from": "2026-11-02"}) == ["乙户"]
    assert _seen(client, to="2026-13-01", order="x") == ["乙户", "丙户", "甲户"]
    assert _seen(client, place=cast.EAST_GRID_2) == ["丙户"]
    text = client.get(PATH).content.decode()
    main = text[text.index("<main") :]
    assert "老人咳嗽" not in main  # what was said stays on the household's page
    assert not re.search(r"排名|名次|共 *\d+ *次", main)


def test_visits_page_by_fifty(signed, secretary_east, warden):
    for n in range(51):
        home = cast.make_household(head=f"第{n}户")
        record_visit(warden, home.id, date(2026, 10, 1), **AT)
    client = signed(secretary_east)
    assert len(_seen(client)) == 50
    assert len(_seen(client, page=2)) == 1


def test_visits_refuse_the_next_village_and_who_reads_none(
    signed, secretary_west, handler, three
):
    west = signed(secretary_west)
    assert _seen(west) == []
    assert west.get(PATH, {"place": cast.EAST}).status_code == 404
    assert west.post(f"{PATH}export/?place={cast.EAST}").status_code == 404
    assert signed(handler).get(PATH).status_code == 403
    assert signed(handler).post(f"{PATH}export/").status_code == 403
    assert Entry.objects.filter(verb="export").count() == 0


def test_the_file_is_masked_even_for_the_village_and_days_are_days(
    signed, secretary_east, warden
):
    home = cast.make_household(head="刘武林")
    record_visit(warden, home.id, date(2026, 10, 1), ["policy"], "老人咳嗽", **AT)
    head, row = _rows(
        signed(secretary_east).post(f"{PATH}export/?from=2026-10-01&to=2026-10-31", CHECK)
    )
    assert head[:3] == ["哪天", "户号", "户主"]
    assert row[:3] == [date(2026, 10, 1), home.code, "刘*林"]
    assert "陈户长" not in row
    assert "老人咳嗽" not in "".join(map(str, row))
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts["rows"]) == ("export", cast.EAST, 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_visits_cost_the_same_for_one_as_for_three(
    signed, secretary_east, warden, rows, django_assert_num_queries
):
    for n in range(rows):
        record_visit(warden, cast.make_household().id, date(2026, 10, 1 + n), **AT)
    client = signed(secretary_east)
    client.get(PATH)
    with django_assert_num_queries(8):
        assert len(_seen(client)) == rows
