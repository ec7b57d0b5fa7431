"""Workbooks that harm are refused whole, within bounds of memory; what runs elsewhere is text here."""

import zipfile
from datetime import date

import pytest
from django.db import connection

from lianhu.people.register.annotate import write_findings
from lianhu.people.register.read import read_register
from tests.hostile import old_workbooks
from tests.hostile.measured import TODAY, measured
from tests.hostile.workbooks import CANARY, REFUSED, TAKEN, pack, parts, person, sheet

# Megabytes that the whole process may ask the kernel for; what is refused may hold far less.
MOST, HELD = 1_500, 300
pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="no database is asked; once is enough"
)
DAY = date.fromisoformat(TODAY)


def read(path):
    return read_register(path, today=DAY)


@pytest.mark.parametrize("name", REFUSED)
def test_a_workbook_that_harms_is_refused_and_takes_nothing_here(tmp_path, name):
    kind, write = REFUSED[name]
    cost = measured("register", write(tmp_path / "x.xlsx"), MOST)
    assert cost.answer == {"readable": False, "persons": 0, "kinds": [kind]}
    assert cost.grown < HELD


@pytest.mark.parametrize("name", old_workbooks.REFUSED)
def test_an_old_workbook_that_harms_is_refused_and_takes_nothing_here(tmp_path, name):
    path = old_workbooks.REFUSED[name](tmp_path / "x.xls")
    assert path.stat().st_size < 8_000_000
    cost = measured("register", path, MOST)
    assert cost.answer == {"readable": False, "persons": 0, "kinds": ["too_large"]}
    assert cost.grown < HELD


def test_an_old_workbook_made_by_the_same_means_is_read(tmp_path):
    found = read(old_workbooks.TAKEN(tmp_path / "x.xls"))
    assert [person.name for person in found.rows] == ["王伟"]


@pytest.mark.parametrize("name", TAKEN)
def test_what_runs_elsewhere_is_a_table_here(tmp_path, name):
    cost = measured("register", TAKEN[name](tmp_path / "x.xlsx"), MOST)
    assert (cost.answer["readable"], cost.answer["persons"] >= 1) == (True, True)
    assert cost.grown < HELD


def test_an_archive_of_workbooks_is_none(tmp_path):
    inner = pack(tmp_path / "a.xlsx", parts(sheet(person())))
    outer = pack(tmp_path / "x.xlsx", {"a.xlsx": inner.read_bytes()})
    assert [p.kind for p in read(outer).problems] == ["not_a_workbook"]


@pytest.mark.parametrize("length", [32_767, 32_768, 40_000, 3_000_000])
def test_a_cell_of_any_length_is_told_or_taken(tmp_path, length):
    path = pack(tmp_path / "x.xlsx", parts(sheet(person(remark="字" * length))))
    found = read(path)
    kinds = [] if length <= 32_767 else ["text_too_long"]
    assert [p.kind for p in found.problems] == kinds
    write_findings(path, found, tmp_path / "out.xlsx")
    assert [p.kind for p in read(tmp_path / "out.xlsx").problems] == []


INERT = (
    f'=HYPERLINK("http://127.0.0.1:9/{CANARY}")', "=cmd|'/C calc'!A0", "@SUM(1)", "+1+cmd|'/C x'!A",
    "-2+3+cmd|'/C x'!A0", f'=WEBSERVICE("http://127.0.0.1:9/{CANARY}")', "=1+1", "\t=1+1",
    "\r=1+1", "=IMPORTXML(1,2)", f"http://127.0.0.1:9/{CANARY}", "＝1+1",
)  # fmt: skip


@pytest.mark.parametrize("text", INERT)
def test_a_text_that_looks_like_a_formula_comes_back_as_a_text(tmp_path, text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#13;")
    path = pack(tmp_path / "x.xlsx", parts(sheet(person(name=escaped), person(remark=escaped))))
    found = read(path)
    write_findings(path, found, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        every = {name: archive.read(name) for name in archive.namelist()}
    sheets = b"".join(content for name, content in every.items() if "worksheets/" in name)
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets
    assert not any("externalLink" in name for name in every)
    assert not any(CANARY.encode() in every[name] for name in every if name.endswith(".rels"))
    assert b't="s"' in sheets
