"""The demo's own pages: come in as anybody, without a password. Only when LIANHU_DEMO=1."""

import io
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from lianhu.accounts.actions.devices import issue_token
from lianhu.accounts.queries.actors import actor_for
from lianhu.accounts.queries.staff import get_user
from lianhu.demo.cast import demo_user, landing, list_accounts
from lianhu.kernel.errors import Refusal
from lianhu.rights.queries.own import resident_of_person
from lianhu.web.entering import DEMO, begin
from lianhu.web.middleware import problem
from lianhu.web.resident import enter_household
from lianhu.web.words import status_of, words_of

View = Callable[[HttpRequest], HttpResponse]


def demo_only(view: View) -> View:
    """404 on a system that is no demo, however the address came to be called."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.LIANHU_DEMO:
            raise Http404
        return view(request)

    return never_cache(guarded)


@require_GET
@demo_only
def entrance(request: HttpRequest) -> HttpResponse:
    """All demo accounts, a button for each."""
    return render(request, "demo/entrance.html", {"accounts": list_accounts()})


@require_POST
@demo_only
def sign_in(request: HttpRequest) -> HttpResponse:
    """Come in as the account that the form names, at the desk or at the village's board."""
    user = get_user(demo_user(request.POST.get("account", "")))
    begin(request, user, way=DEMO, at=timezone.now())
    is_resident = "resident" in actor_for(user, on=localdate()).roles
    home = resident_of_person(user.person_id) if is_resident and user.person_id else None
    if home is None:
        return HttpResponseRedirect(landing(user.id))
    enter_household(request, home, at=timezone.now())
    return HttpResponseRedirect("/mine/")


@csrf_exempt
@require_POST
@demo_only
def enrol(request: HttpRequest) -> HttpResponse:
    """A token for a phone of the account that the JSON body names; problems as in the API."""
    try:
        asked: Any = json.loads(request.body)
    except (ValueError, RecursionError):
        asked = None
    account = asked.get("account") if isinstance(asked, dict) else None
    if not isinstance(account, str):
        return problem("request.invalid", '要的是 {"account": "…"}', 422)
    try:
        return JsonResponse({"token": _token(account)})
    except Refusal as refusal:
        return problem(refusal.code, words_of(refusal), status_of(refusal))


@require_POST
@demo_only
def phone(request: HttpRequest) -> HttpResponse:
    """Open the phone app here as the account that the form names."""
    return HttpResponseRedirect(_link(request.POST.get("phone", "")))


@require_POST
@demo_only
def scan(request: HttpRequest) -> HttpResponse:
    """A QR code that opens the phone app as that account on another device."""
    account = request.POST.get("phone", "")
    name, path = get_user(demo_user(account)).name, _link(account)
    drawn = io.BytesIO()
    code = segno.make(request.build_absolute_uri(path), error="m")
    code.save(drawn, kind="svg", xmldecl=False, svgns=True, scale=6, border=2, omitsize=True)
    # The picture is made here from our own address and a token: no text of anybody's is in it.
    picture = mark_safe(drawn.getvalue().decode())  # noqa: S308
    return render(request, "demo/scan.html", {"picture": picture, "path": path, "name": name})


def _token(account: str) -> str:
    user = get_user(demo_user(account))
    return issue_token(user, made_by=user.id, at=timezone.now())


def _link(account: str) -> str:
    return f"/phone/#enrol={_token(account)}"
