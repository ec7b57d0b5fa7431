"""Enrolled phones as a list: whose, since when, ended or not; never how much they are used."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from lianhu.accounts.actions.devices import enrol_device, make_enrol_token
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
    with django_assert_num_queries(8):
        assert len(_seen(client)) == rows


def _invited(secretary, owner):
    """A phone that waits for the desk."""
    token = make_enrol_token(secretary, owner.id, at=timezone.now())
    return enrol_device(token, "红米", "", at=timezone.now())[0]


def test_a_phone_is_confirmed_where_its_digits_are_shown(signed, secretary_east, warden):
    device = _invited(secretary_east, warden)
    client = signed(secretary_east)
    own = f"/desk/staff/{warden.id}/"
    for page in (PATH, own):
        text = client.get(page).content.decode()
        assert device.confirm_code in text
        assert f"/desk/devices/{device.id}/confirm/" in text
    assert _seen(client) == []
    answer = client.post(f"/desk/devices/{device.id}/confirm/")
    assert answer["Location"] == f"{own}?done=phone_in"
    assert _seen(client) == ["红米"]
    assert "confirm/" not in client.get(own).content.decode()


def test_the_page_with_the_code_looks_until_a_phone_waits(signed, secretary_east, warden):
    client = signed(secretary_east)
    page = client.post(f"/desk/staff/{warden.id}/enrol/").content.decode()
    asks = f'hx-get="/desk/staff/{warden.id}/?waits=1"'
    assert asks in page
    assert asks in client.get(f"/desk/staff/{warden.id}/?waits=1").content.decode()
    _invited(secretary_east, warden)
    assert asks not in client.get(f"/desk/staff/{warden.id}/?waits=1").content.decode()


def test_a_phone_that_is_not_the_one_is_refused(signed, secretary_east, warden):
    device = _invited(secretary_east, warden)
    client = signed(secretary_east)
    back = {"back": PATH}
    answer = client.post(f"/desk/devices/{device.id}/refuse/", back)
    assert answer["Location"] == f"{PATH}?done=phone_out"
    assert client.post(f"/desk/devices/{device.id}/confirm/", back).status_code == 404


def test_waiting_phones_are_not_seen_nor_confirmed_by_the_next_village(
    signed, secretary_west, secretary_east, warden
):
    device = _invited(secretary_east, warden)
    west = signed(secretary_west)
    assert device.confirm_code not in west.get(PATH).content.decode()
    for what in ("confirm", "refuse"):
        assert west.post(f"/desk/devices/{device.id}/{what}/").status_code == 404
    device.refresh_from_db()
    assert (device.confirm_code != "", device.revoked_at) == (True, None)


def test_the_office_is_told_of_a_copied_credential(
    signed, secretary_east, secretary_west, warden
):
    device, _ = cast.make_device(warden, "被抄的")
    cast.make_device(warden, "别的")
    now = timezone.now()
    Device.objects.filter(id=device.id).update(revoked_at=now, cut_at=now)
    client = signed(secretary_east)
    words = "1 部手机的凭证被人抄用"
    assert words in client.get("/desk/").content.decode()
    assert words not in signed(secretary_west).get("/desk/").content.decode()
    assert _seen(client, state="cut") == ["被抄的"]
