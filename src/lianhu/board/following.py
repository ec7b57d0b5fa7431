"""Follow a matter by its code: where it stands, answer a question, rate, ask to reopen."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.attempts import check_throttle, note_try, throttle
from lianhu.accounts.queries.actors import public_actor
from lianhu.board.page import private_page, qr
from lianhu.board.telling import clock_of, stage_words, unarranged_year
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.matters.actions.report import add_by_code, rate_matter
from lianhu.matters.actions.steps import reopen_matter
from lianhu.matters.queries.one import find_by_ref
from lianhu.matters.queries.public import read_public
from lianhu.web.actor import address_of
from lianhu.web.words import status_of, words_of

DONE = {
    "new": "",
    "add": "您的话已经送到，办理的人能看到。",
    "rate": "谢谢您的评价。",
    "reopen": "已经退回去重新办，期限从今天重新算。",
}
SCORES = ((5, "很满意"), (4, "满意"), (3, "一般"), (2, "不满意"), (1, "很不满意"))
LONGEST_CODE = 40


@private_page
def box(request: HttpRequest) -> HttpResponse:
    """The box for a code; a code in it leads to its matter."""
    ref = request.GET.get("ref", "").strip()[:LONGEST_CODE]
    plain = "".join(sign for sign in ref if sign.isalnum())
    if plain:
        return redirect("board-follow", ref=plain)
    return render(request, "board/follow_box.html", {"ref": ref})


@private_page
def follow(request: HttpRequest, ref: str) -> HttpResponse:
    """Where a matter stands, for whoever holds its code."""
    return _page(request, ref)


@require_POST
@private_page
def add(request: HttpRequest, ref: str) -> HttpResponse:
    """Add words, or answer what the office asked."""

    def act(at: datetime, words: str) -> None:
        throttle("board_report_address", _address(request), at=at)
        matter = find_by_ref(ref)
        add_by_code(public_actor(matter.place_id), matter, words, at=at)

    return _act(request, ref, "add", act)


@require_POST
@private_page
def rate(request: HttpRequest, ref: str) -> HttpResponse:
    """Rate the answer from 1 to 5."""

    def act(at: datetime, words: str) -> None:
        score = request.POST.get("score", "")
        number = int(score) if score in {"1", "2", "3", "4", "5"} else 0
        matter = find_by_ref(ref)
        rate_matter(
            public_actor(matter.place_id), matter, number, words, at=at, by=request.user.pk
        )

    return _act(request, ref, "rate", act)


@require_POST
@private_page
def reopen(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask that a closed matter be taken up again, with a reason."""

    def act(at: datetime, words: str) -> None:
        matter = find_by_ref(ref)
        reopen_matter(public_actor(matter.place_id), matter, words, at=at, by=request.user.pk)

    return _act(request, ref, "reopen", act)


def _address(request: HttpRequest) -> str:
    return address_of(request, settings.LIANHU_PROXIES)


def _act(
    request: HttpRequest, ref: str, step: str, act: Callable[[datetime, str], None]
) -> HttpResponse:
    """Take one step, then show the matter anew; a refusal keeps what was typed."""
    at = timezone.now()
    words = request.POST.get("words", "")
    try:
        _guarded(request, lambda: act(at, words), at)
    except Refusal as refusal:
        if refusal.code == "matter.not_found":
            return _absent(request, ref, refusal)
        return _page(request, ref, refusal=refusal, step=step, typed=words)
    return redirect(reverse("board-follow", args=[ref]) + f"?done={step}")


def _guarded(request: HttpRequest, look: Callable[[], Any], at: datetime) -> Any:
    """What `look` gives. Only wrong codes count against an address; too many refuse right ones
    too, or guessing would go on unseen. Refuses ``throttled``, ``matter.not_found``."""
    address = _address(request)
    check_throttle("follow", address, at=at)
    try:
        return look()
    except NotPermitted:
        note_try("follow", address, at=at)
        raise


def _absent(request: HttpRequest, ref: str, refusal: Refusal) -> HttpResponse:
    """The box again: a code that never was and one that is misspelt look alike."""
    page = {"ref": ref[:LONGEST_CODE], "problem": words_of(refusal)}
    return render(request, "board/follow_box.html", page, status=status_of(refusal))


def _page(
    request: HttpRequest,
    ref: str,
    *,
    refusal: Refusal | None = None,
    step: str = "",
    typed: str = "",
) -> HttpResponse:
    at = timezone.now()
    try:
        matter = _guarded(request, lambda: read_public(ref, at=at), at)
    except Refusal as absent:
        return _absent(request, ref, absent)
    open_boxes = {
        "add": matter.may_add,
        "rate": matter.may_rate,
        "reopen": matter.reopen_until is not None,
    }
    now, later = stage_words(matter)
    done = request.GET.get("done", "") if request.method == "GET" else ""
    address = request.build_absolute_uri(reverse("board-follow", args=[matter.ref]))
    page = {
        "matter": matter,
        "code": f"{matter.ref[:5]} {matter.ref[5:]}",
        "now": now,
        "later": later,
        "clock": clock_of(matter),
        "unarranged": unarranged_year(matter),
        "is_new": done == "new",
        "done": DONE.get(done, ""),
        "scores": SCORES,
        "rated": dict(SCORES).get(matter.score or 0, ""),
        "address": address,
        "qr": qr(address, "查进度的二维码"),
        "problem": words_of(refusal) if refusal else "",
        "step": step,
        "typed": typed,
        "homeless": typed if step and not open_boxes[step] else "",
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "board/follow.html", page, status=status)
