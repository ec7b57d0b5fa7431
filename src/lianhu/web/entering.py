"""The one way into a session: begun here, half open until the second factor, fresh for a while."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.timezone import localdate

from lianhu.accounts.actions.sessions import note_entry
from lianhu.accounts.models import User
from lianhu.accounts.queries.staff import get_user
from lianhu.accounts.rules import agent_family, coarse_network, terms
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import uuid7
from lianhu.web.actor import caller_address
from lianhu.web.sessions import ENTRY

HALF = "half"
DEMO = "demo"


def begin(request: HttpRequest, user: User, *, way: str, second: str = "", at: datetime) -> None:
    """Sign somebody in; `way` is password, provider or demo, `second` the factor shown."""
    request.session.pop(HALF, None)
    if request.user.is_authenticated:
        request.session.cycle_key()  # Django keeps the key of who was signed in already
    login(request, user)
    address = caller_address(request, settings.LIANHU_PROXIES)
    request.session[ENTRY] = {
        "mark": uuid7().hex, "began": at.timestamp(), "way": way,
        "agent": agent_family(request.headers.get("User-Agent", "")),
        "network": coarse_network(address), "second": second,
        "fresh": at.timestamp(),
    }  # fmt: skip
    note_entry(user, way, second, at=at)


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody who has shown a password, or came from the provider, and owes a second factor."""

    user: User
    way: str
    next: str


def begin_half(request: HttpRequest, user: User, *, way: str, next_: str, at: datetime) -> None:
    """Remember who is at the door; nothing is open to them but the second factor."""
    request.session.cycle_key()
    request.session[HALF] = {
        "user": user.id.hex, "way": way, "next": next_, "at": at.timestamp(),
        "hash": user.get_session_auth_hash(),
    }  # fmt: skip


def half_of(request: HttpRequest, *, at: datetime) -> Half:
    """Who is at the door; refuses ``account.signed_out``, also after too long, and when the
    password was changed meanwhile."""
    known: dict[str, Any] | None = request.session.get(HALF)
    most = terms(localdate(at))["half_minutes"] * 60
    if not known or at.timestamp() - known["at"] > most:
        request.session.pop(HALF, None)
        raise NotPermitted("account.signed_out")
    user = get_user(UUID(known["user"]))
    if user.get_session_auth_hash() != known["hash"]:
        request.session.pop(HALF, None)
        raise NotPermitted("account.signed_out")
    return Half(user, known["way"], known["next"])


def mark_of(request: HttpRequest) -> UUID | None:
    """The mark of the session of whoever is signed in."""
    entry = request.session.get(ENTRY)
    return UUID(entry["mark"]) if entry else None


def is_demo(request: HttpRequest) -> bool:
    """Whether the session came in by the demo's door, which a real county has not."""
    entry = request.session.get(ENTRY) or {}
    return bool(settings.LIANHU_DEMO) and entry.get("way") == DEMO


def has_shown_second(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session, or is not asked of it."""
    entry = request.session.get(ENTRY) or {}
    return is_demo(request) or bool(entry.get("second"))


def is_fresh(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the second factor was shown a short while ago, or is not asked of this session."""
    entry = request.session.get(ENTRY) or {}
    most = terms(localdate(at))["fresh_minutes"] * 60
    return is_demo(request) or at.timestamp() - entry.get("fresh", 0) <= most


def freshen(request: HttpRequest, second: str, *, at: datetime) -> None:
    """Note that the second factor was shown once more, under a new session key."""
    entry = request.session.get(ENTRY)
    if not entry:
        raise Refusal("account.signed_out")
    request.session.cycle_key()
    request.session[ENTRY] = entry | {"second": second, "fresh": at.timestamp()}
