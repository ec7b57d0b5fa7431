"""Find phones by who holds them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from lianhu.accounts.models import Device, Grant, SpentCredential
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.territory.queries import reach, within


def list_devices(
    actor: Actor, *, user_id: UUID | None = None, verb: str = "device.manage"
) -> QuerySet[Device]:
    """Devices of users whose grants lie in reach, last seen first; not those that wait for the
    desk to confirm them."""
    users = reach(Grant.objects, actor, verb).values("user_id")
    # scoped by the grants above: a device belongs to a user, not to a place.
    rows = Device.objects.filter(user_id__in=users, confirm_code="").select_related("user")
    return (rows.filter(user_id=user_id) if user_id else rows).order_by("-seen_at", "id")


PHONE_ORDERS = {
    "": ("-enrolled_at", "id"),
    "enrolled": ("enrolled_at", "id"),
    "name": ("user__name", "-enrolled_at", "id"),
}


def list_phones(
    actor: Actor, *, under: str, revoked: bool | None = None, words: str = "", order: str = "",
    cut: bool = False,
) -> QuerySet[Device]:  # fmt: skip
    """Devices of whoever holds a grant in reach at or below a place, with their users, newest
    first; `revoked` None for both, `cut` for those that a copied credential ended. In no order of
    use: when a phone was heard is no list's."""
    users = reach(Grant.objects, actor, "device.manage").filter(within([under]))
    # scoped by the grants above: a device belongs to a user, not to a place.
    rows = Device.objects.filter(
        user_id__in=users.values("user_id"), user__name__startswith=words, confirm_code=""
    )
    if cut:
        rows = rows.filter(cut_at__isnull=False)
    if revoked is not None:
        rows = rows.filter(revoked_at__isnull=not revoked)
    return rows.select_related("user").order_by(*PHONE_ORDERS.get(order, PHONE_ORDERS[""]))


def handset_of(continues: UUID | None, user_id: UUID) -> UUID | None:
    """The handset of an earlier device of the same user, which a new one says it goes on."""
    # open to all: one's own devices.
    found = Device.objects.filter(id=continues, user_id=user_id).first() if continues else None
    return found.handset if found else None


def list_waiting(
    actor: Actor, *, at: datetime, user_id: UUID | None = None
) -> QuerySet[Device]:
    """Phones of users in reach that wait for the desk to confirm them, and still may be."""
    users = reach(Grant.objects, actor, "device.manage").values("user_id")
    # scoped by the grants above: a device belongs to a user, not to a place.
    rows = Device.objects.filter(waits_still(at), user_id__in=users).select_related("user")
    return (rows.filter(user_id=user_id) if user_id else rows).order_by("enrolled_at", "id")


def waits_still(at: datetime) -> Q:
    """Devices whose digits may still be confirmed."""
    minutes = read("phones.toml")["enrolment"]["confirm_minutes"]
    since = at - timedelta(minutes=minutes)
    return Q(revoked_at=None, enrolled_at__gt=since) & ~Q(confirm_code="")


def count_cut(actor: Actor, *, at: datetime) -> int:
    """How many phones in reach a copied credential ended of late."""
    days = read("phones.toml")["credential"]["told_days"]
    return list_devices(actor).filter(cut_at__gt=at - timedelta(days=days)).count()


def device_of_credential(devices: QuerySet[Device], credential: bytes) -> Device | None:
    """Which of some devices a hash belongs to, be it replaced since or not in use yet."""
    mine = Q(credential=credential) | Q(next_credential=credential)
    # open to all: narrowed by the caller's devices.
    spent = SpentCredential.objects.filter(credential=credential).values("device_id")
    return devices.filter(mine | Q(id__in=spent)).first()
