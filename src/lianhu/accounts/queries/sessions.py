"""Find sessions and phones by whose they are, and what failed at the door."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localdate

from lianhu.accounts.models import Device, Grant, Session, User
from lianhu.accounts.rules import terms
from lianhu.audit.models import Entry
from lianhu.kernel.actor import Actor
from lianhu.territory.queries import reach, within

FAILED = ("sign_in.failed", "sign_in.second_failed")


def own_sessions(actor: Actor, *, at: datetime) -> QuerySet[Session]:
    """One's own living sessions, newest first."""
    # open to all: one's own.
    rows = Session.objects.filter(user_id=actor.id, expire_date__gt=at)
    return rows.order_by("-began_at", "mark")


def own_devices(actor: Actor) -> QuerySet[Device]:
    """One's own phones in use, newest first."""
    # open to all: one's own.
    return Device.objects.filter(user_id=actor.id, revoked_at=None, confirm_code="").order_by(
        "-enrolled_at", "id"
    )


def own_failures(actor: Actor, *, at: datetime) -> QuerySet[Entry]:
    """What failed at the door under one's own name of late, newest first."""
    # open to all: one's own.
    return _failures(at).filter(object_id=str(actor.id))


SESSION_ORDERS = {
    "": ("-began_at", "mark"),
    "oldest": ("began_at", "mark"),
    "name": ("user__name", "-began_at", "mark"),
}


def list_sessions(
    actor: Actor, *, at: datetime, under: str = "", words: str = "", order: str = "",
    user_id: UUID | None = None,
) -> QuerySet[Session]:  # fmt: skip
    """Living sessions of whoever holds a grant in reach (at or below a place), with their users."""
    users = reach(Grant.objects, actor, "account.manage")
    if under:
        users = users.filter(within([under]))
    # scoped by the grants above: a session belongs to a user, not to a place.
    rows = Session.objects.filter(user_id__in=users.values("user_id"), expire_date__gt=at)
    if words:
        rows = rows.filter(user__name__startswith=words)
    if user_id:
        rows = rows.filter(user_id=user_id)
    return rows.select_related("user").order_by(*SESSION_ORDERS.get(order, SESSION_ORDERS[""]))


def list_failures(actor: Actor, *, at: datetime) -> QuerySet[Entry]:
    """What failed at the door of late, for who manages accounts over a whole county; newest
    first. Who came in well is nobody's list."""
    if not any(len(code) == COUNTY for code in actor.scopes.get("account.manage", ())):
        return _failures(at).none()
    return _failures(at)


COUNTY = 6


def names_of(user_ids: Iterable[str]) -> dict[str, str]:
    """The names of some users by their identifiers. One query."""
    # open to all: callers hold the ids of users they may see.
    rows = User.objects.filter(id__in=set(user_ids)).values_list("id", "name")
    return {str(key): name for key, name in rows}


def _failures(at: datetime) -> QuerySet[Entry]:
    since = at - timedelta(days=terms(localdate(at))["failures_days"])
    # open to all: narrowed by the callers above to oneself or to who manages accounts.
    return Entry.objects.filter(place_id="", verb__in=FAILED, at__gte=since).order_by("-id")
