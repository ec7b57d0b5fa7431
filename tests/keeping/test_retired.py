"""A version of the keys was retired: phones' files that are sealed to it open until it is given up."""

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag

from lianhu.accounts.actions.devices import revoke_device
from lianhu.accounts.models import Device
from lianhu.audit.models import Entry
from lianhu.keeping.actions.retire import bring_back, forget, list_retired, retire
from lianhu.keeping.actions.rotate import rotate
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import make_ring, read_content, ring
from lianhu.kernel.suites import SUITES
from lianhu.letters.actions.rescue import import_rescue
from lianhu.letters.models import Letter
from tests import cast
from tests.letters.helpers import incoming
from tests.letters.rescue_file import file_of

LATER = cast.NOON + timedelta(days=200)


@pytest.fixture
def path(settings, tmp_path):
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)
    return settings.LIANHU_KEYS


def _change(number: int) -> None:
    """Another version seals, and `number` is retired."""
    rotate(at=LATER, grace=0.0, pause=0.0)
    retire(number, at=LATER)


def _refusal(call, *values, **named) -> tuple[str, dict]:
    with pytest.raises(Refusal) as refused:
        call(*values, **named)
    return refused.value.code, refused.value.details


def test_a_file_from_before_opens_after_its_version_was_retired(path, secretary_east, warden):
    _, credential = cast.make_device(warden)
    old = file_of(credential, [incoming()])
    _change(1)
    assert sorted(ring().versions) == [2]
    found = import_rescue(secretary_east, old, at=LATER)
    assert [str(a.outcome) for a in found.answers] == ["stored"]
    # Another change later both still open, and each only under its own number.
    new = file_of(credential, [incoming()])
    _change(2)
    for raw in (old, new):
        assert import_rescue(secretary_east, raw, at=LATER).counts == {"stored": 1}
    mixed = file_of(credential, [incoming()], version=1)
    assert _refusal(import_rescue, secretary_east, mixed, at=LATER)[0] == "rescue.unreadable"
    assert Letter.objects.count() == 2


def test_what_is_kept_of_a_retired_version_opens_no_value(db, path):
    secret = ring().versions[1].secret
    sealed = ring().versions[1].cipher("person.id").encrypt(b"n" * 12, b"610921", b"")
    _change(1)
    kept = read_content(path)["exchange"]["1"]
    assert (set(kept), secret.hex() in path.read_text()) == ({"key", "since"}, False)
    with pytest.raises(InvalidTag):
        SUITES["aes"].make_cipher(bytes.fromhex(kept["key"])).decrypt(b"n" * 12, sealed, b"")


def test_forget_refuses_while_a_phone_has_not_been_heard_from(path, secretary_east, warden):
    device, credential = cast.make_device(warden)
    old = file_of(credential, [incoming()])
    assert _refusal(forget, 1, at=LATER) == ("keys.not_retired", {"number": 1})
    _change(1)
    assert [(r.number, r.since, r.phones) for r in list_retired()] == [(1, LATER, 1)]
    assert _refusal(forget, 1, at=LATER) == ("keys.phones_out", {"number": 1, "phones": 1})
    assert import_rescue(secretary_east, old, at=LATER).counts == {"stored": 1}
    Device.objects.filter(id=device.id).update(seen_at=LATER)
    assert (forget(1, at=LATER), list_retired()) == (0, [])
    assert _refusal(import_rescue, secretary_east, old, at=LATER)[0] == "rescue.key_gone"
    assert _refusal(forget, 1, at=LATER)[0] == "keys.not_retired"
    assert Entry.objects.get(verb="keys.forget").facts == {"phones": 0}


def test_forget_anyway_says_how_many_phones_and_a_revoked_one_is_not_waited_for(
    path, secretary_east, warden
):
    cast.make_device(warden)
    ended, _ = cast.make_device(warden)
    revoke_device(secretary_east, ended.id, at=cast.NOON)
    _change(1)
    assert forget(1, anyway=True, at=LATER) == 1
    assert "exchange" not in read_content(path) or read_content(path)["exchange"] == {}


def test_bring_back_opens_files_that_were_given_up(path, secretary_east, warden):
    _, credential = cast.make_device(warden)
    old = file_of(credential, [incoming()])
    rotate(at=LATER, grace=0.0, pause=0.0)
    aside = retire(1, at=LATER)
    forget(1, anyway=True, at=LATER)
    bring_back(aside, at=LATER)
    assert import_rescue(secretary_east, old, at=LATER).counts == {"stored": 1}
    assert list_retired() == []
    retire(1, at=LATER)
    assert import_rescue(secretary_east, old, at=LATER).counts == {"stored": 1}
