"""Grant roles and end them."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from lianhu.accounts.models import Grant, User
from lianhu.accounts.roles import LINE_ROLES, ROLES, SEATED, STAFF_ROLES
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.territory.queries import get_place
from lianhu.territory.rules import level_of


def _granting(role: str) -> str:
    """The verb that grants and ends a role: villages post their lines, and nobody else."""
    return "posting.change" if role in LINE_ROLES else "account.manage"


def refuse_own(actor: Actor, user_id: UUID) -> None:
    """Refuse ``account.own``: nobody does this to himself."""
    if user_id == actor.id:
        raise Refusal("account.own")


@transaction.atomic
def grant_role(
    actor: Actor,
    user_id: UUID,
    role: str,
    place: str,
    *,
    starts_on: date,
    at: datetime,
    office: str = "",
) -> Grant:
    """Grant a role over a place. Refuses ``account.not_permitted`` (place out of reach),
    ``account.bad_role`` (unknown, or not for this level), ``account.not_found``."""
    actor.require(_granting(role), place)
    if role not in ROLES or level_of(place) not in ROLES[role].levels:
        raise Refusal("account.bad_role", role=role)
    if not User.objects.filter(id=user_id, is_active=True).exists():
        raise NotPermitted("account.not_found")
    grant = Grant.objects.create(
        user_id=user_id, role=role, place_id=place, office=office, starts_on=starts_on
    )
    record(
        actor, "grant.make", "grant", grant.id, place, at=at, users=[user_id], quiet=True,
        role=role, user=str(user_id),
    )  # fmt: skip
    return grant


@transaction.atomic
def end_grant(actor: Actor, grant_id: UUID, *, last_day: date, at: datetime) -> Grant:
    """Let a grant end with `last_day`, inclusive. Refuses ``account.not_permitted``, and for
    what is no line ``account.own`` and ``account.grant_ended``."""
    grant = Grant.objects.select_for_update().filter(id=grant_id).first()
    if grant is None or not actor.holds(_granting(grant.role), grant.place_id):
        raise NotPermitted("account.not_permitted")
    if grant.role not in LINE_ROLES:
        refuse_own(actor, grant.user_id)
        if grant.ends_on is not None and grant.ends_on < localdate(at):
            # A term that is over stays as it was: nobody comes back by a later last day.
            raise Refusal("account.grant_ended")
    grant.ends_on = last_day
    grant.save(update_fields=["ends_on"])
    record(
        actor, "grant.end", "grant", grant.id, grant.place_id, at=at, users=[grant.user_id], quiet=True,
        user=str(grant.user_id), last_day=last_day.isoformat(),
    )  # fmt: skip
    return grant


@transaction.atomic
def appoint(
    actor: Actor, user_id: UUID, role: str, place: str, kind: str = "", *,
    starts_on: date, at: datetime,
) -> Grant:  # fmt: skip
    """Give a person an office role over a place, sitting in its office of `kind` if any.

    Refuses ``account.not_permitted`` (place out of reach), ``account.own``,
    ``place.not_found``, ``place.ended``, ``account.bad_role`` (a line, unknown, or not for this
    level), ``account.bad_office``, ``account.granted_already``, ``account.not_found``.
    """
    actor.require("account.manage", place)
    refuse_own(actor, user_id)
    if get_place(place).code != place:
        raise Refusal("place.ended")
    level = level_of(place)
    if role not in STAFF_ROLES or level not in ROLES[role].levels:
        raise Refusal("account.bad_role", role=role)
    if kind and (role not in SEATED or kind not in read("offices.toml")[level]):
        raise Refusal("account.bad_office")
    if role == "office" and not kind:
        # This role sees what its office holds, and without one nothing at all.
        raise Refusal("account.bad_office")
    office = f"{place}:{kind}" if kind else ""
    same = Grant.objects.filter(user_id=user_id, role=role, place_id=place, office=office)
    if same.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on)).exists():
        raise Refusal("account.granted_already")
    return grant_role(actor, user_id, role, place, starts_on=starts_on, at=at, office=office)
