"""What a connection is told it may see: PostgreSQL's own answer to a forgotten `reach()`."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path

from lianhu.audit.models import Entry
from lianhu.kernel.scope import (
    NOTHING,
    WHOLE,
    Whole,
    current,
    narrow_to,
    one_request,
    whole_county,
    widest,
)
from lianhu.people.models import Household, Person
from lianhu.web.actor import actor_of
from tests import cast

guarded = pytest.mark.skipif(
    not settings.LIANHU_GUARDED, reason="only in the guarded part, on PostgreSQL"
)
SECRETS = (cast.EAST_GRID, cast.EAST_GRID_2, cast.WEST_GRID)


def forgotten(request: HttpRequest) -> JsonResponse:
    """A view of somebody who forgot reach()."""
    actor_of(request)
    return JsonResponse({"places": _places()})


def nobody(request: HttpRequest) -> JsonResponse:
    """A view that does not even ask who is there."""
    return JsonResponse({"places": _places()})


urlpatterns = [path("forgotten", forgotten), path("nobody", nobody)]


def _places() -> list[str]:
    homes = set(Household.objects.values_list("place_id", flat=True))
    return sorted(homes & set(Person.objects.values_list("place_id", flat=True)))


@pytest.fixture
def homes(places):
    for grid in SECRETS:
        cast.make_household(grid)


def _asked(actor, address, settings):
    settings.ROOT_URLCONF = __name__
    return cast.enter(Client(), actor.id).get(address).json()["places"]


@guarded
def test_a_forgotten_reach_shows_a_warden_his_own_grid_only(homes, warden, settings):
    assert _asked(warden, "/forgotten", settings) == [cast.EAST_GRID]


@guarded
def test_a_forgotten_reach_refuses_the_next_village(homes, secretary_east, settings):
    wanted = sorted([cast.EAST_GRID, cast.EAST_GRID_2])
    assert _asked(secretary_east, "/forgotten", settings) == wanted


@guarded
def test_a_forgotten_reach_still_shows_the_county_its_county(homes, leader_county, settings):
    assert _asked(leader_county, "/forgotten", settings) == sorted(SECRETS)


@guarded
def test_a_view_that_asks_nobody_who_is_there_shows_nothing(homes, leader_county, settings):
    assert _asked(leader_county, "/nobody", settings) == []


@guarded
def test_a_code_covers_no_longer_code_that_merely_begins_so(homes, warden):
    actor = type(warden)(id=warden.id, name="", scopes={"x": (cast.EAST[:11], cast.EAST + "0")})
    with one_request():
        narrow_to(actor)
        assert _places() == []


@guarded
def test_nothing_is_written_where_nothing_is_seen(homes, warden):
    other = Household.objects.get(place_id=cast.WEST_GRID)
    with one_request():
        narrow_to(warden)
        assert not Household.objects.filter(id=other.id).update(address="改了")
        assert Household.objects.filter(id=other.id).delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Household.objects.create(place_id=cast.WEST_GRID, code="1", head_name="无")
    other.refresh_from_db()
    assert other.address != "改了"


@guarded
def test_the_ledger_takes_entries_and_no_change(warden):
    assert Entry.objects.exists() or cast.make_matter(warden)
    for change in (lambda rows: rows.update(actor_name="无"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change(Entry.objects.all())


def _fail_after(seen: list[str]) -> None:
    assert _places() == seen
    raise ZeroDivisionError


@guarded
def test_a_scope_told_inside_a_savepoint_that_is_undone_is_told_again(
    homes, warden, warden_west
):
    with one_request(), transaction.atomic():
        narrow_to(warden)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            _fail_after([cast.EAST_GRID])
        assert _places() == [cast.EAST_GRID]


@guarded
def test_the_whole_county_is_seen_inside_its_block_alone(homes, warden):
    with one_request() as used:
        narrow_to(warden)
        with pytest.raises(ZeroDivisionError), whole_county(Whole.COPIES):
            _fail_after(sorted(SECRETS))
        assert _places() == [cast.EAST_GRID]
        assert used == {"COPIES"}


@guarded
def test_a_statement_that_fails_leaves_no_scope_behind(homes, warden):
    with one_request():
        narrow_to(warden)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        assert _places() == [cast.EAST_GRID]
    with connection.cursor() as cursor, one_request():
        cursor.execute("SELECT current_setting('lianhu.scope', true)")
        assert cursor.fetchone()[0] == ""


def test_a_request_begins_with_nothing_and_leaves_nothing(warden):
    assert current() is WHOLE
    with one_request():
        assert current() is NOTHING
        narrow_to(warden)
        assert current().codes == (cast.EAST_GRID,)
    assert current() is WHOLE


def test_widest_keeps_no_code_below_another():
    codes = [cast.EAST_GRID, cast.EAST, cast.WEST_GRID, cast.EAST]
    assert widest(codes) == (cast.EAST, cast.WEST_GRID)
