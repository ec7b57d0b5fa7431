"""From grants to an actor: terms, several grants, and nothing."""

from datetime import date, timedelta

import pytest

from lianhu.accounts.models import Grant, User
from lianhu.accounts.queries.actors import actor_for, public_actor
from lianhu.accounts.queries.devices import list_devices
from lianhu.accounts.queries.staff import get_staff, list_staff
from lianhu.kernel.errors import NotPermitted
from tests import cast

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (cast.LONG_AGO - DAY, False),
        (cast.LONG_AGO, True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_a_grant_holds_from_its_first_to_its_last_day(places, day, held):
    user = cast.make_user("某")
    cast.make_grant(user, "secretary", cast.EAST, cast.COMMITTEE, ends_on=date(2026, 6, 30))
    actor = actor_for(user, on=day)
    assert actor.holds("matter.accept", cast.EAST) is held
    assert (cast.COMMITTEE in actor.offices) is held
    assert (actor.roles == ("secretary",)) is held


def test_two_grants_add_up_without_mixing_their_places(places):
    actor = cast.make_actor("某", ("secretary", cast.EAST), ("supervisor", cast.WEST))
    assert actor.holds("matter.verify", cast.WEST)
    assert not actor.holds("matter.close", cast.WEST)
    assert actor.roles == ("secretary", "supervisor")


def test_an_unknown_role_in_the_data_gives_nothing(places):
    user = cast.make_user("某")
    Grant.objects.create(user=user, role="king", place_id=cast.COUNTY, starts_on=cast.LONG_AGO)
    assert actor_for(user, on=cast.TODAY).scopes == {}


def test_actor_for_costs_two_queries(secretary_east, django_assert_num_queries):
    user = User.objects.get(id=secretary_east.id)
    with django_assert_num_queries(2):
        actor_for(user, on=cast.TODAY)


def test_public_actor_may_only_report(places):
    assert public_actor(cast.EAST).scopes == {"matter.report": (cast.EAST,)}


def test_staff_and_devices_stop_at_the_village(
    secretary_east, secretary_west, warden, warden_west
):
    cast.make_device(warden)
    cast.make_device(warden_west)
    names = {g.user.name for g in list_staff(secretary_east, on=cast.TODAY)}
    assert names == {"李东", "陈户长"}
    assert {d.user_id for d in list_devices(secretary_east)} == {warden.id}
    assert {d.user_id for d in list_devices(secretary_west)} == {warden_west.id}
    with pytest.raises(NotPermitted):
        get_staff(secretary_west, warden.id)
    assert get_staff(secretary_east, warden.id).name == "陈户长"


def test_residents_are_not_staff(secretary_east, resident):
    assert {g.user.name for g in list_staff(secretary_east, on=cast.TODAY)} == {"李东"}
