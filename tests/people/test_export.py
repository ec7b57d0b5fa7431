"""A register comes out in the shape in which it went in; import, export, import changes nothing."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from lianhu.audit.models import Entry
from lianhu.cli import main
from lianhu.people.actions.export import export_register
from lianhu.people.actions.imports import import_register, preview_import
from lianhu.people.actions.undo import undo_import
from lianhu.people.models import Household, Person
from lianhu.people.register.read import read_register
from tests import cast
from tests.matters.helpers import AT, code_of
from tests.people.register.making import Maker
from tests.people.test_imports import FLAT, MIXED, OLD, county, load

__all__ = ["county"]


def snapshot():
    """Everything of the register that an import writes."""
    rows = Person.objects.select_related("household").order_by("name", "id")
    return sorted(
        (
            p.name, p.relation, p.sex, str(p.born_on), p.born_month, p.residence, p.id_number,
            p.phone, *p.more_phones, p.place_id, p.household.code, p.household.head_name,
            p.household.address, p.household.size, p.household.place_id,
        )
        for p in rows
    )  # fmt: skip


def homes_of(people):
    """Names by household, whatever the households' identifiers."""
    found = {}
    for person in people:
        found.setdefault(person.household_id, []).append(person.name)
    return sorted(sorted(names) for names in found.values())


def out_and_in(actor, folder, place=cast.COUNTY):
    path = Path(folder, "out.xlsx")
    export_register(actor, place, path, "handover", whole=True, **AT)
    return path, preview_import(actor, read_register(path, today=cast.TODAY), place)


@given(st.integers(0, 10_000))
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_import_then_export_then_import_changes_nothing(county, data_officer, seed):
    with TemporaryDirectory() as folder, transaction.atomic():
        made = Maker(seed, Path(folder)).write().path
        _, entry = load(data_officer, made)
        before = snapshot()
        path, again = out_and_in(data_officer, folder)
        assert again.said["new"]["persons"] == 0
        assert again.said["new"]["households"] == 0
        assert again.said["elsewhere"] == []
        assert snapshot() == before
        # And into an empty register it gives the same register.
        grouped = homes_of(Person.objects.order_by("id"))
        undo_import(data_officer, entry.id, **AT)
        fresh = preview_import(data_officer, read_register(path, today=cast.TODAY), cast.COUNTY)
        import_register(data_officer, fresh, "0" * 64, **AT)
        assert snapshot() == before
        assert homes_of(Person.objects.order_by("id")) == grouped
        transaction.set_rollback(True)


@pytest.mark.parametrize("path", [FLAT, MIXED, OLD], ids=lambda path: path.stem)
def test_the_open_workbooks_come_back_the_same(county, data_officer, tmp_path, path):
    load(data_officer, path)
    before = snapshot()
    _, again = out_and_in(data_officer, tmp_path)
    assert (again.said["new"]["persons"], again.said["elsewhere"]) == (0, [])
    assert snapshot() == before


def test_nothing_in_the_file_runs(secretary_east, data_officer, places, tmp_path):
    cast.make_household(head="=1+1", code="=HYPERLINK(1)")
    path, _ = out_and_in(data_officer, tmp_path)
    [_, row] = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert "=1+1" in row
    assert "=HYPERLINK(1)" in row
    assert b"<f>" not in path.read_bytes()


def test_masked_unless_whole_is_asked_for_and_allowed(
    data_officer, secretary_east, household, tmp_path
):
    path, head = tmp_path / "out.xlsx", cast.head_of(household)
    call = (export_register, secretary_east, cast.EAST, path)
    assert code_of(*call, "check", whole=True) == "account.not_permitted"
    assert code_of(*call, "curious", whole=False) == "register.no_purpose"
    assert not path.exists()
    assert export_register(*call[1:], "check", whole=False, **AT) == 3
    said = str(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python())
    for secret in ("刘武林", head.id_number, head.phone, "1950-05-01"):
        assert secret not in said
    assert "刘*林" in said
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts) == (
        "register.export", cast.EAST, {"rows": 3, "purpose": "check", "whole": False},
    )  # fmt: skip


def test_export_refuses_the_next_village(secretary_west, warden, household, tmp_path):
    path = tmp_path / "out.xlsx"
    for actor in (secretary_west, warden):
        call = (export_register, actor, cast.EAST, path, "check")
        assert code_of(*call, whole=False) == "account.not_permitted"
    assert not path.exists()


def test_who_ended_is_left_out(data_officer, household, tmp_path):
    Household.objects.update(ended_on=cast.TODAY)
    path = tmp_path / "out.xlsx"
    found = export_register(data_officer, cast.COUNTY, path, "check", whole=False, **AT)
    assert found == 0
    assert CalamineWorkbook.from_path(path).sheet_names == ["没有登记", "导出说明"]


def test_the_command_exports_what_it_imports(county, tmp_path):
    path = tmp_path / "out.xlsx"
    run = CliRunner().invoke
    words = ["register", "import", str(FLAT), "--place", cast.COUNTY, "--json"]
    assert run(main, words).exit_code == 0
    out = run(main, ["register", "export", str(path), "--place", cast.COUNTY, "--json"])
    assert json.loads(out.output) == {"persons": 132}
    again = json.loads(run(main, [*words[:2], str(path), *words[3:]]).output)
    assert (again["import"], again["already"]) == (None, {"households": 34, "persons": 132})
    bad = run(main, ["register", "export", str(path), "--place", "x"])
    assert bad.exit_code == 1
