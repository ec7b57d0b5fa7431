"""An export is the list on the screen: filtered, masked, without formulas."""

import io
import zipfile

from python_calamine import CalamineWorkbook

from lianhu.audit.models import Entry
from lianhu.desk.export import HEADS, workbook
from tests import cast


def _rows(response):
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return book.get_sheet_by_index(0).to_python()


def test_export_holds_the_filtered_list_masked(signed, secretary_east, warden):
    cast.make_matter(secretary_east, words="=HYPERLINK(1)", contact_name="刘来访",
                     contact_phone="13800000001", category="environment.garbage")  # fmt: skip
    cast.make_matter(warden, category="dispute.boundary")
    cast.make_matter(secretary_east, visibility="sensitive", words="不要让人知道的事")
    client = signed(secretary_east)
    response = client.post("/desk/matters/export/?queue=under&top=environment")
    head, *rows = _rows(response)
    assert head == [name for name, _ in HEADS]
    assert [(row[1], row[4]) for row in rows] == [("=HYPERLINK(1)", "刘*访")]
    assert response["Cache-Control"] == "no-store"
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts["rows"]) == ("export", cast.EAST, 1)


def test_export_is_for_those_who_may_and_only_their_places(
    signed, secretary_west, supervisor, warden
):
    cast.make_matter(warden)
    assert signed(supervisor).post("/desk/matters/export/?queue=under").status_code == 403
    client = signed(secretary_west)
    assert len(_rows(client.post("/desk/matters/export/?queue=under"))) == 1
    assert client.post(f"/desk/matters/export/?place={cast.EAST}").status_code == 404
    assert client.get("/desk/matters/export/").status_code == 405


def test_workbook_has_no_formula_and_no_link():
    bad = ["=1+1", "+1", "-1", "@x", "http://evil.example", "\t=1"]
    book = workbook([[text] * len(HEADS) for text in bad])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert 'quotePrefix="1"' in styles
