"""Enrolled phones as a list: whose, since when, ended or not; never how much they are used."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lianhu.accounts.models import Device
from lianhu.audit.models import Entry
from tests import cast
from tests.desk.test_export import _rows

PATH = "/desk/devices/"


def _seen(client, **query):
    page = client.get(PATH, query)
    assert page.status_code == 200
    return [row.name for row in page.context["sheet"].rows]


def test_devices_filter_by_state_name_and_place_and_come_in_order(
    signed, secretary_east, warden, member
):
    cast.make_device(warden, "甲机")
    cast.make_device(member, "乙机", cast.NOON + timedelta(hours=1))
    old, _ = cast.make_device(warden, "丙机", cast.NOON + timedelta(hours=2))
    Device.objects.filter(id=old.id).update(revoked_at=cast.NOON + timedelta(hours=3))
    client = signed(secretary_east)
    assert _seen(client) == ["乙机", "甲机"]
    assert _seen(client, state="revoked") == ["丙机"]
    assert _seen(client, state="all", order="enrolled") == ["甲机", "乙机", "丙机"]
    assert _seen(client, words="陈") == ["甲机"]
    assert _seen(client, place=cast.EAST_GRID_2) == ["乙机"]
    assert _seen(client, state="x", order="seen") == ["乙机", "甲机"]  # in no order of use


def test_devices_page_by_fifty(signed, secretary_east, warden):
    for n in range(51):
        cast.make_device(warden, f"手机{n}", cast.NOON + timedelta(minutes=n))
    client = signed(secretary_east)
    assert len(_seen(client)) == 50
    assert _seen(client, page=2) == ["手机0"]


def test_a_phone_is_ended_from_the_list_and_back_to_it(signed, secretary_east, warden):
    device, _ = cast.make_device(warden)
    back = f"{PATH}?words=陈"
    client = signed(secretary_east)
    answer = client.post(f"/desk/devices/{device.id}/revoke/", {"back": back})
    assert answer["Location"].startswith(PATH)
    assert answer["Location"].endswith("&done=revoke")
    assert _seen(client) == []
    assert _seen(client, state="revoked") == [device.name]


def test_devices_refuse_the_next_village_and_who_manages_none(
    signed, secretary_west, committee_east, handler, warden
):
    cast.make_device(warden)
    west = signed(secretary_west)
    assert _seen(west) == []
    assert west.get(PATH, {"place": cast.EAST}).status_code == 404
    assert west.post(f"{PATH}export/?place={cast.EAST}").status_code == 404
    for actor in (committee_east, handler):
        assert signed(actor).get(PATH).status_code == 403
        assert signed(actor).post(f"{PATH}export/").status_code == 403
    assert Entry.objects.filter(verb="export").count() == 0


def test_the_file_holds_days_as_days_and_not_when_a_phone_was_heard(
    signed, secretary_east, warden
):
    cast.make_device(warden, "=甲机")
    client = signed(secretary_east)
    head, row = _rows(client.post(f"{PATH}export/?state=all"))
    assert head == ["谁的", "手机", "登记", "停用"]
    assert row == ["陈户长", "=甲机", cast.NOON.date(), ""]
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts["rows"]) == ("export", cast.EAST, 1)


def test_days_are_the_days_here_without_an_hour(signed, secretary_east, warden):
    cast.make_device(warden, at=datetime(2026, 11, 21, 17, 30, tzinfo=UTC))
    ((_, enrolled, seen, revoked),) = signed(secretary_east).get(PATH).context["lines"]
    assert (enrolled, seen, revoked) == (date(2026, 11, 22), date(2026, 11, 22), None)


@pytest.fixture
def committee_east(places):
    return cast.make_actor("胡委员", ("committee", cast.EAST))


@pytest.mark.parametrize("rows", [1, 3])
def test_devices_cost_the_same_for_one_as_for_three(
    signed, secretary_east, warden, rows, django_assert_num_queries
):
    for n in range(rows):
        cast.make_device(warden, f"手机{n}")
    client = signed(secretary_east)
    client.get(PATH)
    with django_assert_num_queries(7):
        assert len(_seen(client)) == rows
