"""Who answers for what: one person's page, posting, ending, handing over."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.queries.devices import list_devices, list_waiting
from lianhu.accounts.queries.second import factors_of, identity_of, list_resets
from lianhu.accounts.queries.sessions import list_sessions
from lianhu.accounts.queries.staff import get_staff, get_user, list_grants, list_staff
from lianhu.accounts.roles import LINE_ROLES, ROLES
from lianhu.desk.choices import account_choices
from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.desk.places import wanted_grid
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.provider import provider_name
from lianhu.matters.actions.supervise import hand_over_posting
from lianhu.people.queries import find_by_name
from lianhu.postings.actions import end_posting, post, user_of_person
from lianhu.postings.queries import get_posting, list_of_user

VILLAGE, MOST_SESSIONS = 12, 10


@staff
def person(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """One person: what they answer for, their devices."""
    return person_page(request, actor, user_id, waits="waits" in request.GET)


def person_page(
    request: HttpRequest, actor: Actor, user_id: UUID, *, refused: str = "", **more: Any
) -> HttpResponse:
    """The person's page, with what was refused, a fresh QR code or password on top."""
    user = get_staff(actor, user_id)
    today = localdate()
    grants = list(list_grants(actor, user.id, on=today))
    posts = list(list_of_user(actor, user.id))
    codes = [*(p.place_id for p in posts), *(g.place_id for g in grants)]
    opens = actor.id != user.id and actor.holds("account.manage")
    manages = any(actor.holds("device.manage", code) for code in codes)
    return show(
        request, actor, "desk/person.html", tab="staff", status=REFUSED if refused else 200,
        user=user, names=names_for(actor, codes), refused=refused,
        grants=[(g, opens and actor.holds("account.manage", g.place_id)) for g in grants],
        choices=account_choices(actor) if opens else None,
        posts=[(p, _may_end(actor, p)) for p in posts], today=today,
        devices=list(list_devices(actor, user_id=user.id)) if manages else None,
        pending=list(list_waiting(actor, at=timezone.now(), user_id=user.id)) if manages else (),
        **(_sign_in_of(actor, user.id) if opens else {}),
        **({"typed": {"starts_on": today.isoformat()}} | more),
    )  # fmt: skip


def _sign_in_of(actor: Actor, user_id: UUID) -> dict[str, Any]:
    """How the person comes in, for who manages accounts: five queries."""
    at = timezone.now()
    return {
        "has_second": factors_of(user_id).any,
        "reset_waits": list_resets(actor, at=at, verb="account.manage")
        .filter(user_id=user_id)
        .exists(),
        "sessions": list(list_sessions(actor, at=at, user_id=user_id)[:MOST_SESSIONS]),
        "provider": provider_name(),
        "identity": identity_of(user_id, settings.LIANHU_OIDC_ISSUER),
    }


def _may_end(actor: Actor, posting: Any) -> bool:
    return posting.ends_on is None and actor.holds("posting.change", posting.place_id)


def _candidates(actor: Actor, village: str, name: str) -> list[tuple[str, str, str]]:
    """Whom a name may mean: people with a post, then registered persons. (value, name, words)"""
    if not name:
        return []
    today = localdate()
    found: dict[str, tuple[str, str, str]] = {}
    for grant in list_staff(actor, on=today, under=village, words=name)[:40]:
        key = f"user:{grant.user_id}"
        role = ROLES[grant.role].label
        found.setdefault(key, (key, grant.user.name, f"现任{grant.place.name}{role}"))
    persons = find_by_name(actor, name, under=village)
    names = names_for(actor, [p.place_id for p in persons])
    for someone in persons:
        age = f"{localdate().year - someone.born_on.year} 岁左右" if someone.born_on else ""
        where = f"{names.where(someone.place_id)} 户号 {someone.household.code} {age}"
        found[f"person:{someone.id}"] = (f"person:{someone.id}", someone.name, where)
    return list(found.values())[:20]


def chosen_user(actor: Actor, value: str) -> UUID:
    """The user that a candidate stands for; a registered person gets an account if needed.

    Refuses ``account.not_found``.
    """
    kind, _, key = value.partition(":")
    try:
        id_ = UUID(key)
    except ValueError as error:
        raise Refusal("account.not_found") from error
    if kind == "person":
        return user_of_person(actor, id_, at=timezone.now()).id
    return get_staff(actor, id_).id


@staff
def post_somebody(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Choose a person by name, then let them answer for a grid. With `posting`, hand it over."""
    asked = request.POST if request.method == "POST" else request.GET
    old = get_posting(actor, UUID(asked["posting"])) if _is_uuid(asked.get("posting")) else None
    grid = old.place_id if old else wanted_grid(actor, asked.get("grid", ""))
    if not actor.holds("posting.change", grid):
        raise NotPermitted("place.not_found")
    refused = ""
    if request.method == "POST" and asked.get("who"):
        try:
            return _post(request, actor, grid, old)
        except Refusal as refusal:
            refused = said(refusal)
    name = asked.get("name", "").strip().replace("\x00", "")[:30]
    return show(
        request, actor, "desk/post.html", tab="staff", status=REFUSED if refused else 200,
        grid=grid, old=old, name=name, who=asked.get("who", ""), refused=refused,
        found=_candidates(actor, grid[:VILLAGE], name), names=names_for(actor, [grid]),
        lines={role: ROLES[role].label for role in LINE_ROLES},
        line=asked.get("line", ""), leader=asked.get("leader", ""),
    )  # fmt: skip


def _is_uuid(text: str | None) -> bool:
    try:
        UUID(text or "")
    except ValueError:
        return False
    return True


def _post(request: HttpRequest, actor: Actor, grid: str, old: Any) -> HttpResponse:
    now, today = timezone.now(), localdate()
    user = chosen_user(actor, request.POST["who"])
    if old is not None:
        hand_over_posting(actor, old.id, user, from_day=today, at=now)
        return go(f"/desk/places/{grid}/", done="replace")
    leader = request.POST.get("leader") == "1"
    line = request.POST.get("line", "")
    post(actor, user, line, grid, is_leader=leader, starts_on=today, at=now)
    return go(f"/desk/places/{grid}/", done="post")


@require_POST
@staff
def end(request: HttpRequest, actor: Actor, posting_id: UUID) -> HttpResponseBase:
    """End a posting with today; the person's own page says so."""
    user = get_user(get_posting(actor, posting_id).user_id)
    try:
        end_posting(actor, posting_id, last_day=localdate(), at=timezone.now())
    except Refusal as refusal:
        return person_page(request, actor, user.id, refused=said(refusal))
    return go(f"/desk/staff/{user.id}/", done="end")
