"""Credentials that phones replace: binding on first use, proven by their key, copies found out."""

import time
from datetime import timedelta

import pytest

from lianhu.accounts.actions.credentials import (
    is_due,
    make_challenge,
    recognise,
    renew_credential,
)
from lianhu.accounts.actions.devices import enrol_device, issue_token, revoke_device
from lianhu.accounts.actions.forget import forget_devices
from lianhu.accounts.models import Device, SpentCredential, User
from lianhu.accounts.queries.devices import count_cut
from lianhu.audit.models import Entry
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.proof import is_signed
from tests import cast
from tests.accounts.signing import Key, fresh

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SOON, LATER = cast.NOON + MINUTE, cast.NOON + DAY


def _code(action, *args, **kwargs) -> str:
    with pytest.raises(Refusal) as caught:
        action(*args, **kwargs)
    return caught.value.code


def _enrolled(actor, key):
    user = User.objects.get(id=actor.id)
    token = issue_token(user, made_by=user.id, at=cast.NOON)
    return enrol_device(token, "红米", at=cast.NOON, **key.enrol(token))


def _offer(device, key, successor, *, at=SOON, **more):
    sent = key.renew(str(device.id), make_challenge(device.id), successor)
    renew_credential(device.id, **sent, at=at, **more)


def _renewed(device, key, *, at=SOON):
    """A new credential that was used."""
    credential, successor = fresh()
    _offer(device, key, successor, at=at)
    assert recognise(credential, at=at).device_id == device.id
    return credential


def test_a_new_credential_binds_with_its_first_use_and_not_before(warden):
    key = Key()
    device, old = _enrolled(warden, key)
    new, successor = fresh()
    _offer(device, key, successor)
    for _ in range(
        2
    ):  # the answer was lost: the phone goes on with the old one, and asks again
        assert recognise(old, at=LATER).device_id == device.id
        _offer(device, key, successor, at=LATER)
    assert recognise(new, at=LATER).since == LATER
    assert recognise(new, at=LATER + 9 * DAY).device_id == device.id
    assert Device.objects.get().revoked_at is None
    kept = Device.objects.get()
    assert new.encode() not in bytes(kept.credential)
    assert bytes(SpentCredential.objects.get().credential) != bytes(kept.credential)


def test_an_old_credential_after_its_successor_ends_the_phone_and_tells_the_office(
    warden, secretary_east, secretary_west
):
    key = Key()
    device, old = _enrolled(warden, key)
    new = _renewed(device, key)
    assert _code(recognise, old, at=LATER) == "device.unknown"
    device.refresh_from_db()
    assert (device.revoked_at, device.cut_at) == (LATER, LATER)
    assert _code(recognise, new, at=LATER) == "device.unknown"
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_id, entry.place_id) == (
        "device.cut", str(device.id), cast.EAST_GRID
    )  # fmt: skip
    assert count_cut(secretary_east, at=LATER) == 1
    assert count_cut(secretary_west, at=LATER) == 0
    assert count_cut(secretary_east, at=LATER + 31 * DAY) == 0
    assert _code(recognise, old, at=LATER) == "device.unknown"
    assert Entry.objects.filter(verb="device.cut").count() == 1


def test_a_request_that_was_under_way_is_no_alarm(warden):
    key = Key()
    device, old = _enrolled(warden, key)
    new = _renewed(device, key)
    for credential in (old, new, old):
        assert recognise(credential, at=SOON + 10 * MINUTE).device_id == device.id
    assert _code(recognise, old, at=SOON + 11 * MINUTE) == "device.unknown"
    assert Device.objects.get().cut_at


def test_every_earlier_credential_is_known_again(warden):
    key = Key()
    device, first = _enrolled(warden, key)
    for n in range(3):
        _renewed(device, key, at=cast.NOON + n * DAY)
    assert _code(recognise, first, at=cast.NOON + 3 * DAY) == "device.unknown"
    assert Device.objects.get().cut_at


def test_a_copy_of_the_whole_phone_is_found_out_whoever_renews_first(warden):
    key = Key()
    device, shared = _enrolled(warden, key)
    _renewed(device, key)  # the thief's, with everything that was on the phone
    assert _code(recognise, shared, at=LATER) == "device.unknown"  # the owner's next contact
    assert Device.objects.get().cut_at
    mine, _ = fresh()
    assert _code(_offer, device, key, fresh()[1], at=LATER) == "device.unknown"
    assert _code(recognise, mine, at=LATER) == "device.unknown"


def test_a_phone_proves_itself_by_its_key_to_an_office_set_back(warden):
    """The backup knows an older credential than the phone has: no honest phone stays outside."""
    key = Key()
    device, first = _enrolled(warden, key)
    row = Device.objects.filter(id=device.id).values("credential", "renewed_at").get()
    second = _renewed(device, key)
    SpentCredential.objects.all().delete()
    Device.objects.filter(id=device.id).update(**row)
    assert _code(recognise, second, at=LATER) == "device.unknown"
    third = _renewed(device, key, at=LATER)
    assert recognise(third, at=LATER + DAY).device_id == device.id
    assert _code(recognise, first, at=LATER + DAY) == "device.unknown"


def test_only_the_key_gives_a_new_credential(warden, member):
    key, other = Key(), Key()
    device, credential = _enrolled(warden, key)
    _, successor = fresh()
    assert _code(_offer, device, other, successor, credential=credential) == "device.bad_proof"
    assert (
        _code(_offer, device, other, successor, credential=credential, public_key=other.public)
        == "device.bad_proof"
    )
    sent = key.renew(str(device.id), make_challenge(device.id), successor)
    for spoilt in (
        {"proof": sent["proof"][:-4]},
        {"proof": "?"},
        {"challenge": "guessed"},
        {"challenge": make_challenge(_enrolled(member, other)[0].id)},
        {"successor": fresh()[1]},
    ):
        refused = _code(renew_credential, device.id, **(sent | spoilt), at=SOON)
        assert refused == "device.bad_proof", spoilt
    assert Device.objects.get(id=device.id).next_credential is None


def test_a_challenge_is_good_for_minutes(warden, monkeypatch):
    key = Key()
    device, _ = _enrolled(warden, key)
    sent = key.renew(str(device.id), make_challenge(device.id), fresh()[1])
    now = time.time() + 6 * 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: now)
    assert _code(renew_credential, device.id, **sent, at=SOON) == "device.bad_proof"


def test_a_credential_that_was_is_never_again(warden, member):
    key, other = Key(), Key()
    device, _ = _enrolled(warden, key)
    credential, successor = fresh()
    _offer(device, key, successor)
    recognise(credential, at=SOON)
    last, final = fresh()
    _offer(device, key, final)
    recognise(last, at=SOON)
    theirs, _ = _enrolled(member, other)
    for used in (successor, final):
        assert _code(_offer, theirs, other, used) == "device.bad_proof"
    assert _code(_offer, device, key, successor) == "device.bad_proof"


def test_a_phone_from_before_brings_its_key_once_with_its_credential(warden):
    key, other = Key(), Key()
    device, credential = cast.make_device(warden)
    present = bytes(Device.objects.get().credential).hex()
    assert _code(_offer, device, key, present) == "device.unknown"
    _offer(device, key, present, credential=credential, public_key=key.public)
    kept = Device.objects.get()
    assert (kept.key_proven, kept.public_key, kept.next_credential) == (True, key.public, None)
    assert recognise(credential, at=LATER).has_key
    again = {"credential": credential, "public_key": other.public}
    assert _code(_offer, device, other, present, **again) == "device.bad_proof"
    _renewed(device, key)


def test_a_phone_that_was_ended_proves_nothing(warden, secretary_east):
    key = Key()
    device, _ = _enrolled(warden, key)
    revoke_device(secretary_east, device.id, at=SOON)
    assert _code(_offer, device, key, fresh()[1]) == "device.unknown"
    second, _ = _enrolled(warden, key)
    User.objects.filter(id=warden.id).update(is_active=False)
    assert _code(_offer, second, key, fresh()[1]) == "device.unknown"


def test_a_proof_at_enrolment_has_to_fit(warden):
    user = User.objects.get(id=warden.id)
    token = issue_token(user, made_by=user.id, at=cast.NOON)
    sent = Key().enrol(token) | {"public_key": Key().public}
    assert _code(enrol_device, token, "红米", at=cast.NOON, **sent) == "device.bad_proof"
    device, _ = enrol_device(token, "红米", "any words", at=cast.NOON)
    assert not device.key_proven


def test_due_after_its_days_or_to_bring_a_key(warden):
    key = Key()
    device, credential = _enrolled(warden, key)
    days = read("phones.toml")["credential"]["renew_days"]
    for after, due in ((days * DAY - MINUTE, False), (days * DAY, True)):
        at = cast.NOON + after
        assert is_due(recognise(credential, at=at), at=at) is due
    new = _renewed(device, key, at=LATER)
    assert not is_due(recognise(new, at=cast.NOON + days * DAY), at=cast.NOON + days * DAY)
    _, plain = cast.make_device(warden)
    assert is_due(recognise(plain, at=SOON), at=SOON)


def test_spent_credentials_are_forgotten_with_their_term(warden):
    key = Key()
    device, _ = _enrolled(warden, key)
    _renewed(device, key)
    forget_devices(SOON, 10)
    assert SpentCredential.objects.exists()
    forget_devices(LATER, 10)
    assert not SpentCredential.objects.exists()
    assert Device.objects.get().name == "红米"


@pytest.mark.parametrize("public_key", ["", "any words", "AAAA", "字"])
def test_is_signed_by_no_key_at_all(public_key):
    assert not is_signed(public_key, Key().sign("x"), "x")
    assert is_signed((key := Key()).public, key.sign("x"), "x")
    assert not is_signed(key.public, key.sign("x"), "y")
