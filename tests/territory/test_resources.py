"""What there is at a place: kept by the village, told to its grids, private numbers by consent."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.kernel.errors import Refusal
from lianhu.territory.actions import (
    Wished,
    add_place,
    add_resource,
    change_resource,
    end_resource,
    merge_place,
)
from lianhu.territory.models import Resource
from lianhu.territory.queries.resources import list_resources, resources_of_grids
from lianhu.territory.rules import resource_kinds, resource_sorts
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, raised

DOCTOR = Wished("doctor", " 双乳村  卫生室 ", "白天在", "0915-5550101")
SLOPE = Wished("landslide", "屋后陡坡", "下大雨不要走坡下")
REPAIR = Wished(
    "repair", "王师傅", phone="13800001111", is_private=True, consent_on=cast.TODAY,
    consent_words="当面说的",
)  # fmt: skip


def test_every_kind_is_of_a_sort_that_has_words():
    sorts = [kind.sort for kind in resource_kinds().values()]
    assert set(sorts) == set(resource_sorts())
    assert sorts == sorted(sorts, key=list(resource_sorts()).index)


def test_add_resource_is_told_to_every_grid_below(secretary_east):
    before = versions(GRIDS)
    row = add_resource(secretary_east, cast.EAST, DOCTOR, **AT)
    assert (row.name, row.phone) == ("双乳村 卫生室", "0915-5550101")
    assert b"5550101" not in bytes(Resource.objects.get(id=row.id).phone_sealed)
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts) == (
        "resource.add", cast.EAST, {"kind": "doctor"},
    )  # fmt: skip
    east = {g for g in GRIDS if g.startswith(cast.EAST)}
    assert set(raised(before)) == east
    add_resource(secretary_east, cast.EAST_GRID, SLOPE, **AT)
    told = resources_of_grids(secretary_east, sorted(east))
    assert [r.kind for r in told[cast.EAST_GRID]] == ["doctor", "landslide"]
    assert [r.kind for r in told[cast.EAST_GRID_2]] == ["doctor"]


def test_resources_refuse_the_next_village(
    secretary_east, secretary_west, secretary_neighbour, warden, officer_town, warden_west
):
    row = add_resource(secretary_east, cast.EAST, DOCTOR, **AT)
    for actor in (secretary_west, secretary_neighbour, warden, officer_town):
        assert code_of(add_resource, actor, cast.EAST, DOCTOR) == "place.not_found"
        assert code_of(change_resource, actor, row.id, DOCTOR) == "resource.not_found"
        assert code_of(end_resource, actor, row.id, cast.TODAY, "") == "resource.not_found"
    assert not list_resources(secretary_west, under=cast.EAST).exists()
    assert resources_of_grids(warden_west, [cast.EAST_GRID]) == {}
    assert [r.id for r in resources_of_grids(warden, [cast.EAST_GRID])[cast.EAST_GRID]] == [
        row.id
    ]


@pytest.mark.parametrize(
    ("wished", "code"),
    [
        (Wished("castle", "x"), "resource.unknown_kind"),
        (Wished("landslide", " \x00 "), "resource.no_name"),
        (Wished("doctor", "村医"), "resource.no_phone"),
        (Wished("doctor", "村医", phone="call me"), "resource.bad_phone"),
        (Wished("repair", "王师傅", phone="13800001111", is_private=True), "resource.no_consent"),
        (
            Wished("repair", "王", phone="13800001111", is_private=True,
                   consent_on=cast.TODAY + timedelta(days=1), consent_words="口头"),
            "resource.no_consent",
        ),
        (
            Wished("repair", "王", phone="13800001111", is_private=True, consent_on=cast.TODAY),
            "resource.no_consent",
        ),
    ],
)  # fmt: skip
def test_add_resource_refuses_what_cannot_stand(secretary_east, wished, code):
    assert code_of(add_resource, secretary_east, cast.EAST, wished) == code
    assert not Resource.objects.exists()


def test_nothing_is_kept_wider_than_a_village(officer_county, secretary_east):
    assert code_of(add_resource, secretary_east, cast.EAST_TOWN, SLOPE) == "place.not_found"


def test_change_keeps_what_stood_before(secretary_east):
    old = add_resource(secretary_east, cast.EAST, DOCTOR, **AT)
    new = change_resource(
        secretary_east, old.id, Wished("doctor", "新卫生室", phone="0915 5550102"), **AT
    )
    assert (new.replaces_id, new.phone) == (old.id, "0915 5550102")
    assert [r.id for r in list_resources(secretary_east, under=cast.EAST)] == [new.id]
    (past,) = list_resources(secretary_east, under=cast.EAST, ended=True)
    assert (past.name, past.ended_on, past.ended_by_name, past.phone) == (
        "双乳村 卫生室", cast.TODAY, "李东", "0915-5550101",
    )  # fmt: skip
    assert code_of(change_resource, secretary_east, old.id, DOCTOR) == "resource.not_found"


def test_a_private_number_goes_when_it_ends(secretary_east):
    row = add_resource(secretary_east, cast.EAST, REPAIR, **AT)
    assert (row.phone, row.consent_words) == ("13800001111", "当面说的")
    end_resource(secretary_east, row.id, cast.TODAY, "本人不同意了", **AT)
    row.refresh_from_db()
    assert (row.phone, row.end_words, row.ended_on) == ("", "本人不同意了", cast.TODAY)
    other = add_resource(secretary_east, cast.EAST, REPAIR, **AT)
    change_resource(secretary_east, other.id, DOCTOR, **AT)
    other.refresh_from_db()
    assert other.phone == ""


def test_the_database_too_wants_consent(secretary_east):
    row = add_resource(secretary_east, cast.EAST, REPAIR, **AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.filter(id=row.id).update(consent_on=None)


@pytest.mark.parametrize("days", [1, -1])
def test_end_refuses_a_day_that_cannot_be(secretary_east, days):
    row = add_resource(secretary_east, cast.EAST, DOCTOR, **AT)
    with pytest.raises(Refusal) as refused:
        end_resource(secretary_east, row.id, cast.TODAY + timedelta(days=days), "", **AT)
    assert refused.value.code == "resource.bad_day"


def test_an_ended_grids_resources_go_on_in_its_heir(secretary_east, data_officer):
    add_resource(secretary_east, cast.EAST_GRID, SLOPE, **AT)
    merge_place(data_officer, cast.EAST_GRID, cast.EAST_GRID_2, on=cast.TODAY, **AT)
    told = resources_of_grids(secretary_east, [cast.EAST_GRID_2])
    assert [r.name for r in told[cast.EAST_GRID_2]] == ["屋后陡坡"]
    add_place(data_officer, f"{cast.EAST_GROUP}009", "三组九网格", on=date(2026, 11, 1), **AT)
    fresh = f"{cast.EAST_GROUP}009"
    assert resources_of_grids(secretary_east, [fresh]) == {fresh: []}


@pytest.mark.parametrize("rows", [1, 3])
def test_resources_cost_two_queries(secretary_east, rows, django_assert_num_queries):
    grids = [cast.EAST_GRID, cast.EAST_GRID_2, cast.EAST_FAR_GRID][:rows]
    for grid in grids:
        add_resource(secretary_east, grid, SLOPE, **AT)
    with django_assert_num_queries(2):
        told = resources_of_grids(secretary_east, grids)
    assert [len(found) for found in told.values()] == [1] * rows
    with django_assert_num_queries(1):
        assert len(list_resources(secretary_east, under=cast.EAST)) == rows
