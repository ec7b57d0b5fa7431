"""The ledger and the versions: who is told, who is not, once per batch, never backwards."""

import pytest
from django.db import transaction

from lianhu.audit.actions import gathered, load_versions, raise_users, record
from lianhu.audit.models import Entry, Version
from lianhu.audit.queries import epoch, versions
from lianhu.territory.queries.ledger import list_entries
from tests import cast
from tests.matters.helpers import GRIDS, raised

AT = {"at": cast.NOON}


def _record(actor, place, **more):
    record(actor, "test.do", "thing", "1", place, **AT, **more)


@pytest.mark.parametrize(
    ("place", "more", "rose"),
    [
        (cast.EAST_GRID, {}, {cast.EAST_GRID}),
        (cast.EAST_GROUP, {}, {cast.EAST_GRID, cast.EAST_GRID_2}),
        (cast.COUNTY, {}, set(GRIDS)),
        (cast.EAST_GRID, {"quiet": True}, set()),
        (cast.EAST_GRID, {"row_class": "sensitive"}, set()),
        (cast.COUNTY, {"row_class": "about_official"}, set()),
    ],
)
def test_record_raises_what_phones_hold_of_it(secretary_east, place, more, rose):
    before = versions(GRIDS)
    _record(secretary_east, place, **more)
    assert set(raised(before)) == rose


def test_a_persons_own_version_starts_and_rises(warden):
    key = f"user:{warden.id}"
    assert versions([key]) == {key: 0}
    raise_users([warden.id])
    first = versions([key])[key]
    raise_users([warden.id, warden.id])
    assert first >= 1
    assert versions([key])[key] == first + 1


def test_a_first_version_takes_no_more_queries_than_the_next(
    warden, warden_west, django_assert_num_queries
):
    raise_users([warden.id])
    for people in ([warden.id], [warden_west.id], [warden.id, warden_west.id]):
        with django_assert_num_queries(1):
            raise_users(people)
    key = f"user:{warden.id}"
    assert versions([key, f"user:{warden_west.id}"]) == {key: 3, f"user:{warden_west.id}": 2}


def test_a_batch_raises_each_version_once(secretary_east):
    before = versions(GRIDS)
    with transaction.atomic(), gathered():
        for _ in range(5):
            _record(secretary_east, cast.EAST_GRID)
        assert raised(before) == {}
    assert raised(before) == {cast.EAST_GRID: 1}


def test_a_batch_that_fails_raises_nothing(secretary_east):
    before = versions(GRIDS)
    with pytest.raises(ZeroDivisionError), transaction.atomic(), gathered():  # noqa: PT012
        _record(secretary_east, cast.EAST_GRID)
        _ = 1 / 0
    assert raised(before) == {}
    _record(secretary_east, cast.EAST_GRID)  # and gathers no more
    assert raised(before) == {cast.EAST_GRID: 1}


def test_load_versions_keeps_what_is_there(places):
    Version.objects.filter(key=cast.EAST_GRID).update(number=7)
    load_versions([cast.EAST_GRID, "new"])
    assert versions([cast.EAST_GRID, "new"]) == {cast.EAST_GRID: 7, "new": 1}


def test_epoch_is_made_once(db):
    assert epoch() == epoch()


def test_the_ledger_is_read_by_place_and_class(
    secretary_east, secretary_west, officer_county, data_officer, warden
):
    Entry.objects.all().delete()
    _record(secretary_east, cast.EAST_GRID)
    _record(officer_county, cast.COUNTY, row_class="about_official")
    counts = {
        actor.name: list_entries(actor).count()
        for actor in (secretary_east, secretary_west, officer_county, data_officer, warden)
    }
    assert counts == {"李东": 1, "王西": 0, "吴纪": 2, "褚数据": 1, "陈户长": 0}


def test_an_entry_outlives_whom_it_names(secretary_east):
    _record(secretary_east, cast.EAST_GRID, words="x")
    entry = Entry.objects.latest("id")
    assert (entry.actor_name, entry.facts) == ("李东", {"words": "x"})
    assert not [f for f in Entry._meta.fields if f.is_relation]
