"""Accounts, for the data officer: open one, give and end office roles, reset a password."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.grants import appoint, end_grant
from lianhu.accounts.actions.users import open_account, reset_password
from lianhu.accounts.queries.staff import get_grant, get_staff
from lianhu.desk.choices import account_choices
from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.staff import person_page
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.territory.rules import level_of


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("account.bad_day") from error


def _duty(request: HttpRequest) -> dict[str, Any]:
    """The role, place, office and first day that a form names."""
    typed = request.POST
    duty = {"role": typed.get("role", ""), "kind": ""}
    duty["place"] = typed.get("place", "").strip()
    # "town:housing": the level keeps offices of the same kind apart.
    level, _, kind = typed.get("office", "").partition(":")
    if level and level != level_of(duty["place"]):
        raise Refusal("account.bad_office")
    return duty | {"kind": kind, "starts_on": _day(typed.get("starts_on", ""))}


@staff
@fresh
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Open an account; its one-time password is on the answer and nowhere else."""
    actor.require("account.manage", "", code="place.not_found")
    if request.method != "POST":
        typed = {"place": request.GET.get("place", ""), "starts_on": localdate().isoformat()}
        return _page(request, actor, typed)
    typed = request.POST.dict()
    try:
        user, password = open_account(
            actor, typed.get("name", ""), typed.get("username", ""), **_duty(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, actor, typed, refused=said(refusal))
    return show(request, actor, "desk/account_made.html", tab="staff", user=user,
                password=password)  # fmt: skip


def _page(
    request: HttpRequest, actor: Actor, typed: dict[str, str], *, refused: str = ""
) -> HttpResponse:
    return show(
        request, actor, "desk/account.html", tab="staff", status=REFUSED if refused else 200,
        typed=typed, refused=refused, choices=account_choices(actor),
    )  # fmt: skip


@require_POST
@staff
@fresh
def give(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """Give a person in reach one more office role; a refusal keeps the form."""
    user = get_staff(actor, user_id, "account.manage")
    try:
        appoint(actor, user.id, **_duty(request), at=timezone.now())
    except Refusal as refusal:
        typed = request.POST.dict()
        return person_page(request, actor, user.id, refused=said(refusal), typed=typed)
    return go(f"/desk/staff/{user.id}/", done="grant")


@require_POST
@staff
@fresh
def take_back(request: HttpRequest, actor: Actor, grant_id: UUID) -> HttpResponseBase:
    """End an office role with the last day that the form names."""
    grant = get_grant(actor, grant_id)
    try:
        end_grant(actor, grant.id, last_day=_day(request.POST.get("last_day", "")),
                  at=timezone.now())  # fmt: skip
    except Refusal as refusal:
        ending = {"id": grant.id, "last_day": request.POST.get("last_day", "")}
        return person_page(request, actor, grant.user_id, refused=said(refusal), ending=ending)
    return go(f"/desk/staff/{grant.user_id}/", done="end")


@require_POST
@staff
@fresh
def reset(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """A new one-time password for a person, on the answer and nowhere else."""
    try:
        user, password = reset_password(actor, user_id, at=timezone.now())
    except Refusal as refusal:
        return person_page(request, actor, user_id, refused=said(refusal))
    return person_page(request, actor, user.id, password=password)
