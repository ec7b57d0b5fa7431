"""Carrying a list of residents out at the desk: asked for what, agreed to, taken, marked."""

import io
import re
import zipfile

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from lianhu.accounts.models import Grant
from lianhu.audit.models import Entry
from lianhu.desk.exports import BUILDERS
from lianhu.kernel.catalogue import read
from lianhu.people.models import Export
from tests import cast

HOMES = f"/desk/places/export/?place={cast.EAST}&list=1"
WHY = {"purpose": "check", "why": "汛期转移名单"}


@pytest.fixture
def committee(places):
    return cast.make_actor("田委", ("committee", cast.EAST, cast.COMMITTEE))


@pytest.fixture
def many(places):
    return [cast.make_household(head=f"刘某{n}") for n in range(25)]


def test_every_list_of_residents_has_a_name_and_a_builder():
    assert set(BUILDERS) == set(read("exports.toml")["lists"])


def test_the_purpose_is_asked_before_a_short_list_goes(signed, secretary_east, household):
    client = signed(secretary_east)
    page = client.post(HOMES)
    assert (page.status_code, Export.objects.count()) == (200, 0)
    assert "这份表里有 1 人" in page.content.decode()
    assert client.post(HOMES, {"purpose": "x"}).status_code == 422
    answer = client.post(HOMES, WHY)
    assert "spreadsheet" in answer["Content-Type"]
    assert list(Entry.objects.values_list("verb", flat=True).order_by("id")) == [
        "export.ask", "export",
    ]  # fmt: skip


def test_the_file_says_whose_copy_it_is(signed, secretary_east, household):
    answer = signed(secretary_east).post(HOMES, WHY)
    row = Export.objects.get()
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    said = dict(book.get_sheet_by_name("导出说明").to_python())
    assert (said["导出编号"], said["谁导出的"]) == (row.number, "李东")
    assert said["做什么用"] == "与村里核对登记：汛期转移名单"
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d", said["何时"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        properties = archive.read("docProps/core.xml").decode()
        custom = archive.read("docProps/custom.xml").decode()
    [foot] = re.findall(r"<oddFooter>(.*?)</oddFooter>", sheet)
    for part in (row.number, "李东", "汛期转移名单"):
        assert part in foot, part
        assert part in properties, part
    assert row.number in custom
    assert row.number in answer["Content-Disposition"]


def test_a_long_list_waits_for_a_second_person(signed, secretary_east, committee, many):
    mine, other = signed(secretary_east), signed(committee)
    assert "要第二个人同意" in mine.post(HOMES).content.decode()
    assert mine.post(HOMES, {"purpose": "check"}).status_code == 422  # from 25 on, why
    assert mine.post(HOMES, WHY).headers["Location"].startswith("/desk/exports/")
    row = Export.objects.get()
    file = f"/desk/exports/{row.id}/file/"
    assert mine.post(file).status_code == 422
    assert mine.post(f"/desk/exports/{row.id}/agree/").status_code == 404
    page = other.get("/desk/exports/").content.decode()
    assert row.number in page
    assert "汛期转移名单" in page
    assert other.post(file).status_code == 404
    assert other.post(f"/desk/exports/{row.id}/agree/").status_code == 302
    assert "取文件" in mine.get("/desk/exports/").content.decode()
    answer = mine.post(file)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    assert len(rows.to_python()) == 26
    assert answer.content[:2] == b"PK"
    mine.post(file)
    assert mine.post(file).status_code == 422
    assert mine.get(file).status_code == 405


def test_the_file_is_made_for_who_the_taker_is_now(signed, secretary_east, committee, many):
    signed(secretary_east).post("/desk/places/export/?list=1", WHY)
    row = Export.objects.get()
    signed(committee).post(f"/desk/exports/{row.id}/agree/")
    Grant.objects.filter(user_id=secretary_east.id).update(place_id=cast.WEST)
    answer = signed(secretary_east).post(f"/desk/exports/{row.id}/file/")
    assert answer.status_code == 422
    assert "spreadsheet" not in answer["Content-Type"]


def test_pages_in_slices_are_one_list(signed, secretary_east, many, household):
    """Household by household: the twenty-fifth within a day waits."""
    client = signed(secretary_east)
    kinds = [
        client.post(f"/desk/places/export/?place={cast.EAST}&words={home.code}", WHY)
        for home in many
    ]
    assert ["Location" in answer.headers for answer in kinds] == [False] * 24 + [True]


def test_the_page_refuses_the_next_village(signed, secretary_east, secretary_west, many):
    signed(secretary_east).post(HOMES, WHY)
    row = Export.objects.get()
    west = signed(secretary_west)
    assert row.number not in west.get("/desk/exports/").content.decode()
    for how in ("agree", "decline", "drop", "file"):
        typed = {"words": "不给"}
        assert west.post(f"/desk/exports/{row.id}/{how}/", typed).status_code == 404, how
    assert Export.objects.get().state == "asked"


def test_agreeing_and_fetching_ask_again_who_is_there(
    signed, secretary_east, officer_town, many
):
    """Agreeing asks also who has no second factor: villages share computers."""
    signed(secretary_east).post(HOMES, WHY)
    row = Export.objects.get()
    agree = f"/desk/exports/{row.id}/agree/"
    for actor in (officer_town, secretary_east):
        client = cast.enter(Client(), actor.id, fresh=False)
        answer = client.post(agree)
        assert (answer.status_code, "再确认一次" in answer.content.decode()) == (403, True)
    stale = cast.enter(Client(), officer_town.id, fresh=False)
    assert stale.post(f"/desk/exports/{row.id}/file/").status_code == 403
    assert Export.objects.get().state == "asked"


def test_the_page_is_for_those_who_may_export(signed, supervisor):
    assert signed(supervisor).get("/desk/exports/").status_code == 403
