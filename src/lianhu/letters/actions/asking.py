"""Note that a phone's person was asked after."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianhu.accounts.actions.devices import set_asked
from lianhu.accounts.queries.devices import list_devices
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.letters.queries.unheard import last_number


@transaction.atomic
def note_asked(actor: Actor, device_id: UUID, *, at: datetime) -> None:
    """Its person was asked after: what was missing until now is mentioned no more.

    Refuses ``account.not_found``.
    """
    device = list_devices(actor, verb="device.ask").filter(id=device_id).first()
    if device is None:
        raise NotPermitted("account.not_found")
    set_asked(device.id, last_number(device.id), at=at)
    place = actor.scopes["device.ask"][0]
    record(actor, "device.ask", "device", device.id, place, at=at, quiet=True)
