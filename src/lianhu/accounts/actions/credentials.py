"""Whose credential it is; a phone's new one, signed for with its own key; a copied one found out."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from lianhu.accounts.actions.devices import record_own
from lianhu.accounts.models import Device, SpentCredential
from lianhu.accounts.queries.actors import Caller, caller_by, caller_of, digest
from lianhu.accounts.queries.devices import waits_still
from lianhu.accounts.rules import renewal_text
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.proof import is_signed

SALT = "lianhu.phone.challenge"


def recognise(credential: str, *, at: datetime) -> Caller:
    """Whose phone a credential is. The first use of a new one makes it binding; the use of one that
    was replaced, later than a request may have been under way, ends the phone: there are two
    of it. Refuses ``device.unknown``, ``device.unconfirmed``.
    """
    on = localdate(at)
    try:
        return caller_of(credential, on=on)
    except NotPermitted as refusal:
        if refusal.code != "device.unknown":
            raise
    value = digest(credential)
    if not _take_up(value, at):
        current = _current_of(value, at)
        if current is not None:
            return caller_by(current, on=on)
    # Also after another request took it up between our two looks.
    return caller_of(credential, on=on)


@transaction.atomic
def _take_up(value: bytes, at: datetime) -> bool:
    """Make a new credential the binding one; whether it was offered."""
    # open to all: the phone that is calling.
    rows = Device.objects.select_for_update().filter(next_credential=value, revoked_at=None)
    device = rows.first()
    if device is None:
        return False
    SpentCredential.objects.create(
        credential=bytes(device.credential), device=device, spent_at=at
    )
    device.credential, device.next_credential, device.renewed_at = value, None, at
    device.save(update_fields=["credential", "next_credential", "renewed_at"])
    return True


@transaction.atomic
def _current_of(value: bytes, at: datetime) -> bytes | None:
    """The binding credential of the phone that replaced this one a moment ago; None when there is
    none, or when it was long ago: then the phone has just been ended."""
    # open to all: the phone that is calling.
    spent = SpentCredential.objects.filter(credential=value, device__revoked_at=None).first()
    if spent is None:
        return None
    # open to all: as above.
    device = Device.objects.select_for_update().select_related("user").get(id=spent.device_id)
    minutes = read("phones.toml")["credential"]["grace_minutes"]
    if at - spent.spent_at <= timedelta(minutes=minutes):
        return bytes(device.credential)
    if device.revoked_at is None:
        device.revoked_at = device.cut_at = at
        device.save(update_fields=["revoked_at", "cut_at"])
        record_own(device, "device.cut", at=at)
    return None


def is_due(caller: Caller, *, at: datetime) -> bool:
    """Whether a phone should take a new credential: after its days, or to bring its key."""
    days = read("phones.toml")["credential"]["renew_days"]
    return not caller.has_key or at - caller.since >= timedelta(days=days)


def make_challenge(device_id: UUID) -> str:
    """Something to sign, good for minutes and for one phone; nothing is kept or looked up."""
    return signing.TimestampSigner(salt=SALT).sign(str(device_id))


@transaction.atomic
def renew_credential(
    device_id: UUID,
    challenge: str,
    successor: str,
    proof: str,
    *,
    at: datetime,
    public_key: str = "",
    credential: str = "",
) -> None:
    """Take the hash of a phone's next credential, which is binding from its first use on.

    The phone's own key is the proof. It needs no credential: after a restore the office may know
    an older one than the phone has. A phone whose key never signed brings it, with the binding
    credential, once, and names that as its next: so a backup knows the key before anything
    changes. Said twice it is said once. Refuses ``device.unknown``, ``device.bad_proof``.
    """
    _check(challenge, device_id)
    # open to all: the phone that is calling.
    rows = Device.objects.select_for_update().filter(id=device_id, revoked_at=None)
    device = rows.filter(confirm_code="", user__is_active=True).first()
    if device is None:
        raise NotPermitted("device.unknown")
    key = device.public_key
    if not device.key_proven:
        if not credential or digest(credential) != bytes(device.credential):
            raise NotPermitted("device.unknown")
        key = public_key or key
    text = renewal_text(str(device_id), challenge, successor)
    if not is_signed(key, proof, text):
        raise Refusal("device.bad_proof")
    value = bytes.fromhex(successor)
    if bytes(device.credential) != value:
        if _is_taken(value, device.id):
            raise Refusal("device.bad_proof")
        device.next_credential = value
    device.public_key, device.key_proven = key, True
    device.save(update_fields=["public_key", "key_proven", "next_credential"])


def _check(challenge: str, device_id: UUID) -> None:
    minutes = read("phones.toml")["credential"]["challenge_minutes"]
    try:
        said = signing.TimestampSigner(salt=SALT).unsign(
            challenge, max_age=timedelta(minutes=minutes)
        )
    except signing.BadSignature as error:
        raise Refusal("device.bad_proof") from error
    if said != str(device_id):
        raise Refusal("device.bad_proof")


def _is_taken(value: bytes, device_id: UUID) -> bool:
    # open to all: a hash of 256 random bits; whose it is is not told.
    used = Device.objects.filter(
        Q(credential=value) | Q(next_credential=value) & ~Q(id=device_id)
    )
    return used.exists() or SpentCredential.objects.filter(credential=value).exists()


def waiting_code(credential: str, *, at: datetime) -> str:
    """The digits that a phone shows until the desk confirmed it; empty once it did. Refuses
    ``device.unknown``: the desk refused it, or it took too long."""
    # open to all: the phone that is calling.
    rows = Device.objects.filter(credential=digest(credential), revoked_at=None)
    device = rows.filter(Q(confirm_code="") | waits_still(at), user__is_active=True).first()
    if device is None:
        raise NotPermitted("device.unknown")
    return device.confirm_code
