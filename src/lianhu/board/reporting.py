"""Report a matter, or complain about this application, without script or login."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from lianhu.accounts.actions.attempts import check_throttle, note_try, throttle
from lianhu.accounts.queries.actors import public_actor
from lianhu.board.forms import ReportForm, new_number, number_of, sign_photo
from lianhu.board.page import private_page
from lianhu.board.pictures import COMPLAINT, ICONS, OFFICIAL, picture, tops
from lianhu.board.telling import narrowed, promise
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import uuid7
from lianhu.matters.actions.report import Report, report_matter
from lianhu.matters.kinds import get_kind
from lianhu.matters.queries.public import made_by_form
from lianhu.media.actions import keep_photo
from lianhu.territory.queries import get_place, list_children, list_places
from lianhu.web.actor import actor_of, address_of
from lianhu.web.words import status_of, words_of

VILLAGE_LENGTH, TOWN_LENGTH = 12, 9


@private_page
def report(request: HttpRequest) -> HttpResponse:
    """Report a matter: the village first, then what it is and who may see it."""
    code = request.GET.get("village", "")
    if len(code) != VILLAGE_LENGTH or not code.isascii() or not code.isdigit():
        return _choose(request)
    place = get_place(code)
    if place.code != code:
        return redirect(reverse("board-report") + f"?village={place.code}")
    groups = [(g.code, g.name) for g in list_children(code)]
    page = {
        "place": place,
        "town": get_place(str(place.parent_id)),
        "groups": groups,
        "kinds": [picture(kind, place.code) for kind in tops()],
        "top": request.GET.get("kind", ""),
    }
    return _answer(request, place.code, dict(groups), page)


@private_page
def complaint(request: HttpRequest) -> HttpResponse:
    """Complain about this application itself: goes to the county, past village and town.

    Source: 国办函〔2026〕12号, an in-app complaint function.
    """
    county = list_places("county").first()
    if county is None:
        raise NotPermitted("place.not_found")
    kind = get_kind(COMPLAINT)
    page = {
        "place": county,
        "complaint": True,
        "top": kind.top,
        "category": COMPLAINT,
        "office": narrowed(COMPLAINT, county.code),
        "promise": promise(kind),
    }
    return _answer(request, county.code, {}, page)


def _choose(request: HttpRequest) -> HttpResponse:
    """The towns, or the villages of the town chosen; `kind` is carried along."""
    code = request.GET.get("town", "")
    right = len(code) == TOWN_LENGTH and code.isascii() and code.isdigit()
    town = get_place(code) if right else None
    above = town or list_places("county").first()
    rows = list_children(above.code) if above else []
    kind = request.GET.get("kind", "")
    page = {"town": town, "rows": list(rows), "kind": kind if kind in ICONS else ""}
    return render(request, "board/choose.html", page)


def _answer(
    request: HttpRequest, place: str, groups: dict[str, str], page: dict[str, object]
) -> HttpResponse:
    """The empty form, or what became of a filled one; a refusal keeps everything typed."""
    page |= {"number": new_number(), "kept": ""}
    if request.method != "POST":
        return render(request, "board/report.html", page)
    form = ReportForm(request.POST, request.FILES, groups=groups)
    status = 422
    try:
        ref = _send(request, form, place, timezone.now())
        if ref:
            return redirect(reverse("board-follow", args=[ref]) + "?done=new")
    except Refusal as refusal:
        form.add_error(None, words_of(refusal))
        status = status_of(refusal)
    kept = form.photo_kept
    page |= {
        "form": form,
        "top": request.POST.get("top", page["top"]),
        "category": request.POST.get("category", page.get("category", "")),
        "number": request.POST.get("number", page["number"]),
        "kept": sign_photo(kept) if kept else "",
    }
    return render(request, "board/report.html", page, status=status)


def _send(request: HttpRequest, form: ReportForm, place: str, at: datetime) -> str:
    """Send a filled form; the code of its matter, "" where something is not right yet.

    Refuses as `report_matter` and `keep_photo`, and ``throttled``.
    """
    throttle("board_report_address", address_of(request, settings.LIANHU_PROXIES), at=at)
    _keep(form, place, at)
    if not form.is_valid():
        return ""
    typed = form.cleaned_data
    number = number_of(typed["number"])
    made = made_by_form(number, typed["words"])
    if made:
        return made
    if made is not None:  # sent, went back, wrote something else: another matter
        number = uuid7()
    check_throttle("board_report", typed["phone"], at=at)
    wanted = _report(form, typed["group"] or place)
    try:
        matter = report_matter(_sender(request, wanted.place), wanted, at=at, matter_id=number)
    except IntegrityError:  # the other tap of a double tap was first
        return made_by_form(number, typed["words"]) or ""
    note_try("board_report", typed["phone"], at=at)
    return matter.ref


def _keep(form: ReportForm, place: str, at: datetime) -> None:
    """Keep the photo at once, so that a mistake elsewhere on the form does not lose it."""
    upload = form.upload()
    if upload is None:
        return
    most = read("media.toml")["limits"]["bytes"]
    form.photo_kept = keep_photo(public_actor(place), upload.read(most + 1), at=at)


def _report(form: ReportForm, place: str) -> Report:
    typed, kept = form.cleaned_data, form.photo_kept
    category = form.chosen()
    return Report(
        place=place,
        category=category,
        words=typed["words"],
        visibility="sensitive" if typed["quiet"] else "ordinary",
        spot=typed["spot"],
        about=typed["about"] if get_kind(category).top == OFFICIAL else "",
        source="board",
        contact_name=typed["name"],
        contact_phone=typed["phone"],
        photos=(kept,) if kept else (),
    )


def _sender(request: HttpRequest, place: str) -> Actor:
    """Somebody who may report from this place: the signed-in person by name, else nobody known."""
    anyone = public_actor(place)
    try:
        actor = actor_of(request)
    except NotPermitted:
        return anyone
    return replace(anyone, id=actor.id, name=actor.name)
