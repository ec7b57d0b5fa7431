"""A phone that was invited at the desk waits until the desk's screen says it is the one beside it."""

from datetime import timedelta

import pytest

from lianhu.accounts.actions.confirming import confirm_device, refuse_device
from lianhu.accounts.actions.credentials import recognise, waiting_code
from lianhu.accounts.actions.devices import enrol_device, issue_token, make_enrol_token
from lianhu.accounts.models import Device, User
from lianhu.accounts.queries.devices import list_devices, list_phones, list_waiting
from lianhu.accounts.queries.sessions import own_devices
from lianhu.audit.models import Entry
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from tests import cast

MINUTE = timedelta(minutes=1)
SOON = cast.NOON + MINUTE


def _code(action, *args, **kwargs) -> str:
    with pytest.raises(Refusal) as caught:
        action(*args, **kwargs)
    return caught.value.code


def _waiting(officer, owner):
    token = make_enrol_token(officer, owner.id, at=cast.NOON)
    return enrol_device(token, "红米", "", at=cast.NOON)


def test_a_phone_invited_at_the_desk_is_good_for_nothing_until_confirmed(
    secretary_east, warden
):
    device, credential = _waiting(secretary_east, warden)
    assert len(device.confirm_code) == 4
    assert device.confirm_code.isdigit()
    assert waiting_code(credential, at=SOON) == device.confirm_code
    assert _code(recognise, credential, at=SOON) == "device.unconfirmed"
    assert not list_devices(secretary_east).exists()
    assert not list_phones(secretary_east, under=cast.EAST).exists()
    assert not own_devices(warden).exists()
    confirm_device(secretary_east, device.id, at=SOON)
    assert waiting_code(credential, at=SOON) == ""
    assert recognise(credential, at=SOON).device_id == device.id
    assert list_devices(secretary_east).get() == device
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_id) == ("device.confirm", str(device.id))
    assert _code(confirm_device, secretary_east, device.id, at=SOON) == "device.no_code"


def test_a_phone_that_was_refused_never_comes_in(secretary_east, warden):
    device, credential = _waiting(secretary_east, warden)
    refuse_device(secretary_east, device.id, at=SOON)
    assert _code(waiting_code, credential, at=SOON) == "device.unknown"
    assert _code(recognise, credential, at=SOON) == "device.unknown"
    assert _code(confirm_device, secretary_east, device.id, at=SOON) == "device.no_code"
    assert Entry.objects.latest("id").verb == "device.refuse"


def test_a_phone_waits_ten_minutes(secretary_east, warden):
    device, credential = _waiting(secretary_east, warden)
    late = cast.NOON + 10 * MINUTE
    assert waiting_code(credential, at=late - MINUTE)
    assert _code(waiting_code, credential, at=late) == "device.unknown"
    assert not list_waiting(secretary_east, at=late).exists()
    assert _code(confirm_device, secretary_east, device.id, at=late) == "device.no_code"


@pytest.mark.parametrize("action", [confirm_device, refuse_device])
def test_confirm_device_refuses_the_next_village(
    secretary_west, secretary_neighbour, secretary_east, warden, action
):
    device, credential = _waiting(secretary_east, warden)
    for actor in (secretary_west, secretary_neighbour, warden):
        assert _code(action, actor, device.id, at=SOON) == "device.no_code"
    assert waiting_code(credential, at=SOON)


def test_confirm_device_refuses_who_does_not_cover_every_post(
    secretary_east, data_officer, warden
):
    """A phone is its person's whole reach, as when it is invited."""
    device, _ = _waiting(data_officer, warden)
    cast.make_grant(User.objects.get(id=warden.id), "deputy", cast.WEST)
    assert _code(confirm_device, secretary_east, device.id, at=SOON) == "account.not_found"
    confirm_device(data_officer, device.id, at=SOON)


def test_no_digits_where_no_desk_made_the_invitation_or_the_county_wants_none(
    secretary_east, warden, monkeypatch
):
    user = User.objects.get(id=warden.id)
    token = issue_token(user, made_by=user.id, at=cast.NOON)
    _, credential = enrol_device(token, "红米", "", at=cast.NOON)
    assert recognise(credential, at=SOON)
    monkeypatch.setitem(read("phones.toml")["enrolment"], "confirmed", False)
    _, credential = _waiting(secretary_east, warden)
    assert recognise(credential, at=SOON)


def test_digits_differ(secretary_east, warden):
    for _ in range(12):
        _waiting(secretary_east, warden)
    assert len(set(Device.objects.values_list("confirm_code", flat=True))) > 4
