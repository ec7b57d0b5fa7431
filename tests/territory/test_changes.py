"""The 23 real changes of 2019-2023 on the whole real county: no row orphaned, old codes resolve."""

import csv
from datetime import date
from itertools import pairwise

import pytest

from lianhu.accounts.queries.actors import actor_for
from lianhu.kernel.catalogue import ROOT
from lianhu.matters.models import Matter
from lianhu.matters.queries.lists import Filter, list_matters
from lianhu.matters.queries.one import get_matter
from lianhu.people.models import Household
from lianhu.people.queries import list_households
from lianhu.postings.queries import grids_under
from lianhu.territory.actions import (
    add_place,
    convert_place,
    load_places,
    make_place,
    merge_place,
    rename_place,
)
from lianhu.territory.models import Place, PlaceChange
from lianhu.territory.queries import get_place, list_children, list_places, path_of
from tests import cast

DATA = ROOT / "territory" / "610921"
TOWN, OLD, NEW = "610921100", "610921100201", "610921100009"
OLD_2, NEW_2 = "610921100202", "610921100010"
OLD_GRID = f"{OLD}01001"


def _rows(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def county(db):
    """The 161 places of 2019, with one group and one grid in each village."""
    rows = _rows("divisions.csv")
    load_places(
        make_place(r["code"], r["name"], is_community=r["level"] == "community") for r in rows
    )
    villages = [r["code"] for r in rows if len(r["code"]) == 12]
    load_places(make_place(f"{code}01", "一组") for code in villages)
    load_places(make_place(f"{code}01001", "一网格") for code in villages)
    return rows


@pytest.fixture
def officer(county):
    return cast.make_actor("褚数据", ("data", cast.COUNTY))


def _secretary(code, name="旧支书"):
    return cast.make_actor(name, ("secretary", code, f"{code}:committee"))


def _play(officer):
    changes = _rows("changes.csv")
    heirs = {r["successor"]: r["code"] for r in changes if r["successor"]}
    for row in changes:
        code, on = row["code"], date.fromisoformat(row["effective_on"])
        if row["change"] == "renamed":
            rename_place(officer, code, row["new_name"], on=on, at=cast.NOON)
        elif row["change"] == "added" and code in heirs:
            convert_place(officer, heirs[code], code, row["new_name"], on=on, at=cast.NOON)
        elif row["change"] == "added":
            add_place(officer, code, row["new_name"], on=on, at=cast.NOON, is_community=True)
        else:
            assert heirs[row["successor"]] == code  # its conversion was played already


def test_the_23_real_changes_lead_to_the_edition_of_2023(officer):
    before = set(Place.objects.values_list("code", flat=True))
    villages = list_places("village")
    assert (villages.filter(is_community=False).count(), villages.count()) == (141, 150)
    _play(officer)
    assert (villages.filter(is_community=False).count(), villages.count()) == (139, 160)
    assert before <= set(Place.objects.values_list("code", flat=True))
    kinds = list(PlaceChange.objects.order_by("kind").values_list("kind", flat=True))
    assert [kinds.count(k) for k in ("added", "renamed", "converted")] == [12, 9, 2]
    assert not list_places("group").exclude(parent__ended_on=None).exists()
    assert get_place("610921104001").name == "集镇社区"
    assert PlaceChange.objects.filter(place_id="610921104001").count() == 2


@pytest.mark.parametrize(("old", "new"), [(OLD, NEW), (OLD_2, NEW_2)])
def test_a_conversion_keeps_every_row_and_the_old_code_resolves(officer, old, new):
    grid = f"{old}01001"
    household = cast.make_household(grid, "果园人")
    secretary = _secretary(old)
    matter = cast.make_matter(secretary, place=grid)
    _play(officer)
    assert get_place(old).code == new
    assert Household.objects.get(id=household.id).place_id == grid
    assert Matter.objects.get(id=matter.id).place_id == grid
    assert [p.code for p in path_of(grid)] == [cast.COUNTY, TOWN, new, f"{old}01", grid]
    assert [p.code for p in list_children(new)] == [f"{old}01"]
    assert grids_under([new]) == []  # its own prefix is new
    assert [p.code for p in list_places("grid", old)] == [grid]


def test_a_secretary_granted_on_the_old_code_still_reaches_old_and_new(officer):
    household = cast.make_household(OLD_GRID, "果园人")
    user = _secretary(OLD).id
    _play(officer)
    secretary = cast.actor_again(user)
    assert list(list_households(secretary)) == [household]
    assert secretary.holds("matter.accept", NEW)
    assert f"{NEW}:committee" in secretary.offices


def test_the_successors_secretary_reaches_the_old_rows_and_their_office(officer):
    household = cast.make_household(OLD_GRID, "果园人")
    before = cast.make_matter(_secretary(OLD), place=OLD_GRID)
    _play(officer)
    secretary = _secretary(NEW, "新支书")
    after = cast.make_matter(secretary, place=OLD_GRID)
    assert list(list_households(secretary)) == [household]
    assert {m.id for m in (get_matter(secretary, before.id), after)} == {before.id, after.id}
    wanted = Filter(queue="office")
    assert set(list_matters(secretary, wanted, today=cast.TODAY)) == {before, after}
    assert grids_under(list(secretary.scopes["phone.use"])) == [OLD_GRID]


def test_the_neighbours_secretary_reaches_neither(officer):
    cast.make_household(OLD_GRID, "果园人")
    _play(officer)
    neighbour = _secretary("610921100203", "邻")
    assert list(list_households(neighbour)) == []
    assert not neighbour.holds("matter.accept", NEW)


def test_a_chain_of_mergers_resolves_to_the_last(officer):
    places = [f"{TOWN}20{n}" for n in (3, 4, 5)]
    first = _secretary(places[0])
    for old, into in pairwise(places):
        merge_place(officer, old, into, on=cast.TODAY, at=cast.NOON)
    assert get_place(places[0]).code == places[2]
    last = _secretary(places[2], "末")
    assert set(last.scopes["matter.read"]) == set(places)
    assert set(cast.actor_again(first.id).scopes["matter.read"]) >= {places[0], places[2]}
    assert actor_for(_user(last), on=cast.TODAY) == last


def _user(actor):
    return cast.User.objects.get(id=actor.id)
