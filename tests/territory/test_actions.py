"""Changing the divisions: refusals, history, ledger and versions."""

import pytest

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.territory.actions import (
    add_place,
    convert_place,
    make_place,
    merge_place,
    rename_place,
)
from lianhu.territory.models import Place
from lianhu.territory.queries import get_place
from tests import cast

WHEN = {"on": cast.TODAY, "at": cast.NOON}


def _code(call, *args, **kwargs):
    with pytest.raises(Refusal) as refused:
        call(*args, **(WHEN | kwargs))
    return refused.value.code


@pytest.mark.parametrize(
    ("code", "name", "refusal"),
    [
        ("61092110420", "短", "place.bad_code"),
        ("61092110420x", "字母", "place.bad_code"),
        ("６１０９２１１０４２０９", "全角", "place.bad_code"),
        ("610921104209", "  ", "place.bad_code"),
        ("610922", "别县", "place.bad_code"),
        ("610921999001", "没有这个镇", "place.not_found"),
        (cast.EAST, "已有", "place.exists"),
    ],
)
def test_add_place_refuses(data_officer, code, name, refusal):
    assert _code(add_place, data_officer, code, name) == refusal


def test_rename_place_keeps_the_old_name_and_raises_the_grids_below(data_officer):
    grids = [cast.EAST_GRID, cast.WEST_GRID]
    before = versions(grids)
    rename_place(data_officer, cast.EAST, "双乳新村", **WHEN)
    after = versions(grids)
    assert get_place(cast.EAST).name == "双乳新村"
    change = Place.objects.get(code=cast.EAST).changes.get()
    assert (change.kind, change.old_name, change.new_name) == ("renamed", "双乳村", "双乳新村")
    assert [after[g] - before[g] for g in grids] == [1, 0]
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts) == (
        "place.rename", cast.EAST, {"old": "双乳村", "new": "双乳新村"},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "  ", "长" * 51])
def test_rename_place_refuses_a_bad_name(data_officer, name):
    assert _code(rename_place, data_officer, cast.EAST, name) == "place.bad_name"


def test_merge_place_refuses_what_is_not_alike(data_officer):
    for into in (cast.EAST, cast.WEST, cast.EAST_TOWN, cast.EAST_GROUP):
        assert _code(merge_place, data_officer, cast.EAST, into) == "place.not_alike"


def test_merge_place_refuses_an_ended_place(data_officer):
    merge_place(data_officer, cast.EAST, cast.NEIGHBOUR, **WHEN)
    assert _code(merge_place, data_officer, cast.EAST, cast.NEIGHBOUR) == "place.ended"
    assert _code(merge_place, data_officer, cast.NEIGHBOUR, cast.EAST) == "place.ended"
    assert _code(rename_place, data_officer, cast.EAST, "新") == "place.ended"


def test_convert_place_leaves_nothing_behind_when_refused(data_officer):
    count = Place.objects.count()
    assert _code(convert_place, data_officer, cast.EAST, cast.WEST, "别") == "place.exists"
    assert (
        _code(convert_place, data_officer, cast.EAST, "610921107009", "别") == "place.not_alike"
    )
    assert Place.objects.count() == count


@pytest.mark.parametrize("who", ["secretary_east", "officer_town", "officer_county", "warden"])
def test_only_the_data_officer_changes_divisions(request, who):
    actor = request.getfixturevalue(who)
    assert _code(rename_place, actor, cast.EAST, "我的村") == "place.not_found"
    assert _code(merge_place, actor, cast.EAST, cast.NEIGHBOUR) == "place.not_found"
    assert _code(add_place, actor, "610921104209", "新村") == "place.not_found"


def test_an_unknown_place_refuses(data_officer):
    with pytest.raises(NotPermitted):
        get_place("610921999")
    assert _code(rename_place, data_officer, "610921999", "无") == "place.not_found"
    with pytest.raises(Refusal):
        make_place("61", "短")
