"""What every page of the board does alike: caching, privacy, QR codes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import SafeString, mark_safe

from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.scope import Whole, whole_county

View = Callable[..., HttpResponse]
SECONDS = 60


def _found(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The view's answer; for a place that is not there, a page that helps to find one."""
    try:
        with whole_county(Whole.BOARD):
            return view(request, *args, **kwargs)
    except NotPermitted as absent:
        if absent.code != "place.not_found":
            raise
        return render(request, "board/absent.html", status=404)


def public_page(view: View) -> View:
    """A page that is the same for everybody without a session, and may be cached a minute."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _found(view, request, *args, **kwargs)
        if response.status_code == 200:
            whose = {"private": True} if request.COOKIES else {"public": True}
            patch_cache_control(response, max_age=SECONDS, **whose)
            patch_vary_headers(response, ["Cookie"])
        return response

    return answer


def private_page(view: View) -> View:
    """A page for the holder of a code: kept by no cache and no search engine, and the address
    with the code is told to no other page. (Not "no-referrer": browsers then send forms with
    "Origin: null", which the protection against forged forms rightly refuses.)"""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _found(view, request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "strict-origin"
        return response

    return answer


def qr(address: str, label: str) -> SafeString:
    """An inline SVG of a QR code that leads to `address`; `label` is for who cannot see it."""
    picture = segno.make(address, error="m").svg_inline(
        scale=4, border=2, dark="#1c2321", light="#ffffff", svgclass="qr", omitsize=True
    )
    labelled = picture.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    # Nothing of the address is written as text: the picture is paths and our own label.
    return mark_safe(labelled)  # noqa: S308
