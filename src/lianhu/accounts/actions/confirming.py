"""Confirm at the desk's screen that the phone that took an invitation is the one beside it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.models import Device
from lianhu.accounts.queries.devices import list_waiting
from lianhu.accounts.queries.staff import get_covered
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted


@transaction.atomic
def confirm_device(actor: Actor, device_id: UUID, *, at: datetime) -> Device:
    """Let a waiting phone in: its digits are those on the desk's screen. Refuses
    ``device.no_code``, ``account.not_found`` (its person has a post out of reach)."""
    device = _waiting(actor, device_id, at)
    device.confirm_code = ""
    device.save(update_fields=["confirm_code"])
    _record(actor, "device.confirm", device, at)
    return device


@transaction.atomic
def refuse_device(actor: Actor, device_id: UUID, *, at: datetime) -> Device:
    """Keep a waiting phone out: somebody else took the invitation. Refuses as `confirm_device`."""
    device = _waiting(actor, device_id, at)
    device.revoked_at = at
    device.save(update_fields=["revoked_at"])
    _record(actor, "device.refuse", device, at)
    return device


def _waiting(actor: Actor, device_id: UUID, at: datetime) -> Device:
    """The phone, locked so that it is not let in and kept out at once."""
    known = list_waiting(actor, at=at).filter(id=device_id).first()
    if known is None:
        raise NotPermitted("device.no_code")
    get_covered(actor, known.user_id, "device.manage", on=localdate(at))
    # scoped by list_waiting above.
    rows = Device.objects.select_for_update().filter(id=known.id, revoked_at=None)
    device = rows.exclude(confirm_code="").first()
    if device is None:
        raise NotPermitted("device.no_code")
    return device


def _record(actor: Actor, verb: str, device: Device, at: datetime) -> None:
    place = actor.scopes["device.manage"][0]
    record(actor, verb, "device", device.id, place, at=at, quiet=True)
