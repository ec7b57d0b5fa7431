"""Find phones by who holds them."""

from uuid import UUID

from django.db.models import QuerySet

from lianhu.accounts.models import Device, Grant
from lianhu.kernel.actor import Actor
from lianhu.territory.queries import reach, within


def list_devices(
    actor: Actor, *, user_id: UUID | None = None, verb: str = "device.manage"
) -> QuerySet[Device]:
    """Devices of users whose grants lie in reach, last seen first."""
    users = reach(Grant.objects, actor, verb).values("user_id")
    # scoped by the grants above: a device belongs to a user, not to a place.
    rows = Device.objects.filter(user_id__in=users).select_related("user")
    return (rows.filter(user_id=user_id) if user_id else rows).order_by("-seen_at", "id")


PHONE_ORDERS = {
    "": ("-enrolled_at", "id"),
    "enrolled": ("enrolled_at", "id"),
    "name": ("user__name", "-enrolled_at", "id"),
}


def list_phones(
    actor: Actor, *, under: str, revoked: bool | None = None, words: str = "", order: str = ""
) -> QuerySet[Device]:
    """Devices of whoever holds a grant in reach at or below a place, with their users, newest
    first; `revoked` None for both. In no order of use: when a phone was heard is no list's."""
    users = reach(Grant.objects, actor, "device.manage").filter(within([under]))
    # scoped by the grants above: a device belongs to a user, not to a place.
    rows = Device.objects.filter(
        user_id__in=users.values("user_id"), user__name__startswith=words
    )
    if revoked is not None:
        rows = rows.filter(revoked_at__isnull=not revoked)
    return rows.select_related("user").order_by(*PHONE_ORDERS.get(order, PHONE_ORDERS[""]))


def handset_of(continues: UUID | None, user_id: UUID) -> UUID | None:
    """The handset of an earlier device of the same user, which a new one says it goes on."""
    # open to all: one's own devices.
    found = Device.objects.filter(id=continues, user_id=user_id).first() if continues else None
    return found.handset if found else None
