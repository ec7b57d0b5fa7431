"""Passkeys: signed for our origin, our challenge, by the person's own key, and not by a copy."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

from lianhu.accounts.actions.passkeys import (
    add_passkey,
    ask_passkey,
    begin_passkey,
    check_passkey,
    end_passkey,
)
from lianhu.accounts.actions.second import confirm_authenticator, start_authenticator
from lianhu.accounts.models import Passkey, User
from lianhu.accounts.queries.second import factors_of
from lianhu.accounts.rules import code_at
from lianhu.kernel.errors import Refusal
from tests import cast

AT = {"at": cast.NOON}
HOST, ORIGIN = "county.example", "https://county.example"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Key:
    """An authenticator of software: one key pair, one counter."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id, self.uses = os.urandom(32), 0

    def _said(self, kind: str, challenge: str, origin: str) -> bytes:
        told = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": origin}
        return json.dumps(told).encode()

    def _state(self, host: str, flags: int) -> bytes:
        self.uses += 1
        return (
            hashlib.sha256(host.encode()).digest()
            + bytes([flags])
            + self.uses.to_bytes(4, "big")
        )

    def make(self, options: dict, origin: str = ORIGIN, host: str = HOST) -> dict:
        public = cbor.encode(ES256.from_cryptography_key(self.private.public_key()))
        state = self._state(host, 0x45) + bytes(16) + len(self.id).to_bytes(2, "big")
        attested = {"fmt": "none", "attStmt": {}, "authData": state + self.id + public}
        return self._answer(
            clientDataJSON=self._said("create", options["challenge"], origin),
            attestationObject=cbor.encode(attested),
        )

    def show(
        self, options: dict, origin: str = ORIGIN, host: str = HOST, flags: int = 5
    ) -> dict:
        said, state = self._said("get", options["challenge"], origin), self._state(host, flags)
        signed = state + hashlib.sha256(said).digest()
        signature = self.private.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=state, signature=signature)

    def _answer(self, **parts: bytes) -> dict:
        told = {name: _text(raw) for name, raw in parts.items()}
        return {"id": _text(self.id), "rawId": _text(self.id), "type": "public-key",
                "response": told, "clientExtensionResults": {}}  # fmt: skip


def _code(call, *args, **more):
    with pytest.raises(Refusal) as refused:
        call(*args, **more)
    return refused.value.code


@pytest.fixture
def zhao(officer_town) -> User:
    return User.objects.get(id=officer_town.id)


def _add(user: User, name: str = "办公室电脑") -> Key:
    key = Key()
    options, state = begin_passkey(user, HOST, ORIGIN)
    add_passkey(user, state, key.make(options), name, HOST, ORIGIN, **AT)
    return key


def _show(user: User, key: Key, **how):
    options, state = ask_passkey(user, HOST, ORIGIN)
    return check_passkey(user, state, key.show(options, **how), HOST, ORIGIN, "1", **AT)


def test_a_passkey_is_made_and_shown(zhao):
    key = Key()
    options, state = begin_passkey(zhao, HOST, ORIGIN)
    assert (options["rp"]["id"], options["user"]["name"]) == (HOST, zhao.username)
    codes = add_passkey(zhao, state, key.make(options), " 办公室电脑 ", HOST, ORIGIN, **AT)
    assert len(codes) == 10
    assert Passkey.objects.get().name == "办公室电脑"
    assert _show(zhao, key) == "passkey"
    assert _show(zhao, key) == "passkey"
    assert Passkey.objects.get().uses == 3


def test_a_false_page_gets_nothing(zhao):
    key = _add(zhao)
    assert (
        _code(_show, zhao, key, origin="https://county.example.evil.example") == "second.wrong"
    )
    assert _code(_show, zhao, key, origin="http://county.example") == "second.wrong"
    assert _code(_show, zhao, key, host="evil.example") == "second.wrong"
    assert _code(_show, zhao, key, flags=0) == "second.wrong"  # nobody was there
    assert _show(zhao, key) == "passkey"


def test_an_old_challenge_and_a_copied_key_are_refused(zhao):
    key = _add(zhao)
    options, state = ask_passkey(zhao, HOST, ORIGIN)
    answer = key.show(options)
    assert check_passkey(zhao, state, answer, HOST, ORIGIN, "1", **AT) == "passkey"
    again = _code(check_passkey, zhao, state, answer, HOST, ORIGIN, "1", **AT)
    assert again == "second.wrong"  # the counter did not rise
    _, other = ask_passkey(zhao, HOST, ORIGIN)
    assert _code(check_passkey, zhao, other, key.show(options), HOST, ORIGIN, "1", **AT) == (
        "second.wrong"
    )


def test_somebody_elses_passkey_opens_nothing(zhao, officer_county):
    other = User.objects.get(id=officer_county.id)
    key, theirs = _add(zhao), _add(other)
    assert _code(_show, zhao, theirs) == "second.wrong"
    assert _code(_show, other, key) == "second.wrong"


def test_a_passkey_is_added_once_and_for_our_origin(zhao):
    key = Key()
    options, state = begin_passkey(zhao, HOST, ORIGIN)
    for bad in (key.make(options, origin="https://evil.example"), key.make(options, host="x"),
                {}, None, [], "x", {"id": "x", "rawId": "x", "response": {}}):  # fmt: skip
        found = _code(add_passkey, zhao, state, bad, "n", HOST, ORIGIN, **AT)
        assert found == "second.bad_passkey"
    assert _code(add_passkey, zhao, None, key.make(options), "n", HOST, ORIGIN, **AT) == (
        "second.bad_passkey"
    )
    answer = key.make(options)
    add_passkey(zhao, state, answer, "", HOST, ORIGIN, **AT)
    assert _code(add_passkey, zhao, state, answer, "n", HOST, ORIGIN, **AT) == (
        "second.bad_passkey"
    )
    options, _ = begin_passkey(zhao, HOST, ORIGIN)
    assert [one["id"] for one in options["excludeCredentials"]] == [_text(key.id)]


def test_one_ends_ones_own_and_never_the_last(zhao, officer_town, officer_county):
    _add(zhao)
    key = Passkey.objects.get()
    assert _code(end_passkey, officer_county, key.id, **AT) == "second.not_found"
    assert _code(end_passkey, officer_town, key.id, **AT) == "second.last"
    secret = start_authenticator(zhao, **AT)
    confirm_authenticator(zhao, code_at(secret, int(cast.NOON.timestamp()) // 30), **AT)
    end_passkey(officer_town, key.id, **AT)
    assert factors_of(zhao.id).passkeys == ()
    assert factors_of(zhao.id).any


def test_ten_are_enough(zhao):
    for _ in range(10):
        _add(zhao)
    assert _code(begin_passkey, zhao, HOST, ORIGIN) == "second.too_many"
