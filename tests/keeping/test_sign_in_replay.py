"""What was taken from somebody's sign-in stays taken after an older backup is loaded."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from lianhu.accounts.actions.confirming import refuse_device
from lianhu.accounts.actions.credentials import recognise
from lianhu.accounts.actions.devices import enrol_device, make_enrol_token
from lianhu.accounts.actions.identities import link_identity, unlink_identity
from lianhu.accounts.actions.resets import ask_reset, confirm_reset
from lianhu.accounts.actions.second import (
    check_second,
    confirm_authenticator,
    end_authenticator,
    start_authenticator,
)
from lianhu.accounts.models import (
    Authenticator,
    Device,
    Identity,
    Passkey,
    RecoveryCode,
    SpentCredential,
    User,
)
from lianhu.accounts.queries.actors import digest
from lianhu.accounts.rules import code_at
from lianhu.audit.models import Entry
from lianhu.keeping.actions.replay import HANDLERS
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from tests import cast

AT = {"at": cast.NOON}


def _app(user: User) -> list[str]:
    secret = start_authenticator(user, **AT)
    return confirm_authenticator(user, code_at(secret, int(cast.NOON.timestamp()) // 30), **AT)


def _again(verb: str) -> bool:
    """Do again what the ledger says, as the list beside the keys keeps it."""
    assert verb in read("keeping.toml")["lasting"]["verbs"]
    entry = Entry.objects.get(verb=verb)
    item = {"at": entry.at.isoformat(), "object_id": entry.object_id, "facts": entry.facts}
    return HANDLERS[verb](json.loads(json.dumps(item)))


def test_factors_that_were_reset(officer_town, data_officer, officer_county):
    user = User.objects.get(id=officer_town.id)
    _app(user)
    confirm_reset(officer_county, ask_reset(data_officer, user.id, **AT).id, **AT)
    _app(user)  # as the backup still has them
    assert _again("second.reset")
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert not _again("second.reset")


def test_phones_that_were_refused_or_whose_copy_came(secretary_east, warden):
    token = make_enrol_token(secretary_east, warden.id, **AT)
    waiting, _ = enrol_device(token, "红米", "", **AT)
    refuse_device(secretary_east, waiting.id, **AT)
    copied, credential = cast.make_device(warden)
    SpentCredential.objects.create(
        credential=digest("old"), device=copied, spent_at=cast.NOON - timedelta(days=1)
    )
    with pytest.raises(Refusal):
        recognise("old", **AT)
    Device.objects.update(revoked_at=None, cut_at=None)  # as the backup still has them
    assert _again("device.refuse")
    assert _again("device.cut")
    assert not Device.objects.filter(revoked_at=None).exists()
    assert Device.objects.get(id=copied.id).cut_at == cast.NOON
    with pytest.raises(Refusal, match=r"device\.unknown"):
        recognise(credential, **AT)
    assert not _again("device.cut")


def test_a_factor_that_was_ended(officer_town):
    user = User.objects.get(id=officer_town.id)
    _app(user)
    kept = Authenticator.objects.get()
    Passkey.objects.create(
        user=user, name="k", credential=b"k", attested=b"k", made_at=cast.NOON
    )
    end_authenticator(officer_town, **AT)
    kept.save(force_insert=True)
    assert _again("second.end")
    assert not Authenticator.objects.exists()
    assert Passkey.objects.exists()
    assert not _again("second.end")


def test_codes_on_paper_of_which_one_was_used(officer_town):
    user = User.objects.get(id=officer_town.id)
    codes = _app(user)
    check_second(user, codes[0], "1", **AT)
    RecoveryCode.objects.update(used_at=None)
    assert _again("second.recovery")
    assert not RecoveryCode.objects.exists()


def test_a_link_that_was_parted(officer_town, data_officer):
    issuer, subject = "https://id.example", str(uuid4())
    link_identity(data_officer, officer_town.id, issuer, subject, **AT)
    kept = Identity.objects.get()
    unlink_identity(data_officer, officer_town.id, issuer, **AT)
    kept.save(force_insert=True)
    assert _again("account.unlink")
    assert not Identity.objects.exists()
