"""An export is the list on the screen: filtered, masked, without formulas."""

import io
import zipfile

from python_calamine import CalamineWorkbook

from lianhu.audit.models import Entry
from lianhu.desk.excel import workbook
from lianhu.desk.export import MATTERS
from tests import cast

CHECK = {"purpose": "check"}


def _rows(response):
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return book.get_sheet_by_index(0).to_python()


def test_export_holds_the_filtered_list_masked(signed, secretary_east, warden):
    cast.make_matter(secretary_east, words="=HYPERLINK(1)", contact_name="刘来访",
                     contact_phone="13800000001", category="environment.garbage")  # fmt: skip
    cast.make_matter(warden, category="dispute.boundary")
    cast.make_matter(secretary_east, visibility="sensitive", words="不要让人知道的事")
    client = signed(secretary_east)
    response = client.post("/desk/matters/export/?queue=under&top=environment", CHECK)
    head, *rows = _rows(response)
    assert head == [name for name, _ in MATTERS]
    assert [(row[0], row[3]) for row in rows] == [("=HYPERLINK(1)", "刘*访")]
    assert response["Cache-Control"] == "no-store"
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts["rows"]) == ("export", cast.EAST, 1)


def test_export_is_for_those_who_may_and_only_their_places(
    signed, secretary_west, supervisor, warden
):
    cast.make_matter(warden)
    assert signed(supervisor).post("/desk/matters/export/?queue=under").status_code == 403
    client = signed(secretary_west)
    assert len(_rows(client.post("/desk/matters/export/?queue=under", CHECK))) == 1
    assert client.post(f"/desk/matters/export/?place={cast.EAST}").status_code == 404
    assert client.get("/desk/matters/export/").status_code == 405


def test_workbook_has_no_formula_and_no_link():
    bad = ["=1+1", "+1", "-1", "@x", "http://evil.example", "\t=1"]
    book = workbook(MATTERS, [[text] * len(MATTERS) for text in bad])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert 'quotePrefix="1"' in styles


def test_households_staff_and_ledger_are_exported_as_on_the_page(
    signed, officer_town, secretary_east, warden, household
):
    client = signed(officer_town)
    homes = _rows(client.post(f"/desk/places/export/?place={cast.EAST}&list=1", CHECK))
    assert [row[:2] for row in homes[1:]] == [[household.code, "刘*林"]]
    people = _rows(client.post(f"/desk/staff/export/?place={cast.EAST}"))
    assert [row[:3] for row in people[1:]] == [["陈户长", "中心户长", "是"]]
    gaps = _rows(client.post(f"/desk/staff/export/?place={cast.EAST}&line=gaps"))
    assert [row[1] for row in gaps[1:]] == [cast.EAST_FAR_GRID, cast.EAST_GRID_2]
    cast.make_matter(warden)
    ledger = _rows(client.post("/desk/ledger/export/?verb=matter"))
    assert [row[1:3] for row in ledger[1:]] == [["陈户长", "上报了事项"]]
    assert Entry.objects.filter(verb="export").count() == 4


def test_exports_refuse_the_next_village(signed, secretary_west, supervisor, household):
    client = signed(secretary_west)
    for path in ("places", "staff", "ledger"):
        answer = client.post(f"/desk/{path}/export/?place={cast.EAST}")
        assert answer.status_code == 404, path
        assert signed(supervisor).post(f"/desk/{path}/export/").status_code == 403, path
    assert Entry.objects.filter(verb="export").count() == 0


def test_lists_come_in_the_order_asked_for(signed, secretary_east, household, warden, member):
    small = cast.make_household(head="安大有")
    client = signed(secretary_east)
    rows = client.get("/desk/places/?list=1&order=-size").context["sheet"].rows
    assert [h.id for h in rows] == [household.id, small.id]
    rows = client.get("/desk/staff/?order=name").context["sheet"].rows
    names = [p.user.name for p in rows]  # which of two comes first is the database's language
    assert names in (["杨党员", "杨党员", "陈户长"], ["陈户长", "杨党员", "杨党员"])
