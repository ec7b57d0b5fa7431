"""Sign in and out, and change one's own password."""

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.passwords import change_password, sign_in
from lianhu.desk.page import go, show, staff
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.web.actor import address_of
from lianhu.web.words import status_of, words_of


def _wanted(request: HttpRequest) -> str:
    """The page to go to afterwards: one of our own, never somebody else's."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if url_has_allowed_host_and_scheme(asked, request.get_host()) else "/desk/"


@sensitive_post_parameters("password")
@never_cache
def enter(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page; a refusal keeps the name typed and says what to do."""
    page = {"next": _wanted(request), "username": request.POST.get("username", "").strip()}
    if request.method != "POST":
        return render(request, "desk/sign_in.html", page)
    try:
        user = sign_in(
            page["username"],
            request.POST.get("password", ""),
            address_of(request, settings.LIANHU_PROXIES),
            at=timezone.now(),
        )
    except Refusal as refusal:
        page["refused"] = words_of(refusal)
        return render(request, "desk/sign_in.html", page, status=status_of(refusal))
    login(request, user)
    return go(page["next"])


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
        return show(request, actor, "desk/password.html", tab="")
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        words = "两遍新密码不一样，请重写。"
        return show(request, actor, "desk/password.html", tab="", status=422, refused=words)
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
        return show(request, actor, "desk/password.html", tab="", status=422, refused=words)
    update_session_auth_hash(request, user)
    return go("/desk/", done="password")
