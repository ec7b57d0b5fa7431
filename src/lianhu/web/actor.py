"""The actor behind a request."""

from django.http import HttpRequest
from django.utils.timezone import localdate

from lianhu.accounts.models import User
from lianhu.accounts.queries.actors import actor_for
from lianhu.accounts.rules import counted_address
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.scope import narrow_to


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person, their grants read once per request; refuses
    ``account.signed_out``."""
    known = getattr(request, "lianhu_actor", None)
    if isinstance(known, Actor):
        return known
    if not isinstance(request.user, User):
        raise NotPermitted("account.signed_out")
    actor = actor_for(request.user, on=localdate())
    narrow_to(actor)
    request.lianhu_actor = actor  # type: ignore[attr-defined]
    return actor


def address_of(request: HttpRequest, proxies: int) -> str:
    """The address by which a caller's tries are counted: of IPv6 the /64."""
    return counted_address(caller_address(request, proxies))


def caller_address(request: HttpRequest, proxies: int) -> str:
    """The caller's address: of X-Forwarded-For only what the county's own proxies wrote."""
    if proxies:
        chain = request.headers.get("X-Forwarded-For", "").split(",")
        if len(chain) >= proxies and chain[-proxies].strip():
            return chain[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
