"""Take somebody's second factors away: one person asks, another confirms."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.actions.grants import refuse_own
from lianhu.accounts.actions.sessions import close_sessions
from lianhu.accounts.models import Authenticator, FactorReset, Passkey, RecoveryCode, User
from lianhu.accounts.queries.second import factors_of, list_resets
from lianhu.accounts.queries.staff import get_covered
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal


@transaction.atomic
def ask_reset(actor: Actor, user_id: UUID, *, at: datetime) -> FactorReset:
    """Ask that somebody's factors be taken away; the actor must cover every post they hold.

    Refuses ``account.not_found``, ``account.own``, ``second.none``, ``second.asked_already``.
    """
    user = get_covered(actor, user_id, "account.manage", on=localdate(at))
    refuse_own(actor, user.id)
    if not factors_of(user.id).any:
        raise Refusal("second.none")
    if list_resets(actor, at=at, verb="account.manage").filter(user=user).exists():
        raise Refusal("second.asked_already")
    reset = FactorReset.objects.create(user=user, asked_by_id=actor.id, asked_at=at)
    place = actor.scopes["account.manage"][0]
    record(actor, "second.ask_reset", "user", user.id, place, at=at, quiet=True)
    return reset


@transaction.atomic
def confirm_reset(actor: Actor, reset_id: UUID, *, at: datetime) -> User:
    """Take the factors away and end every session: by a second person, who has asked the owner.

    Another account of who asked is no second person, nor is one of the owner. Refuses
    ``second.no_reset`` (unknown, out of reach, done or over), ``second.two_people``,
    ``account.own``, ``account.not_found``.
    """
    rows = FactorReset.objects.select_for_update(of=("self",))
    known = list_resets(actor, at=at).filter(id=reset_id).values("id")
    reset = rows.filter(id__in=known, done_at=None).select_related("user", "asked_by").first()
    if reset is None:
        raise NotPermitted("second.no_reset")
    second = User.objects.get(id=actor.id)
    if reset.asked_by_id == actor.id or second.is_same_person(reset.asked_by):
        raise Refusal("second.two_people")
    refuse_own(actor, reset.user_id)
    if second.is_same_person(reset.user):
        raise Refusal("account.own")
    get_covered(actor, reset.user_id, "account.second", on=localdate(at))
    reset.done_by_id, reset.done_at = actor.id, at
    reset.save(update_fields=["done_by", "done_at"])
    clear_factors(reset.user_id)
    close_sessions(reset.user_id)
    place = actor.scopes["account.second"][0]
    record(actor, "second.reset", "user", reset.user_id, place, at=at, quiet=True)
    return reset.user


def clear_factors(user_id: UUID) -> int:
    """Delete every second factor of a user; how many rows."""
    tables = (Authenticator, Passkey, RecoveryCode)
    return sum(t.objects.filter(user_id=user_id).delete()[0] for t in tables)
