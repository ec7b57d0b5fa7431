"""Sign-ins, for the data officer: who is signed in where, what failed, resets for two people."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.actions.identities import link_identity, unlink_identity
from lianhu.accounts.actions.resets import ask_reset, confirm_reset
from lianhu.accounts.actions.sessions import end_session, end_sessions_of
from lianhu.accounts.queries.second import list_resets
from lianhu.accounts.queries.sessions import list_failures, list_sessions, names_of
from lianhu.accounts.rules import terms
from lianhu.desk.lists import asked_of, order_by
from lianhu.desk.page import REFUSED, back_path, chosen_place, go, said, sheet_of, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.staff import person_page
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.web.entering import mark_of

MOST = 50
ORDERS = {"": "新登录的在前", "oldest": "登录早的在前", "name": "按姓名"}
VERBS = ("account.manage", "account.second")


@staff
def sign_ins(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Resets that wait, what failed of late, and living sessions in reach."""
    return _page(request, actor)


def _page(request: HttpRequest, actor: Actor, refused: str = "") -> HttpResponse:
    if not any(actor.holds(verb) for verb in VERBS):
        raise NotPermitted("account.not_permitted")
    at = timezone.now()
    manages = actor.holds("account.manage")
    asked = asked_of(request, order_by(ORDERS), words="谁的（姓名）")
    rows = list_sessions(
        actor, at=at, under=chosen_place(request, actor, "account.manage") if manages else "",
        words=asked.words, order=asked.value("order"),
    )  # fmt: skip
    resets = list(list_resets(actor, at=at)[:MOST])
    failures = list(list_failures(actor, at=at)[:MOST])
    names = names_of(entry.object_id for entry in failures)
    return show(
        request, actor, "desk/sign_ins.html", tab="sign_ins", refused=refused,
        status=REFUSED if refused else 200, manages=manages, asked=asked, sheet=sheet_of(rows, request),
        here=mark_of(request), days=terms(localdate())["failures_days"],
        failures=[(entry, names.get(entry.object_id, "")) for entry in failures],
        resets=[(reset, _may_confirm(actor, reset)) for reset in resets],
    )  # fmt: skip


def _may_confirm(actor: Actor, reset: Any) -> bool:
    return actor.id not in {reset.asked_by_id, reset.user_id}


@require_POST
@staff
def end_one(request: HttpRequest, actor: Actor, mark: UUID) -> HttpResponseBase:
    """End one session of somebody in reach; holds at its next request."""
    end_session(actor, mark, at=timezone.now())
    return go(back_path(request, "/desk/sign-ins/"), done="session")


@require_POST
@staff
def end_all(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """End every session of somebody in reach."""
    end_sessions_of(actor, user_id, at=timezone.now())
    return go(f"/desk/staff/{user_id}/", done="session")


@require_POST
@staff
@fresh
def ask(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """Ask that somebody's second factors be taken away; a second person confirms."""
    try:
        ask_reset(actor, user_id, at=timezone.now())
    except Refusal as refusal:
        return person_page(request, actor, user_id, refused=said(refusal))
    return go(f"/desk/staff/{user_id}/", done="reset_asked")


@require_POST
@staff
@fresh
def confirm(request: HttpRequest, actor: Actor, reset_id: UUID) -> HttpResponseBase:
    """Take somebody's second factors away, as the second person."""
    try:
        confirm_reset(actor, reset_id, at=timezone.now())
    except Refusal as refusal:
        return _page(request, actor, said(refusal))
    return go("/desk/sign-ins/", done="reset_done")


@require_POST
@staff
@fresh
def link(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """Say who somebody is at the county's identity provider."""
    try:
        link_identity(
            actor, user_id, settings.LIANHU_OIDC_ISSUER, request.POST.get("subject", ""),
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return person_page(request, actor, user_id, refused=said(refusal))
    return go(f"/desk/staff/{user_id}/", done="linked")


@require_POST
@staff
@fresh
def unlink(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """Part somebody from the provider."""
    unlink_identity(actor, user_id, settings.LIANHU_OIDC_ISSUER, at=timezone.now())
    return go(f"/desk/staff/{user_id}/", done="unlinked")
