"""One's own sign-in: second factors, where one is signed in, one's phones, what failed."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.passkeys import end_passkey
from lianhu.accounts.actions.second import end_authenticator, renew_codes
from lianhu.accounts.actions.sessions import end_other_sessions, end_own_device, end_own_session
from lianhu.accounts.queries.second import factors_of, identity_of, owes_second
from lianhu.accounts.queries.sessions import own_devices, own_failures, own_sessions
from lianhu.accounts.queries.staff import get_user
from lianhu.accounts.rules import terms
from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.desk.proving import fresh_for_all, key_code, prepared, set_up
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.provider import provider_name
from lianhu.web.entering import mark_of

MOST = 20
OWN = "/desk/me/"


@staff
def mine(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One's own page."""
    return _page(request, actor)


def _page(request: HttpRequest, actor: Actor, refused: str = "") -> HttpResponse:
    at = timezone.now()
    return show(
        request, actor, "desk/mine.html", tab="", status=REFUSED if refused else 200,
        refused=refused, factors=factors_of(actor.id), owes=owes_second(actor),
        sessions=list(own_sessions(actor, at=at)[:MOST]), here=mark_of(request),
        devices=list(own_devices(actor)), failures=list(own_failures(actor, at=at)[:MOST]),
        days=terms(localdate())["failures_days"], provider=provider_name(),
        identity=identity_of(actor.id, settings.LIANHU_OIDC_ISSUER),
    )  # fmt: skip


@sensitive_post_parameters("code", "passkey")
@staff
@fresh_for_all
def new_factor(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Add a second factor; the codes on paper are shown once if it is the first."""
    at, user = timezone.now(), get_user(actor.id)
    has_app = factors_of(user.id).authenticator is not None
    frame: dict[str, Any] = {"base": "desk/base.html", "tab": "", "has_app": has_app}
    how, refused, status = request.POST.get("how", ""), "", 200
    if request.method == "POST" and (how == "passkey" or "code" in request.POST):
        try:
            _, codes = set_up(request, user, at=at)
        except Refusal as refusal:
            refused, status = said(refusal), REFUSED
        else:
            return _codes(request, actor, codes) if codes else go(OWN, done="factor")
    if how == "app" and not has_app:
        page = frame | key_code(user, at=at)
        return show(
            request, actor, "desk/second/app.html", status=status, refused=refused, **page
        )
    page = frame | prepared(request, user)
    return show(
        request, actor, "desk/second/choose.html", status=status, refused=refused, **page
    )


def _codes(request: HttpRequest, actor: Actor, codes: list[str]) -> HttpResponse:
    return show(request, actor, "desk/second/codes.html", tab="", base="desk/base.html",
                codes=codes, next=OWN)  # fmt: skip


@require_POST
@staff
@fresh_for_all
def end_factor(request: HttpRequest, actor: Actor, what: str) -> HttpResponseBase:
    """Take a second factor off: the code app or one passkey (`key`), never the last."""
    at = timezone.now()
    try:
        if what == "passkey":
            end_passkey(actor, _uuid(request.POST.get("key", "")), at=at)
        elif what == "app":
            end_authenticator(actor, at=at)
        else:
            raise Refusal("second.none")
    except Refusal as refusal:
        return _page(request, actor, said(refusal))
    return go(OWN, done="factor_end")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@require_POST
@staff
@fresh_for_all
def codes(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """New codes on paper in place of the old ones, shown once."""
    try:
        return _codes(request, actor, renew_codes(actor, at=timezone.now()))
    except Refusal as refusal:
        return _page(request, actor, said(refusal))


@require_POST
@staff
@fresh_for_all
def end_mine(request: HttpRequest, actor: Actor, mark: UUID) -> HttpResponseBase:
    """End one of one's own sessions; ending this one signs out."""
    end_own_session(actor, mark, at=timezone.now())
    if mark == mark_of(request):
        request.session.flush()
        return go("/desk/sign-in/")
    return go(OWN, done="session")


@require_POST
@staff
@fresh_for_all
def end_others(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """End all one's own sessions but this one."""
    end_other_sessions(actor, mark_of(request), at=timezone.now())
    return go(OWN, done="session")


@require_POST
@staff
@fresh_for_all
def end_phone(request: HttpRequest, actor: Actor, device_id: UUID) -> HttpResponseBase:
    """End a phone of one's own."""
    end_own_device(actor, device_id, at=timezone.now())
    return go(OWN, done="revoke")
