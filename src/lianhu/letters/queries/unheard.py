"""Letters that a phone has written and the office never saw: whom to ask after, to help."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max
from django.utils.timezone import localdate

from lianhu.accounts.models import Device
from lianhu.accounts.queries.devices import list_devices
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force, read
from lianhu.kernel.scope import Whole, whole_county
from lianhu.letters.models import Letter
from lianhu.letters.rules import gaps_of

SHOWN = 6  # gaps named one by one


@dataclass(frozen=True, slots=True)
class Unheard:
    """A phone with something that has not arrived: its latest device, what, and since when."""

    device: Device
    gaps: tuple[tuple[int, int], ...]
    photos: int
    since: datetime

    @property
    def letters(self) -> int:
        """How many letters are missed."""
        return sum(last - first + 1 for first, last in self.gaps)

    @property
    def numbers(self) -> str:
        """Which, in words."""
        named = [
            str(first) if first == last else f"{first}到{last}"
            for first, last in self.gaps[:SHOWN]
        ]
        return "、".join(named) + ("等" if len(self.gaps) > SHOWN else "")


def list_unheard(actor: Actor, *, at: datetime) -> list[Unheard]:
    """Phones in reach of ``device.ask`` with letters or photos overdue, longest first.

    At most three queries, whatever the number of phones.
    """
    phones: defaultdict[UUID, list[Device]] = defaultdict(list)
    for device in list_devices(actor, verb="device.ask"):
        phones[device.handset].append(device)
    if not phones:
        return []
    with whole_county(Whole.NUMBERS_CAME):
        seen = _came(phones)
    found = [_unheard(devices, seen.get(handset), at) for handset, devices in phones.items()]
    return sorted((u for u in found if u), key=lambda u: (u.since, u.device.id))


def _came(phones: dict[UUID, list[Device]]) -> dict[UUID, dict[int, datetime]]:
    """Of each phone that is short of letters the numbers that came, and when."""
    # scoped by list_devices above: a device belongs to a user, not to a place.
    came = Letter.objects.filter(device__handset__in=phones, device_seq__gte=1)
    counted = {
        row["device__handset"]: (row["seen"], row["newest"])
        for row in came.order_by()
        .values("device__handset")
        .annotate(seen=Count("device_seq", distinct=True), newest=Max("device_seq"))
    }
    seen: dict[UUID, dict[int, datetime]] = {}
    for handset, devices in phones.items():
        count, newest = counted.get(handset, (0, 0))
        if _last(devices, newest) - _start(devices) + 1 > count:
            seen[handset] = {}
    if short := [handset for handset in seen if handset in counted]:
        rows = came.filter(device__handset__in=short).order_by("-received_at")
        for handset, number, moment in rows.values_list(
            "device__handset", "device_seq", "received_at"
        ):
            seen[handset][number or 0] = moment
    return seen


def _start(devices: list[Device]) -> int:
    """The first number of a handset."""
    return min((d.first_seq for d in devices if d.id == d.handset), default=1)


def _last(devices: list[Device], newest: int) -> int:
    """The highest number known of a handset."""
    return max(newest, *(d.newest_seq or 0 for d in devices))


def _unheard(
    devices: list[Device], seen: dict[int, datetime] | None, at: datetime
) -> Unheard | None:
    """What of a handset is overdue; `seen` is None when all its numbers came."""
    rule = in_force(read("reaching.toml")["versions"], localdate(at))
    latest = max(devices, key=lambda d: (d.seen_at, d.id))
    gaps: list[tuple[int, int]] = []
    since: list[datetime] = []
    is_short, seen = seen is not None, seen or {}
    first = max(_start(devices), *(1 + (d.asked_seq or 0) for d in devices))
    last = _last(devices, max(seen, default=0)) if is_short else 0
    for gap in gaps_of(seen, first, last):
        known = _known(gap[1], devices, seen)
        if known <= at - timedelta(days=rule["late_days"]):
            gaps.append(gap)
            since.append(known)
    heard = max(latest.seen_at, *(d.asked_at or d.seen_at for d in devices))
    is_silent = heard <= at - timedelta(days=rule["silent_days"])
    photos = latest.photos_waiting if is_silent else 0
    if photos:
        since.append(heard)
    if not since:
        return None
    return Unheard(latest, tuple(gaps), photos, min(since))


def _known(number: int, devices: list[Device], seen: dict[int, datetime]) -> datetime:
    """Since when the office knows of a number: a later one came, or the phone spoke of it."""
    moments = [moment for later, moment in seen.items() if later > number]
    moments += [d.newest_at for d in devices if d.newest_at and (d.newest_seq or 0) >= number]
    return min(moments)


def last_number(device_id: UUID) -> int:
    """The highest number known of the handset that a device is; 0 when none is."""
    # open to all: one's own phone, or one that the caller has found in reach.
    own = Device.objects.filter(
        handset__in=Device.objects.filter(id=device_id).values("handset")
    )
    told = own.aggregate(told=Max("newest_seq"))["told"] or 0
    with whole_county(Whole.NUMBERS_CAME):
        rows = Letter.objects.filter(device__in=own)  # scoped by the devices above
        came = rows.aggregate(came=Max("device_seq"))["came"] or 0
    return max(told, came)
