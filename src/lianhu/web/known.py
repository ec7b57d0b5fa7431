"""Browsers that somebody came in by before, told by a signed cookie.

Their failures are counted apart (`accounts.actions.passwords.sign_in`), so that strangers cannot
keep their owners out, not even from behind the same address. The cookie holds no name: a random
mark of the browser and, for each of the few people who came in by it, a keyed hash.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localdate

from lianhu.accounts.rules import terms
from lianhu.kernel.seal import blind, blinds

SALT = "lianhu.known"
MOST = 12  # people who share one browser in an office


def _read(request: HttpRequest) -> dict[str, Any]:
    """What the cookie says; nothing of one that is forged, too old or missing."""
    most = terms(localdate())["known_days"] * 86400
    try:
        found = signing.loads(request.COOKIES.get(settings.LIANHU_KNOWN_COOKIE, ""), salt=SALT, max_age=most)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def browser_of(request: HttpRequest, username: str) -> str:
    """The mark of this browser, if somebody of that name came in by it before."""
    found = _read(request)
    marks = {mark.hex() for mark in blinds(username, "known.username")}
    return str(found["browser"]) if marks & set(found.get("who", ())) else ""


def remember(request: HttpRequest, response: HttpResponseBase, username: str) -> None:
    """Note on the browser that somebody came in by it."""
    found = _read(request)
    mark = blind(username, "known.username").hex()
    who = [mark, *(other for other in found.get("who", ()) if other != mark)][:MOST]
    value = {"browser": found.get("browser") or secrets.token_hex(8), "who": who}
    response.set_cookie(
        settings.LIANHU_KNOWN_COOKIE, signing.dumps(value, salt=SALT),
        max_age=terms(localdate())["known_days"] * 86400,
        secure=bool(settings.LIANHU_TLS), httponly=True, samesite="Strict",
    )  # fmt: skip
