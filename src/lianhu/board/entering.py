"""Sign in to one's own household: a number, a code by text message, and where several
households share the number, which of them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.board.page import private_page
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.masking import mask_phone
from lianhu.kernel.sms import has_gateway
from lianhu.rights.actions.codes import ask_code, check_code, choose_household
from lianhu.rights.queries.own import Resident
from lianhu.rights.rules import plain_code, plain_mobile, terms
from lianhu.web.actor import address_of
from lianhu.web.resident import enter_household, leave_household, resident_of
from lianhu.web.words import status_of, words_of

P = ParamSpec("P")
TICKET, CHOICE = "board.code", "board.choice"


def household_page(
    view: Callable[Concatenate[HttpRequest, Resident, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page of the signed-in household; anybody else is offered to sign in. What was typed
    before the session ended is handed back to be copied."""

    @private_page
    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            resident = resident_of(request, at=timezone.now())
        except NotPermitted:
            return sign_in_page(request, typed=request.POST.get("words", ""))
        return view(request, resident, *args, **kwargs)

    return answer


def sign_in_page(
    request: HttpRequest, *, refusal: Refusal | None = None, **page: Any
) -> HttpResponse:
    """The box for a number."""
    frame = {
        "gateway": has_gateway(),
        "rule": terms(localdate()),
        "problem": words_of(refusal) if refusal else "",
    }
    status = status_of(refusal) if refusal else 401
    return render(request, "board/mine/sign_in.html", frame | page, status=status)


@require_POST
@private_page
def code(request: HttpRequest) -> HttpResponse:
    """Send a code to a number, and show the box for it: the same for every number."""
    number = plain_mobile(request.POST.get("phone", ""))
    if not number:
        typed = request.POST.get("phone", "")[:30]
        return sign_in_page(request, refusal=Refusal("rights.bad_number"), phone=typed)
    try:
        made = ask_code(number, _address(request), at=timezone.now())
    except Refusal as refusal:
        return sign_in_page(request, refusal=refusal, phone=number)
    ticket = signing.dumps({"id": made.hex, "number": number}, salt=TICKET)
    return _code_page(request, ticket, number)


def _code_page(
    request: HttpRequest, ticket: str, number: str, refusal: Refusal | None = None
) -> HttpResponse:
    page = {
        "ticket": ticket,
        "number": mask_phone(number),
        "rule": terms(localdate()),
        "problem": words_of(refusal) if refusal else "",
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "board/mine/code.html", page, status=status)


@require_POST
@private_page
def enter(request: HttpRequest) -> HttpResponse:
    """Come in by a code, or say which household it is."""
    try:
        ticket = request.POST.get("ticket", "")
        known = signing.loads(ticket, salt=TICKET)
    except signing.BadSignature:
        return sign_in_page(request, refusal=Refusal("rights.code_over"))
    number, at = known["number"], timezone.now()
    try:
        typed = plain_code(request.POST.get("code", ""))
        proven = check_code(UUID(known["id"]), number, typed, _address(request), at=at)
    except Refusal as refusal:
        if refusal.code == "rights.code_over":
            return sign_in_page(request, refusal=refusal, phone=number)
        return _code_page(request, ticket, number, refusal)
    if proven.resident is None:
        return _choice_page(request, signing.dumps({"number": number}, salt=CHOICE))
    enter_household(request, proven.resident, at=at)
    return redirect("board-mine")


def _choice_page(
    request: HttpRequest, choice: str, refusal: Refusal | None = None
) -> HttpResponse:
    page = {"choice": choice, "problem": words_of(refusal) if refusal else ""}
    status = status_of(refusal) if refusal else 200
    return render(request, "board/mine/choose.html", page, status=status)


@require_POST
@private_page
def choose(request: HttpRequest) -> HttpResponse:
    """Say which of the households on a proven number is hers."""
    choice, at = request.POST.get("choice", ""), timezone.now()
    try:
        seconds = terms(localdate())["code_minutes"] * 60
        number = signing.loads(choice, salt=CHOICE, max_age=seconds)["number"]
    except signing.BadSignature:
        return sign_in_page(request, refusal=Refusal("rights.code_over"))
    try:
        resident = choose_household(number, request.POST.get("who", ""), at=at)
    except Refusal as refusal:
        return _choice_page(request, choice, refusal)
    enter_household(request, resident, at=at)
    return redirect("board-mine")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the household's pages on this phone."""
    leave_household(request)
    return redirect("board-mine")


def _address(request: HttpRequest) -> str:
    return address_of(request, settings.LIANHU_PROXIES)
