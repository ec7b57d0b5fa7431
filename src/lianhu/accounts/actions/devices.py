"""Enrol phones, note what they say of themselves, revoke them."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.models import Device, EnrolToken, Grant, User
from lianhu.accounts.queries.actors import digest
from lianhu.accounts.queries.devices import handset_of, list_devices
from lianhu.accounts.queries.staff import get_covered
from lianhu.accounts.rules import Told, enrol_text
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import uuid7
from lianhu.kernel.proof import is_signed

HOUR = timedelta(hours=1)


@transaction.atomic
def make_enrol_token(actor: Actor, user_id: UUID, *, at: datetime) -> str:
    """A token for one phone of a user in reach, good once and for ten minutes.

    A phone is its user's whole reach, so the actor must cover every post the user still holds.
    Refuses ``account.not_found``.
    """
    user = get_covered(actor, user_id, "device.manage", on=localdate(at))
    token = issue_token(user, made_by=actor.id, at=at, at_desk=True)
    place = actor.scopes["device.manage"][0]
    record(actor, "device.invite", "user", user.id, place, at=at, quiet=True)
    return token


def issue_token(user: User, *, made_by: UUID, at: datetime, at_desk: bool = False) -> str:
    """Make and keep (as a hash) a token; the caller has checked the right to. `at_desk`: whoever
    made it sits before a screen and can confirm there which phone took it."""
    token = secrets.token_urlsafe(24)
    minutes = read("throttles.toml")["enrol_token"]["minutes"]
    EnrolToken.objects.create(
        token=digest(token),
        user=user,
        made_by_id=made_by,
        expires_at=at + timedelta(minutes=minutes),
        at_desk=at_desk,
    )
    return token


@transaction.atomic
def enrol_device(
    token: str,
    name: str,
    public_key: str,
    *,
    at: datetime,
    continues: UUID | None = None,
    first_seq: int = 1,
    proof: str = "",
) -> tuple[Device, str]:
    """A new device for the token's user, and its credential, which is shown only now.

    `continues` is what the same phone was before, if it was; else its letters begin at `first_seq`.
    With a `proof` the phone shows that the key is its own. A phone that was invited at the desk
    has a `confirm_code`, and its credential is good for nothing until the desk took it.
    Refuses ``enrol.bad_token`` for one unknown, used or expired: all alike; ``device.bad_proof``.
    """
    if proof and not is_signed(public_key, proof, enrol_text(token, public_key)):
        raise Refusal("device.bad_proof")
    # One statement on one table: with a join PostgreSQL would let two phones in at once.
    used = EnrolToken.objects.filter(
        token=digest(token), used_at=None, expires_at__gt=at
    ).update(used_at=at)
    user = User.objects.filter(
        id__in=EnrolToken.objects.filter(token=digest(token)).values("user_id"), is_active=True
    ).first()
    if not used or user is None:
        raise NotPermitted("enrol.bad_token")
    credential = secrets.token_urlsafe(32)
    key = uuid7()
    # open to all: the token that was just used.
    at_desk = EnrolToken.objects.filter(token=digest(token), at_desk=True).exists()
    waits = at_desk and read("phones.toml")["enrolment"]["confirmed"]
    device = Device.objects.create(
        id=key,
        handset=handset_of(continues, user.id) or key,
        first_seq=first_seq,
        user=user,
        name=name.strip()[:80] or "手机",
        credential=digest(credential),
        public_key=public_key,
        key_proven=bool(proof),
        confirm_code=f"{secrets.randbelow(10_000):04}" if waits else "",
        enrolled_at=at,
        seen_at=at,
    )
    record_own(device, "device.enrol", at=at)
    return device, credential


def record_own(device: Device, verb: str, *, at: datetime) -> None:
    """Enter what a phone did by itself, in its person's name, where that person has a post."""
    user = device.user
    # open to all: the phone that is calling.
    grant = Grant.objects.filter(user=user).order_by("place_id").first()
    place = grant.place_id if grant else ""
    me = Actor(id=user.id, name=user.name)
    record(me, verb, "device", device.id, place, at=at, quiet=True)


def touch_device(
    device_id: UUID, seen_at: datetime, known: Told, told: Told | None = None, *, at: datetime
) -> None:
    """Note that a device was heard of, at most once an hour, and what it says, when that is new.

    Numbers only rise: a phone set back to an older state does not make us forget.
    """
    new: dict[str, Any] = {}
    if told is not None and told.photos_waiting != known.photos_waiting:
        new["photos_waiting"] = told.photos_waiting
    if told is not None and (told.newest_seq or 0) > (known.newest_seq or 0):
        new |= {"newest_seq": told.newest_seq, "newest_at": at}
    if new or at - seen_at > HOUR:
        # open to all: the phone that is calling.
        Device.objects.filter(id=device_id).update(seen_at=at, **new)


def set_asked(device_id: UUID, seq: int, *, at: datetime) -> None:
    """Its person was asked after: numbers up to this one are missed no more."""
    # open to all: a device that the caller has found in reach.
    Device.objects.filter(id=device_id).update(asked_seq=seq, asked_at=at)


@transaction.atomic
def revoke_device(actor: Actor, device_id: UUID, *, at: datetime) -> Device:
    """End a device; holds at its next contact. Refuses ``device.unknown``."""
    device = list_devices(actor).filter(id=device_id, revoked_at=None).first()
    if device is None:
        raise NotPermitted("device.unknown")
    device.revoked_at = at
    device.save(update_fields=["revoked_at"])
    place = actor.scopes["device.manage"][0]
    record(actor, "device.revoke", "device", device.id, place, at=at, quiet=True)
    return device
