"""What every page does alike that asks for a second factor, sets one up, or asks once more."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate

from lianhu.accounts.actions.passkeys import (
    add_passkey,
    ask_passkey,
    begin_passkey,
    check_passkey,
)
from lianhu.accounts.actions.passwords import check_own_password
from lianhu.accounts.actions.second import (
    check_second,
    confirm_authenticator,
    note_again,
    start_authenticator,
)
from lianhu.accounts.queries.second import factors_of, owes_second
from lianhu.accounts.queries.staff import get_user
from lianhu.accounts.rules import key_uri, terms
from lianhu.desk.page import go, show
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.territory.queries import list_places
from lianhu.web.actor import address_of
from lianhu.web.entering import freshen, is_fresh
from lianhu.web.known import browser_of
from lianhu.web.words import status_of, words_of

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
CEREMONY = "ceremony"  # the state of a passkey's ceremony: on the server, good for one try
OURS = ("csrfmiddlewaretoken", "confirm_code", "confirm_passkey", "confirm_password", "confirm")
LONGEST_ANSWER = 20_000


def _party(request: HttpRequest) -> tuple[str, str]:
    """Our host without its port (Django has checked it) and the origin of our own pages."""
    host = request.get_host()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name, f"{request.scheme}://{host}"


def ask(request: HttpRequest, user: Any) -> dict[str, Any]:
    """What a page needs to ask for a passkey; nothing when there is none."""
    if not factors_of(user.id).passkeys:
        return {}
    options, state = ask_passkey(user, *_party(request))
    request.session[CEREMONY] = state
    return {"passkey_options": json.dumps(options)}


def prepared(request: HttpRequest, user: Any) -> dict[str, Any]:
    """What a page needs to make a passkey."""
    options, state = begin_passkey(user, *_party(request))
    request.session[CEREMONY] = state
    return {"passkey_options": json.dumps(options)}


def _answer(text: str) -> Any:
    """What the browser's authenticator answered, as far as it can be read."""
    try:
        return json.loads(text[:LONGEST_ANSWER])
    except (ValueError, RecursionError):
        return None


def prove(request: HttpRequest, user: Any, *, at: datetime) -> str:
    """The factor that a form shows of somebody; refuses ``second.wrong``, ``throttled``."""
    address = address_of(request, settings.LIANHU_PROXIES)
    browser = browser_of(request, user.username)
    state = request.session.pop(CEREMONY, None)
    if answer := request.POST.get("confirm_passkey", ""):
        return check_passkey(
            user, state, _answer(answer), *_party(request), address, at=at, browser=browser
        )
    code = request.POST.get("confirm_code", "")[:40]
    return check_second(user, code, address, at=at, browser=browser)


def key_code(user: Any, *, at: datetime) -> dict[str, Any]:
    """A QR code for a code app, and the same to type: good until a code of it was right."""
    secret = start_authenticator(user, at=at)
    county = next((place.name for place in list_places("county")), "")
    uri = key_uri(secret, user.username, county)
    # segno writes only numbers of its own into the picture.
    qr = mark_safe(segno.make(uri, error="m").svg_inline(scale=5, border=3, dark="#1c2321"))  # noqa: S308
    key = uri.partition("secret=")[2].partition("&")[0]
    return {"qr": qr, "key": " ".join(key[n : n + 4] for n in range(0, len(key), 4))}


def set_up(request: HttpRequest, user: Any, *, at: datetime) -> tuple[str, list[str]]:
    """Keep the factor that a form sets up: which it is, and fresh codes on paper if it is the
    first. Refuses ``second.wrong``, ``second.bad_passkey`` and their like."""
    state = request.session.pop(CEREMONY, None)
    if request.POST.get("how") == "passkey":
        answer, name = _answer(request.POST.get("passkey", "")), request.POST.get("name", "")
        name = "".join(sign for sign in name if sign.isprintable())
        return "passkey", add_passkey(user, state, answer, name, *_party(request), at=at)
    return "totp", confirm_authenticator(user, request.POST.get("code", "")[:40], at=at)


def fresh(view: Page[P]) -> Page[P]:
    """Ask once more whether it is the person, when the last time is a while ago: for exports,
    roles, resets. Whoever has no second factor and owes none is not asked."""
    return _asked_again(view, everybody=False)


def fresh_for_all(view: Page[P]) -> Page[P]:
    """As `fresh`, and who has no second factor shows the password: for the factors themselves."""
    return _asked_again(view, everybody=True)


def _asked_again(view: Page[P], *, everybody: bool) -> Page[P]:
    @wraps(view)
    def guarded(
        request: HttpRequest, actor: Actor, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        at = timezone.now()
        if is_fresh(request, at=at) or not (everybody or _has_second(actor)):
            return view(request, actor, *args, **kwargs)
        refused, status = "", 403
        if request.POST.get("confirm"):
            try:
                freshen(request, _shown_again(request, actor, at=at), at=at)
            except Refusal as refusal:
                refused, status = words_of(refusal), status_of(refusal)
            else:
                if request.POST["confirm"] == "go":
                    return go(request.get_full_path())
                return view(request, actor, *args, **kwargs)
        return _ask_again(request, actor, refused, status)

    return guarded


def _has_second(actor: Actor) -> bool:
    return owes_second(actor) or factors_of(actor.id).any


def _shown_again(request: HttpRequest, actor: Actor, *, at: datetime) -> str:
    """The factor shown once more, or "" for the password of who has none."""
    user = get_user(actor.id)
    if factors_of(user.id).any:
        shown = prove(request, user, at=at)
    else:
        shown = ""
        address = address_of(request, settings.LIANHU_PROXIES)
        check_own_password(user, request.POST.get("confirm_password", ""), address, at=at)
    note_again(user, shown or "password", at=at)
    return shown


def _ask_again(request: HttpRequest, actor: Actor, refused: str, status: int) -> HttpResponse:
    """The page that asks, with all that the form before it said, so that nothing is lost."""
    user = get_user(actor.id)
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in OURS
        for value in values
    ]
    first = request.POST.get("confirm") or ("yes" if request.method == "POST" else "go")
    return show(
        request, actor, "desk/second/again.html", tab="", status=status, refused=refused,
        factors=factors_of(user.id), kept=kept, confirm=first,
        minutes=terms(localdate())["fresh_minutes"], **ask(request, user),
    )  # fmt: skip
