"""A workbook at the desk: kept sealed, mended by name, applied whole and once, or forgotten."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianhu.audit.models import Entry
from lianhu.kernel.errors import NotPermitted
from lianhu.people.actions import drafts
from lianhu.people.models import Household, ImportDraft, Person, RegisterImport
from lianhu.people.queries.imports import get_draft, list_drafts, list_imports
from lianhu.people.register import sheet
from tests import cast
from tests.matters.helpers import AT, code_of, later
from tests.people.test_imports import FLAT, MIXED, VILLAGE, WORKBOOKS, county

__all__ = ["county"]


def bring(actor, path=MIXED, place=cast.COUNTY):
    draft = drafts.open_draft(actor, place, f"C:\\表\\{path.name}", path.read_bytes(), **AT)
    return drafts.read_draft(actor, draft.id, **AT)


def first(draft, kind):
    found = drafts.found_of(draft)
    return next(p for p in found.register.problems if p.kind == kind)


def test_a_draft_says_what_it_found_and_writes_nothing(county, data_officer):
    draft = bring(data_officer)
    found = drafts.found_of(draft)
    assert (draft.state, draft.file_name) == ("ready", "r06_mixed.xlsx")
    assert (found.register.households, len(found.register.rows)) == (105, 357)
    assert found.said["new"]["persons"] == 357
    [(sheet, columns)] = found.understood[:1]
    assert sheet == found.register.header_rows[0][0]
    assert {"name", "id_number", "relation"} <= {column.field for column in columns}
    assert (Household.objects.count(), RegisterImport.objects.count()) == (0, 0)


@pytest.mark.parametrize(("apart", "told"), [(0.0, 2), (60.0, 0)])
def test_a_reading_says_how_far_it_is_but_not_with_every_row(
    county, data_officer, monkeypatch, apart, told
):
    monkeypatch.setattr(sheet, "TICK", 100)
    monkeypatch.setattr(drafts, "APART", apart)
    with CaptureQueriesContext(connection) as asked:
        bring(data_officer)
    ticks = [
        q for q in asked if q["sql"].startswith("UPDATE") and "found_sealed" not in q["sql"]
    ]
    assert len(ticks) == told


def test_what_is_kept_is_sealed(county, data_officer):
    draft = bring(data_officer, FLAT)
    kept = bytes(draft.content_sealed) + bytes(draft.found_sealed)
    assert FLAT.read_bytes()[:64] not in kept
    assert "廖霞莲".encode() not in kept


def test_only_who_brought_it_sees_it(county, data_officer, secretary_east):
    draft = bring(data_officer)
    other = cast.make_actor("另一数据员", ("data", cast.COUNTY))
    for actor in (other, secretary_east):
        assert code_of(lambda at, a=actor: get_draft(a, draft.id)) == "register.not_found"
        assert code_of(drafts.read_draft, actor, draft.id) == "register.not_found"
        assert code_of(drafts.begin_apply, actor, draft.id) == "register.not_found"
        assert code_of(drafts.apply_draft, actor, draft.id) == "register.not_found"
        assert code_of(drafts.drop_draft, actor, draft.id) == "register.not_found"
        assert code_of(drafts.annotated, actor, draft.id) == "register.not_found"
        correct = (draft.id, "台账", 5, "name", "王伟")
        assert code_of(drafts.correct_cell, actor, *correct) == "register.not_found"
    assert list(list_drafts(other)) == []


def test_open_draft_refuses_the_next_village_and_what_is_too_much(
    county, secretary_east, data_officer, monkeypatch
):
    for place in (cast.EAST, cast.WEST):
        code = code_of(drafts.open_draft, secretary_east, place, "a.xlsx", b"x")
        assert code == "account.not_permitted"
    opened = (drafts.open_draft, data_officer, cast.COUNTY, "a.xlsx")
    assert code_of(*opened, b"") == "register.empty"
    monkeypatch.setattr(drafts, "limits", lambda: {"largest_mb": 0, "most_open": 1,
                                                   "keep_days": 7, "stuck_minutes": 10})  # fmt: skip
    assert code_of(*opened, b"x") == "register.too_large"
    monkeypatch.setattr(drafts, "limits", lambda: {"largest_mb": 1, "most_open": 0,
                                                   "keep_days": 7, "stuck_minutes": 10})  # fmt: skip
    assert code_of(*opened, b"x") == "register.too_many"


def test_a_cell_is_mended_by_name_and_the_mending_goes_with_the_import(county, data_officer):
    draft = bring(data_officer)
    bad = first(draft, "id_checksum")
    before = drafts.found_of(draft)
    said = before.cells[drafts.cell_key(bad)]
    right = cast.make_id_number(77)
    draft = drafts.correct_cell(
        data_officer, draft.id, bad.sheet, bad.row, "id_number", f" {right} ", **AT
    )
    assert draft.state == "reading"
    draft = drafts.read_draft(data_officer, draft.id, **AT)
    found = drafts.found_of(draft)
    assert (bad.row, "id_checksum") not in {(p.row, p.kind) for p in found.register.problems}
    assert next(p for p in found.register.rows if p.row == bad.row).id_number == right
    [made] = drafts.corrections_of(draft)
    assert (made.old, made.value, made.by, made.at) == (
        said, right, data_officer.name, "2026-11-23T12:00+08:00",
    )  # fmt: skip
    drafts.begin_apply(data_officer, draft.id, **AT)
    draft = drafts.apply_draft(data_officer, draft.id, **AT)
    entry = RegisterImport.objects.get(id=draft.import_id)
    assert drafts.corrections_of(entry) == [made]
    assert right.encode() not in bytes(entry.corrections_sealed)
    assert right not in str(list(Entry.objects.values_list("facts", flat=True)))


def test_a_correction_is_taken_back(county, data_officer):
    draft = bring(data_officer)
    bad = first(draft, "name_odd")
    where = (bad.sheet, bad.row, "name")
    before = drafts.found_of(draft).register
    for value in ("王伟", ""):
        drafts.correct_cell(data_officer, draft.id, *where, value, **AT)
        draft = drafts.read_draft(data_officer, draft.id, **AT)
    assert drafts.corrections_of(draft) == []
    assert drafts.found_of(draft).register.problems == before.problems


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [(4, "name", "王伟"), (999, "id_number", "x"), (0, "sheet", "x"), (5, "household", "7")],
)
def test_only_what_is_faulty_is_mended(county, data_officer, row, field, value):
    draft = bring(data_officer)
    call = (drafts.correct_cell, data_officer, draft.id, "台账", row, field)
    assert code_of(*call, value) == "register.bad_correction"
    assert drafts.corrections_of(draft) == []


def test_a_village_and_its_group_in_one_column_are_mended_apart(county, data_officer, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "村组,户号,姓名,与户主关系\n大槐树村3组,1,王伟,户主\n,,李芳,妻\n军坝村二组,1,张敏,户主\n"
    )
    draft = bring(data_officer, path)
    assert [p.field for p in drafts.found_of(draft).register.problems] == ["village"]
    drafts.correct_cell(data_officer, draft.id, "", 2, "village", "棉丰村", **AT)
    found = drafts.found_of(drafts.read_draft(data_officer, draft.id, **AT)).register
    assert [(p.village_code, p.group_code_suffix) for p in found.rows] == [
        (VILLAGE, "03"), (VILLAGE, "03"), ("610921101200", "02"),
    ]  # fmt: skip
    assert found.problems == []


def test_apply_is_whole_once_and_lets_the_file_go(county, data_officer):
    draft = bring(data_officer)
    drafts.begin_apply(data_officer, draft.id, **AT)
    assert code_of(drafts.begin_apply, data_officer, draft.id) == "register.not_ready"
    assert code_of(drafts.drop_draft, data_officer, draft.id) == "register.not_ready"
    draft = drafts.apply_draft(data_officer, draft.id, **AT)
    assert (draft.state, Person.objects.count()) == ("done", 357)
    assert (draft.content_sealed, draft.found_sealed) == (b"", b"")
    assert list(list_drafts(data_officer)) == []
    again = bring(data_officer)
    assert drafts.found_of(again).said["new"]["persons"] == 0
    drafts.begin_apply(data_officer, again.id, **AT)
    assert drafts.apply_draft(data_officer, again.id, **AT).import_id is None
    assert (Person.objects.count(), RegisterImport.objects.count()) == (357, 1)


def test_apply_looks_anew_at_what_is_there(county, data_officer):
    one, two = bring(data_officer), bring(data_officer)
    for draft in (one, two):
        drafts.begin_apply(data_officer, draft.id, **AT)
        drafts.apply_draft(data_officer, draft.id, **AT)
    assert (Person.objects.count(), RegisterImport.objects.count()) == (357, 1)


@pytest.mark.parametrize("name", ["r07_notes.xlsx", "r08_cut.xlsx"])
def test_a_file_that_cannot_be_read_is_not_kept(county, data_officer, name):
    draft = bring(data_officer, WORKBOOKS / name)
    assert (draft.state, draft.refusal) == ("refused", "register.unreadable")
    assert draft.content_sealed == b""
    assert code_of(drafts.begin_apply, data_officer, draft.id) == "register.not_ready"


def test_rows_of_another_village_are_refused_in_words(county, data_officer):
    draft = bring(data_officer, FLAT, VILLAGE)
    assert (draft.state, draft.refusal) == ("refused", "register.elsewhere")
    assert draft.content_sealed != b""


def test_the_workbook_comes_back_and_that_is_noted(county, data_officer):
    draft = bring(data_officer)
    assert drafts.annotated(data_officer, draft.id, **AT)[:2] == b"PK"
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_id) == ("export", str(draft.id))


def test_drafts_are_forgotten_in_time(county, data_officer):
    draft = bring(data_officer)
    assert drafts.forget_drafts(**later(days=6, hours=23)) == 0
    assert drafts.forget_drafts(**later(days=7)) == 1
    assert not ImportDraft.objects.filter(id=draft.id).exists()


def test_a_reading_that_died_is_known(county, data_officer):
    draft = drafts.open_draft(data_officer, cast.COUNTY, "a.xlsx", b"x", **AT)
    assert not drafts.is_stuck(draft, cast.NOON + timedelta(minutes=10))
    assert drafts.is_stuck(draft, cast.NOON + timedelta(minutes=11))


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_one_query(county, data_officer, rows, django_assert_num_queries):
    for _ in range(rows):
        bring(data_officer, FLAT)
    with django_assert_num_queries(1):
        assert len(list_drafts(data_officer)) == rows
    with django_assert_num_queries(1):
        assert len(list_imports(data_officer)) == 0


def test_a_former_officer_sees_nothing(county):
    actor = cast.make_actor("从前的数据员")
    with pytest.raises(NotPermitted):
        drafts.open_draft(actor, cast.COUNTY, "a.xlsx", b"x", **AT)
