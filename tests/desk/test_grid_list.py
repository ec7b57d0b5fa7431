"""The overview of divisions: by village and group, narrowed, sorted, paged, exported, in reach."""

import io

import pytest
from python_calamine import CalamineWorkbook

from lianhu.accounts.queries.actors import system_actor
from lianhu.grids.actions.looking import VERBS, look_again
from lianhu.grids.models import Standing
from lianhu.territory.queries import list_places
from tests import cast

PATH = "/desk/grids/"


def _look():
    look_again(system_actor(cast.COUNTY, *VERBS), cast.COUNTY, at=cast.NOON)


@pytest.fixture
def looked(places):
    for n in range(50):
        cast.make_household(cast.EAST_GRID, f"户{n}", [{"name": "甲"}] * 2)
    for n in range(20):
        cast.make_household(cast.WEST_GRID, f"西{n}", [{"name": "甲"}] * 2)
    _look()


def _text(client, **query):
    page = client.get(PATH, query)
    assert page.status_code == 200
    return page.content.decode()


def test_the_county_goes_down_from_villages_to_a_group(signed, officer_county, looked):
    client = signed(officer_county)
    text = _text(client)
    assert "双乳村" in text
    assert "三塘村" in text
    assert f'href="/desk/grids/?place={cast.EAST}"' in text
    assert "4 组 70 户 210 人" in text
    assert "1 组有网格在范围以外" in text
    text = _text(client, place=cast.EAST)
    assert "三塘" not in text
    assert "重新划分就能守住范围" in text
    assert f'href="/desk/places/{cast.EAST_GROUP}/grids/"' in text
    assert "25 户等着应用" in text


def test_a_wide_list_says_how_many_villages_it_is_not_about(signed, officer_county, looked):
    client = signed(officer_county)
    Standing.objects.exclude(village_id=cast.EAST).delete()
    there = list_places("village", cast.COUNTY).count()
    assert there > 1
    assert f"这里 {there} 个村和社区，算过的有 1 个" in _text(client)
    assert "算过的有" not in _text(client, place=cast.EAST)


def test_rows_are_narrowed_sorted_and_found_by_name(signed, officer_county, looked):
    client = signed(officer_county)

    def groups(**query):
        page = client.get(PATH, {"by": "group", **query})
        return [row.place_id for row in page.context["sheet"].rows]

    assert len(groups()) == 4
    assert groups(show="outside") == [cast.EAST_GROUP]
    assert groups(show="waiting") == [cast.EAST_GROUP]
    assert groups(words="三塘") == [cast.WEST_GROUP]
    assert groups(order="-households")[:2] == [cast.EAST_GROUP, cast.WEST_GROUP]
    assert groups(show="no such") == groups()
    assert "没有符合的" in _text(client, by="group", words="没有这个名字")


def test_pages(signed, officer_county, looked, monkeypatch):
    monkeypatch.setattr("lianhu.desk.page.PAGE", 1)
    monkeypatch.setattr("lianhu.desk.page.sheet_of.__defaults__", (1,))
    client = signed(officer_county)
    first = client.get(PATH, {"by": "group"})
    second = client.get(PATH, {"by": "group", "page": "2"})
    assert first.context["sheet"].more
    assert first.context["sheet"].rows != second.context["sheet"].rows


@pytest.mark.parametrize(("by", "reason"), [("group", "重新划分就能守住范围"), ("village", "")])
def test_the_file_holds_the_rows_as_filtered(signed, officer_county, looked, by, reason):
    answer = signed(officer_county).post(f"{PATH}export/?by={by}&show=outside")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 1
    assert rows[0][1] == (cast.EAST_GROUP if by == "group" else cast.EAST)
    assert head[1] == "编码"
    assert any(reason in str(cell) for cell in rows[0])


def test_each_sees_only_his_own(signed, secretary_west, officer_town, supervisor, looked):
    west = signed(secretary_west)
    assert "双乳" not in _text(west)
    assert west.get(PATH, {"place": cast.EAST}).status_code == 404
    assert west.post(f"{PATH}again/", {"place": cast.EAST}).status_code == 404
    assert west.post(f"{PATH}export/?place={cast.EAST}").status_code == 404
    town = signed(officer_town)
    assert town.get(PATH, {"place": cast.WEST}).status_code == 404
    assert "三塘" not in _text(town)
    for path in ("", "export/", "again/"):
        method = signed(supervisor).post if path else signed(supervisor).get
        assert method(PATH + path).status_code in {403, 404}


def test_a_town_looks_now_and_the_county_tomorrow(signed, officer_town, officer_county, places):
    client = signed(officer_town)
    assert "还没有算过" in _text(client)
    done = client.post(f"{PATH}again/", {"place": cast.EAST_TOWN})
    assert done["Location"] == f"/desk/grids/?place={cast.EAST_TOWN}&done=looked"
    assert Standing.objects.count() == 3
    wide = signed(officer_county).post(f"{PATH}again/", {"place": cast.COUNTY})
    assert "选一个镇或一个村" in wide.content.decode()


@pytest.mark.parametrize("by", ["group", "village"])
@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_as_for_three(
    signed, officer_county, places, rows, by, django_assert_num_queries
):
    _look()
    kept = (
        Standing.objects.order_by("place_id").distinct().values_list("place_id", "village_id")
    )
    chosen = {village: place for place, village in kept}  # one group a village
    Standing.objects.exclude(place_id__in=list(chosen.values())[:rows]).delete()
    client = signed(officer_county)
    client.get(PATH)
    with django_assert_num_queries(12):
        page = client.get(PATH, {"by": by})
    assert len(page.context["sheet"].rows) == rows
