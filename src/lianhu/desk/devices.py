"""Phones: whose they are as a list, a QR code to enrol one, and ending one that was lost."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.confirming import confirm_device, refuse_device
from lianhu.accounts.actions.devices import make_enrol_token, revoke_device
from lianhu.accounts.queries.devices import list_phones, list_waiting
from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import back_path, chosen_place, go, sheet_of, show, staff
from lianhu.desk.staff import person_page
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.territory.queries import path_of

VERB = "device.manage"
STATES = {"": "在用的", "revoked": "已停用", "cut": "凭证被抄用的", "all": "全部"}
ORDERS = {"": "新登记的在前", "enrolled": "登记早的在前", "name": "按姓名"}


def wanted_phones(request: HttpRequest, actor: Actor) -> tuple[Any, str, Asked]:
    """The phones that the address asks for, the place, and what was asked. Refuses
    ``account.not_permitted``."""
    actor.require(VERB, "")
    under = chosen_place(request, actor, VERB)
    asked = asked_of(
        request, Select("state", "看哪些", STATES), order_by(ORDERS), words="谁的（姓名）"
    )
    state = asked.value("state")
    rows = list_phones(
        actor, under=under, revoked={"": False, "revoked": True}.get(state),
        words=asked.words, order=asked.value("order"), cut=state == "cut",
    )  # fmt: skip
    return rows, under, asked


def _day(at: datetime | None) -> date | None:
    """The day here of a moment: the hour is nobody's business."""
    return localdate(at) if at else None


@staff
def devices(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Whose phones are enrolled at or below a place, newest first, each with its end button.

    The day a phone was last heard helps to help; nothing is ordered, counted or exported by it.
    """
    rows, under, asked = wanted_phones(request, actor)
    path = path_of(under)
    sheet = sheet_of(rows, request)
    return show(
        request, actor, "desk/devices.html", tab="staff", sheet=sheet,
        lines=[(d, _day(d.enrolled_at), _day(d.seen_at), _day(d.revoked_at)) for d in sheet.rows],
        path=path, open_codes={p.code for p in path if actor.holds(VERB, p.code)},
        asked=asked, may_export=actor.holds("export", under),
        pending=list(list_waiting(actor, at=timezone.now())),
    )  # fmt: skip


@require_POST
@staff
def enrol(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """A QR code for one phone, shown once: the address of the app with the token behind its #,
    which no server log ever sees."""
    token = make_enrol_token(actor, user_id, at=timezone.now())
    address = f"{request.build_absolute_uri('/phone/')}#enrol={token}"
    picture = segno.make(address, error="m").svg_inline(scale=6, border=3, dark="#1c2321")
    minutes = read("throttles.toml")["enrol_token"]["minutes"]
    # segno writes only numbers of its own into the picture.
    qr = mark_safe(picture)  # noqa: S308
    return person_page(
        request, actor, user_id, qr=qr, minutes=minutes, address=address, waits=True,
        confirmed=read("phones.toml")["enrolment"]["confirmed"],
    )  # fmt: skip


@require_POST
@staff
def confirm(request: HttpRequest, actor: Actor, device_id: UUID) -> HttpResponseBase:
    """The digits on the phone are those on this screen: let it in."""
    device = confirm_device(actor, device_id, at=timezone.now())
    return go(back_path(request, f"/desk/staff/{device.user_id}/"), done="phone_in")


@require_POST
@staff
def refuse(request: HttpRequest, actor: Actor, device_id: UUID) -> HttpResponseBase:
    """They are not: keep it out."""
    device = refuse_device(actor, device_id, at=timezone.now())
    return go(back_path(request, f"/desk/staff/{device.user_id}/"), done="phone_out")


@require_POST
@staff
def revoke(request: HttpRequest, actor: Actor, device_id: UUID) -> HttpResponseBase:
    """End a phone; it holds nothing of ours after its next contact."""
    device = revoke_device(actor, device_id, at=timezone.now())
    return go(back_path(request, f"/desk/staff/{device.user_id}/"), done="revoke")
