"""End sessions and one's own phones; note in the ledger who came in and who did not.

Entries about coming in lie at no place: they are sealed and kept, but nobody's list of the ledger
holds them, so that none can be read as a record of who was at work when (norms.md).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.models import Session, User
from lianhu.accounts.queries.actors import NOBODY
from lianhu.accounts.queries.sessions import list_sessions, own_devices, own_sessions
from lianhu.accounts.queries.staff import get_covered
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted

NOWHERE = ""


def note_entry(user: User, way: str, second: str, *, at: datetime) -> None:
    """Note that somebody came in, and how."""
    record(
        Actor(id=user.id, name=user.name), "sign_in.done", "user", user.id, NOWHERE, at=at,
        quiet=True, way=way, second=second,
    )  # fmt: skip


def note_failure(user: User | None, verb: str, *, at: datetime, way: str = "password") -> None:
    """Note that somebody did not come in. Of a name that nobody has, not even the name is kept:
    people type their passwords there."""
    key = user.id if user else NOBODY
    record(
        Actor(id=NOBODY, name="没有登录的人"), verb, "user", key, NOWHERE, at=at, quiet=True,
        way=way,
    )  # fmt: skip


@transaction.atomic
def end_own_session(actor: Actor, mark: UUID, *, at: datetime) -> None:
    """End one of one's own sessions; holds at its next request. Refuses ``session.unknown``."""
    if not own_sessions(actor, at=at).filter(mark=mark).delete()[0]:
        raise NotPermitted("session.unknown")
    record(actor, "session.end", "session", mark, actor.home, at=at, quiet=True)


@transaction.atomic
def end_other_sessions(actor: Actor, keep: UUID | None, *, at: datetime) -> int:
    """End all one's own sessions but this one; how many."""
    rows = own_sessions(actor, at=at)
    ended = (rows.exclude(mark=keep) if keep else rows).delete()[0]
    if ended:
        record(actor, "session.end_others", "user", actor.id, actor.home, at=at, quiet=True,
               sessions=ended)  # fmt: skip
    return ended


@transaction.atomic
def end_session(actor: Actor, mark: UUID, *, at: datetime) -> UUID:
    """End a session of somebody all of whose posts one covers; whose it was. Refuses
    ``session.unknown``, ``account.not_found``."""
    session = list_sessions(actor, at=at).filter(mark=mark).first()
    if session is None or session.user_id is None:
        raise NotPermitted("session.unknown")
    user = get_covered(actor, session.user_id, "account.manage", on=localdate(at))
    session.delete()
    place = actor.scopes["account.manage"][0]
    record(actor, "session.end", "session", mark, place, at=at, quiet=True, user=str(user.id))
    return user.id


@transaction.atomic
def end_sessions_of(actor: Actor, user_id: UUID, *, at: datetime) -> int:
    """End every session of somebody all of whose posts one covers; how many. Refuses
    ``account.not_found``."""
    user = get_covered(actor, user_id, "account.manage", on=localdate(at))
    ended = close_sessions(user.id)
    place = actor.scopes["account.manage"][0]
    record(actor, "session.end_all", "user", user.id, place, at=at, quiet=True, sessions=ended)
    return ended


def close_sessions(user_id: UUID) -> int:
    """End every session of a user: part of a change that is recorded elsewhere."""
    return Session.objects.filter(user_id=user_id).delete()[0]


def forget_sessions(*, at: datetime) -> int:
    """Drop sessions whose time is over; for the daily run."""
    return Session.objects.filter(expire_date__lte=at).delete()[0]


@transaction.atomic
def end_own_device(actor: Actor, device_id: UUID, *, at: datetime) -> None:
    """End a phone of one's own, lost perhaps; holds at its next contact. Refuses
    ``device.unknown``."""
    if not own_devices(actor).filter(id=device_id).update(revoked_at=at):
        raise NotPermitted("device.unknown")
    record(actor, "device.revoke", "device", device_id, actor.home, at=at, quiet=True)
