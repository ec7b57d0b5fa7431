"""Passkeys (WebAuthn): set one up, check what an authenticator signed.

The ceremony's state (its challenge) is the caller's to keep on the server between the two halves,
and to throw away after one try.
"""

import struct
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from django.db import transaction
from django.db.models import Q
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lianhu.accounts.actions.second import guarded_second, note_factor, write_codes
from lianhu.accounts.models import Passkey, User
from lianhu.accounts.queries.second import factors_of
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal

LONGEST_NAME = 40
MOST = 10
VERIFY = UserVerificationRequirement.PREFERRED
# What the library raises about answers that are no answers: it parses what anybody may send.
UNREADABLE = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError,
    NotImplementedError, RecursionError, struct.error, UnsupportedAlgorithm,
)  # fmt: skip


def _server(host: str, origin: str) -> Fido2Server:
    """The other end of a ceremony: bound to the host without its port, and to exactly the origin
    under which we were called."""
    party = PublicKeyCredentialRpEntity(name="联户", id=host)
    return Fido2Server(party, verify_origin=lambda told: told == origin)


def _credentials(user: User) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(key.attested)) for key in factors_of(user.id).passkeys]


def begin_passkey(user: User, host: str, origin: str) -> tuple[dict[str, Any], Any]:
    """What the browser needs to make a passkey, and the state to keep. Refuses
    ``second.too_many``."""
    known = _credentials(user)
    if len(known) >= MOST:
        raise Refusal("second.too_many", most=MOST)
    options, state = _server(host, origin).register_begin(
        PublicKeyCredentialUserEntity(
            id=user.id.bytes, name=user.username, display_name=user.name
        ),
        known,
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=VERIFY,
    )
    return dict(options)["publicKey"], state


@transaction.atomic
def add_passkey(
    user: User, state: Any, answer: Any, name: str, host: str, origin: str, *, at: datetime
) -> list[str]:
    """Keep what the authenticator made; fresh codes on paper if it is the first factor.

    Refuses ``second.bad_passkey``.
    """
    try:
        made = _server(host, origin).register_complete(state, answer).credential_data
    except UNREADABLE as error:
        raise Refusal("second.bad_passkey") from error
    if made is None or Passkey.objects.filter(credential=made.credential_id).exists():
        raise Refusal("second.bad_passkey")
    first = not factors_of(user.id).any
    row = Passkey.objects.create(
        user=user, name=name.strip()[:LONGEST_NAME] or "通行密钥", credential=made.credential_id,
        attested=bytes(made), made_at=at,
    )  # fmt: skip
    codes = write_codes(user) if first else []
    note_factor(user, "second.passkey", "passkey", row.id, at=at)
    return codes


def ask_passkey(user: User, host: str, origin: str) -> tuple[dict[str, Any], Any]:
    """What the browser needs to show a passkey, and the state to keep."""
    options, state = _server(host, origin).authenticate_begin(
        _credentials(user), user_verification=VERIFY
    )
    return dict(options)["publicKey"], state


def check_passkey(
    user: User, state: Any, answer: Any, host: str, origin: str, address: str, *,
    at: datetime, browser: str = "",
) -> str:  # fmt: skip
    """``passkey`` if one of the user's own signed; refuses ``second.wrong``, ``throttled``."""
    with guarded_second(user, address, at=at, browser=browser) as guard:
        known = _credentials(user)
        try:
            used = _server(host, origin).authenticate_complete(state, known, answer)
            counter = AuthenticationResponse.from_dict(
                answer
            ).response.authenticator_data.counter
        except UNREADABLE as error:
            raise Refusal("second.wrong") from error
        # A counter that does not rise says that the key was copied; many keep none and say 0.
        rows = Passkey.objects.filter(user=user, credential=used.credential_id)
        rises = Q(uses__lt=counter) if counter else Q(uses=0)
        if not rows.filter(rises).update(uses=counter):
            raise Refusal("second.wrong")
        return guard.passed("passkey")


@transaction.atomic
def end_passkey(actor: Actor, key_id: UUID, *, at: datetime) -> None:
    """Take one of one's own passkeys off; the last factor stays. Refuses ``second.last``,
    ``second.not_found``."""
    factors = factors_of(actor.id)
    if not any(key.id == key_id for key in factors.passkeys):
        raise NotPermitted("second.not_found")
    if len(factors.passkeys) == 1 and factors.authenticator is None:
        raise Refusal("second.last")
    Passkey.objects.filter(id=key_id, user_id=actor.id).delete()
    note_factor(User.objects.get(id=actor.id), "second.end", "passkey", key_id, at=at)
