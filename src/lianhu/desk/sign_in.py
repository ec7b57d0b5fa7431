"""Sign in and out, and change one's own password."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.passwords import change_password, sign_in
from lianhu.accounts.actions.sessions import end_other_sessions
from lianhu.accounts.queries.actors import actor_for
from lianhu.accounts.queries.second import factors_of, owes_second
from lianhu.accounts.rules import terms
from lianhu.desk.page import go, show, staff
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.provider import provider_name
from lianhu.web.actor import address_of
from lianhu.web.entering import begin, begin_half, mark_of
from lianhu.web.known import browser_of, remember
from lianhu.web.words import status_of, words_of


def wanted_page(request: HttpRequest) -> str:
    """The page to go to afterwards: one of our own, never somebody else's."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if url_has_allowed_host_and_scheme(asked, request.get_host()) else "/desk/"


def sign_in_page(request: HttpRequest) -> dict[str, str]:
    """What the sign-in page shows: where to go on to, the name typed, the provider if any."""
    username = request.POST.get("username", "").strip().replace("\x00", "")[:60]
    return {"next": wanted_page(request), "username": username, "provider": provider_name()}


@sensitive_post_parameters("password")
@never_cache
def enter(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page; a refusal keeps the name typed and says what to do."""
    page = sign_in_page(request)
    if request.method != "POST":
        return render(request, "desk/sign_in.html", page)
    try:
        user = sign_in(
            page["username"],
            request.POST.get("password", ""),
            address_of(request, settings.LIANHU_PROXIES),
            at=timezone.now(),
            browser=browser_of(request, page["username"]),
        )
    except Refusal as refusal:
        page["refused"] = words_of(refusal)
        return render(request, "desk/sign_in.html", page, status=status_of(refusal))
    return enter_desk(request, user, "password", page["next"])


def enter_desk(request: HttpRequest, user: Any, way: str, next_: str) -> HttpResponseBase:
    """Go on with whoever was recognised: to the second factor if they owe or have one, else in."""
    at = timezone.now()
    if owes_second(actor_for(user, on=localdate(at))) or factors_of(user.id).any:
        begin_half(request, user, way=way, next_=next_, at=at)
        return go("/desk/second/")
    begin(request, user, way=way, at=at)
    response = go(next_)
    remember(request, response, user.username)
    return response


@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """Sign out; the session is gone on the server too."""
    logout(request)
    return go("/desk/sign-in/")


@sensitive_post_parameters("old", "new", "again")
@staff
def password(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Change one's own password; other sessions end with it, this one stays."""
    if request.method != "POST":
        return _password_page(request, actor)
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        words = "两遍新密码不一样，请重写。"
        return _password_page(request, actor, words)
    try:
        user = change_password(
            actor.id,
            request.POST.get("old", ""),
            new,
            address_of(request, settings.LIANHU_PROXIES),
            at=timezone.now(),
        )
    except Refusal as refusal:
        words = words_of(refusal)
        return _password_page(request, actor, words)
    end_other_sessions(actor, mark_of(request), at=timezone.now())
    update_session_auth_hash(request, user)
    return go("/desk/", done="password")


def _password_page(request: HttpRequest, actor: Actor, refused: str = "") -> HttpResponse:
    shortest = terms(localdate())["password_shortest"]
    return show(
        request, actor, "desk/password.html", tab="", status=422 if refused else 200,
        refused=refused, shortest=shortest,
    )  # fmt: skip
