"""What my household may ask on the board: correct, appeal, delete, restrict, explain, a copy."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.attempts import check_throttle, note_try
from lianhu.board.entering import household_page
from lianhu.board.page import private_page, qr
from lianhu.grading.queries.colours import own_grade
from lianhu.grading.rules.colours import clocks
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions.proposals import Proposed
from lianhu.rights.actions.requests import appeal_own, ask_own, copy_own, correct_own
from lianhu.rights.queries.held import members_of
from lianhu.rights.queries.own import Resident
from lianhu.rights.queries.requests import request_by_ref
from lianhu.rights.rules import Kind, terms
from lianhu.web.actor import address_of
from lianhu.web.copying import copy_of
from lianhu.web.resident import resident_of
from lianhu.web.words import status_of, words_of

ASKED = (Kind.DELETE, Kind.RESTRICT, Kind.EXPLAIN)


@household_page
def correct(request: HttpRequest, resident: Resident) -> HttpResponse:
    """Say what is wrong in my household's register; the village decides."""
    members = members_of(resident.household.id)
    page: dict[str, Any] = {"members": members}
    if request.method != "POST":
        return _show(request, resident, "correct", page | {"who": request.GET.get("who", "")})
    typed = request.POST
    member = next((m for m in members if str(m.id) == typed.get("who")), None)
    what, words = typed.get("what", ""), typed.get("words", "")
    if what == "other" and member is not None and words.strip():
        words = f"{member.name}：{words.strip()}"
    said = Proposed(
        what=what, words=words, person_id=member.id if member and what != "other" else None,
        base_version=member.version if member else 0, phone=typed.get("phone", "").strip(),
        residence=typed.get("residence", ""), away_to=typed.get("away_to", "").strip(),
    )  # fmt: skip
    try:
        made = correct_own(resident, said, at=timezone.now())
    except Refusal as refusal:
        return _show(
            request, resident, "correct", page | {"who": typed.get("who", "")}, refusal
        )
    return _receipt(made.ref)


@household_page
def appeal(request: HttpRequest, resident: Resident) -> HttpResponse:
    """Object to my household's colour or to the end of help; another person decides."""
    today = localdate()
    page = {"own": own_grade(resident.household.id, on=today), "clocks": clocks(today)}
    if request.method != "POST":
        return _show(request, resident, "appeal", page)
    try:
        made = appeal_own(resident, request.POST.get("words", ""), at=timezone.now())
    except Refusal as refusal:
        return _show(request, resident, "appeal", page, refusal)
    return _receipt(made.ref)


@household_page
def ask(request: HttpRequest, resident: Resident) -> HttpResponse:
    """Ask that something be deleted, no longer be used, or be explained."""
    kinds = read("rights.toml")["kinds"]
    page: dict[str, Any] = {
        "kinds": {kind.value: kinds[kind] for kind in ASKED},
        "members": members_of(resident.household.id),
        "kept": read("rights.toml")["kept"],
        "kind": request.POST.get("kind", request.GET.get("kind", "")),
        "who": request.POST.get("who", ""),
    }
    if request.method != "POST":
        return _show(request, resident, "ask", page)
    who = next((m.id for m in page["members"] if str(m.id) == page["who"]), None)
    try:
        made = ask_own(
            resident, page["kind"], request.POST.get("words", ""), person_id=who,
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _show(request, resident, "ask", page, refusal)
    return _receipt(made.ref)


@require_POST
@household_page
def copy(request: HttpRequest, resident: Resident) -> HttpResponse:
    """A file of all that is held of my household, into my hands."""
    at = timezone.now()
    copy_own(resident, at=at)
    return copy_of(resident, at=at)


@private_page
def receipt(request: HttpRequest, ref: str) -> HttpResponse:
    """Where a request stands, for whoever holds its receipt; the answer only for the household
    itself, for a slip of paper may be found."""
    address, at = address_of(request, settings.LIANHU_PROXIES), timezone.now()
    check_throttle("follow", address, at=at)
    try:
        shown = request_by_ref(ref, today=localdate(at))
    except NotPermitted:
        note_try("follow", address, at=at)
        raise
    row = shown.row
    link = request.build_absolute_uri(reverse("board-receipt", args=[row.ref]))
    page = {
        "shown": shown,
        "code": f"{row.ref[:5]} {row.ref[5:]}",
        "is_new": request.GET.get("done") == "new",
        "is_own": _is_own(request, row.household_id),
        "qr": qr(link, "查进度的二维码"),
        "channel": row.get_channel_display(),
    }
    return render(request, "board/mine/receipt.html", page)


def _is_own(request: HttpRequest, household_id: UUID) -> bool:
    try:
        return resident_of(request, at=timezone.now()).household.id == household_id
    except NotPermitted:
        return False


def _receipt(ref: str) -> HttpResponse:
    return redirect(reverse("board-receipt", args=[ref]) + "?done=new")


def _show(
    request: HttpRequest,
    resident: Resident,
    form: str,
    page: dict[str, Any],
    refusal: Refusal | None = None,
) -> HttpResponse:
    """A form, as it was typed where something was refused."""
    frame = {
        "resident": resident,
        "rule": terms(localdate()),
        "typed": request.POST,
        "problem": words_of(refusal) if refusal else "",
    }
    status = status_of(refusal) if refusal else 200
    return render(request, f"board/mine/{form}.html", frame | page, status=status)
