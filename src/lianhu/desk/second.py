"""The second factor at the door: shown after the password, or set up by who has none yet."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from lianhu.accounts.queries.second import factors_of
from lianhu.desk.page import go
from lianhu.desk.proving import ask, key_code, prepared, prove, set_up
from lianhu.kernel.errors import Refusal
from lianhu.web.entering import Half, begin, half_of
from lianhu.web.known import remember
from lianhu.web.words import status_of, words_of

SET_UP = "/desk/second/new/"


@sensitive_post_parameters("confirm_code", "confirm_passkey")
@never_cache
def second(request: HttpRequest) -> HttpResponseBase:
    """Ask who has shown a password for a second factor; wrong ones are counted and told."""
    at = timezone.now()
    half = half_of(request, at=at)
    factors = factors_of(half.user.id)
    if not factors.any:
        return go(SET_UP)
    refused, status = "", 200
    if request.method == "POST":
        try:
            shown = prove(request, half.user, at=at)
        except Refusal as refusal:
            refused, status = words_of(refusal), status_of(refusal)
        else:
            return _enter(request, half, shown)
    page = {"name": half.user.name, "factors": factors, "refused": refused}
    return render(
        request, "desk/second/show.html", page | ask(request, half.user), status=status
    )


@sensitive_post_parameters("code", "passkey")
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Set up the first factor before the desk opens; the codes on paper are shown once."""
    at = timezone.now()
    half = half_of(request, at=at)
    if factors_of(half.user.id).any:
        return go("/desk/second/")
    frame = {"base": "desk/signed_out.html", "name": half.user.name, "at_door": True}
    how, refused, status = request.POST.get("how", ""), "", 200
    if request.method == "POST" and (how == "passkey" or "code" in request.POST):
        try:
            shown, codes = set_up(request, half.user, at=at)
        except Refusal as refusal:
            refused, status = words_of(refusal), 422
        else:
            response = _enter(request, half, shown)
            page = frame | {"codes": codes, "next": response["Location"]}
            return _keep_cookies(render(request, "desk/second/codes.html", page), response)
    if how == "app":
        page = frame | key_code(half.user, at=at) | {"refused": refused}
        return render(request, "desk/second/app.html", page, status=status)
    page = frame | prepared(request, half.user) | {"refused": refused}
    return render(request, "desk/second/choose.html", page, status=status)


def _enter(request: HttpRequest, half: Half, shown: str) -> HttpResponse:
    begin(request, half.user, way=half.way, second=shown, at=timezone.now())
    response = go(half.next)
    remember(request, response, half.user.username)
    return response


def _keep_cookies(response: HttpResponse, earlier: HttpResponse) -> HttpResponse:
    """The cookies of an answer that another one takes the place of."""
    response.cookies.update(earlier.cookies)
    return response
