"""The household behind a session that a one-time code opened: short, and for one household."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.timezone import localdate

from lianhu.kernel.errors import NotPermitted
from lianhu.rights.queries.own import Resident, get_resident
from lianhu.rights.rules import terms

KEY = "household"
NOTED = 30  # seconds; not every page of a session writes it anew


def enter_household(request: HttpRequest, resident: Resident, *, at: datetime) -> None:
    """Open a session for one household, under a new session key."""
    request.session.cycle_key()
    now = int(at.timestamp())
    request.session[KEY] = {
        "household": resident.household.id.hex, "person": resident.person.id.hex,
        "since": now, "seen": now,
    }  # fmt: skip


def resident_of(request: HttpRequest, *, at: datetime) -> Resident:
    """Whose household the session is; refuses ``rights.signed_out``, also after too long without
    a touch, and for whom the register no longer has in this household. One query."""
    known = request.session.get(KEY)
    if not known:
        raise NotPermitted("rights.signed_out")
    rule, now = terms(localdate(at)), int(at.timestamp())
    idle, age = now - known["seen"], now - known["since"]
    if idle > rule["session_idle_minutes"] * 60 or age > rule["session_most_minutes"] * 60:
        leave_household(request)
        raise NotPermitted("rights.signed_out")
    try:
        resident = get_resident(UUID(known["household"]), UUID(known["person"]))
    except NotPermitted:
        leave_household(request)
        raise
    if idle > NOTED:
        request.session[KEY] = known | {"seen": now}
    return resident


def leave_household(request: HttpRequest) -> None:
    """End the session's hold on the household; whoever else is signed in stays."""
    if request.session.pop(KEY, None) is not None:
        request.session.cycle_key()
