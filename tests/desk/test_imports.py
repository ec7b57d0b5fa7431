"""The import page: drop a workbook, see, mend, apply, undo."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lianhu.desk import imports
from lianhu.people.actions import drafts
from lianhu.people.models import ImportDraft, Person, RegisterImport
from lianhu.web import middleware
from tests import cast
from tests.people.test_drafts import bring
from tests.people.test_imports import FLAT, MIXED, WORKBOOKS, county

__all__ = ["county"]
HOME = "/desk/register/"


def drop(client, path=MIXED, place=cast.COUNTY, **more):
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return client.post(HOME, {"file": file, "place": place, **more})


def test_a_workbook_is_seen_mended_applied_and_undone(signed, county, data_officer):
    client = signed(data_officer)
    path = drop(client)["Location"]
    text = client.get(path).content.decode()
    assert "应用：写入 357 人" in text
    assert "没有用到的列" in text
    assert Person.objects.count() == 0
    draft = ImportDraft.objects.get()
    register = drafts.found_of(draft).register
    bad = next(p for p in register.problems if p.kind == "id_checksum")
    faulty = next(p for p in register.rows if (p.sheet, p.row) == (bad.sheet, bad.row))
    assert f"{bad.sheet} {faulty.name}" in text  # without the rows: from the first line alone
    assert f'户</span><span><b class="num">{len(register.rows)}</b> 人' in text
    for sheet in {person.sheet for person in register.rows}:
        taken = sum(person.sheet == sheet for person in register.rows)
        assert f"<h3>{sheet} · {taken} 人</h3>" in text
    where = {"sheet": bad.sheet, "row": bad.row, "field": "id_number"}
    answer = client.post(f"{path}correct/", where | {"value": cast.make_id_number(5)})
    assert answer["Location"].startswith(f"{path}?done=correct")
    assert "改过的格" in client.get(path).content.decode()
    assert (
        client.post(f"{path}correct/", where | {"row": "-3", "value": "x"}).status_code == 422
    )
    back = client.post(f"{path}findings/")
    assert back.content[:2] == b"PK"
    assert client.post(f"{path}apply/")["Location"] == path
    entry = RegisterImport.objects.get()
    page = f"{HOME}imports/{entry.id}/"
    assert client.get(path)["Location"] == f"{page}?done=register"
    assert (Person.objects.count(), entry.persons) == (357, 357)
    text = client.get(page).content.decode()
    assert "导入前改过的格" in text
    assert client.post(page)["Location"] == f"{page}?done=undo"
    assert Person.objects.count() == 0
    assert client.post(page).status_code == 422


def test_pages_filter_by_kind(signed, county, data_officer):
    draft = bring(data_officer)
    client = signed(data_officer)
    text = client.get(
        f"{HOME}drafts/{draft.id}/?kind=id_lost_precision&page=999"
    ).content.decode()
    assert "先把这一列设成" in text
    assert "照身份证逐位核对" not in text


@pytest.mark.parametrize(
    ("name", "words"), [("r07_notes.xlsx", "这不是表格文件"), ("r08_cut.xlsx", "文件损坏")]
)
def test_a_hostile_or_broken_file_is_refused_in_words(
    signed, county, data_officer, name, words
):
    client = signed(data_officer)
    text = client.get(drop(client, WORKBOOKS / name)["Location"]).content.decode()
    assert words in text
    assert "应用：" not in text


def test_no_file_a_foreign_place_and_a_wrong_place_are_refused(signed, county, data_officer):
    client = signed(data_officer)
    assert client.post(HOME, {"place": cast.COUNTY}).status_code == 422
    assert drop(client, place="110101").status_code in {403, 404}
    assert ImportDraft.objects.count() == 0


def test_only_who_loads_comes_in(signed, county, secretary_east, officer_town, data_officer):
    draft = bring(data_officer, FLAT)
    for actor in (secretary_east, officer_town):
        client = signed(actor)
        assert client.get(HOME).status_code == 403
        for step in ("", "apply/", "correct/", "drop/", "findings/", "again/"):
            call = client.post if step else client.get
            assert call(f"{HOME}drafts/{draft.id}/{step}").status_code == 404
        assert HOME not in client.get("/desk/").content.decode()


def test_a_large_workbook_is_read_beside_the_request(signed, county, data_officer, monkeypatch):
    begun = []
    monkeypatch.setattr(threading.Thread, "start", lambda self: begun.append(self.name))
    monkeypatch.setattr(imports, "_at_once", lambda: 0)
    client = signed(data_officer)
    path = drop(client, FLAT)["Location"]
    draft = ImportDraft.objects.get()
    assert begun == [f"register-{draft.id}"]
    text = client.get(path).content.decode()
    assert "正在读表" in text
    assert 'hx-trigger="every 1s"' in text
    assert "可以先离开" in text
    assert f"{HOME}drafts/{draft.id}/" in client.get(HOME).content.decode()


def test_a_draft_is_dropped(signed, county, data_officer):
    draft = bring(data_officer, FLAT)
    answer = signed(data_officer).post(f"{HOME}drafts/{draft.id}/drop/")
    assert answer["Location"] == f"{HOME}?done=drop"
    assert ImportDraft.objects.count() == 0


def test_a_body_beyond_every_bound_is_not_taken_in(signed, county, data_officer, monkeypatch):
    monkeypatch.setattr(middleware, "MOST_UPLOADED", 1 << 10)
    answer = drop(signed(data_officer), FLAT)
    assert (answer.status_code, ImportDraft.objects.count()) == (413, 0)
    assert "太大" in answer.content.decode()


def test_the_register_is_exported_for_a_purpose(signed, county, data_officer, household):
    client = signed(data_officer)
    typed = {"place": cast.EAST, "whole": "1"}
    asked = client.post(f"{HOME}export/", typed)
    assert "这份表里有 3 人，姓名和号码不隐去" in asked.content.decode()
    where = f"{HOME}export/?place={cast.EAST}&whole=1"
    assert where.replace("&", "&amp;") in asked.content.decode()
    assert client.post(where, {"purpose": ""}).status_code == 422
    answer = client.post(where, {"purpose": "check"})
    assert answer.content[:2] == b"PK"
    assert "刘武林" not in answer["Content-Disposition"]
