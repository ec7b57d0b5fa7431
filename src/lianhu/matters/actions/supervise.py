"""Escalate, extend, merge duplicates, and hand open work over."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from lianhu.accounts.models import Grant, User
from lianhu.accounts.queries.actors import actor_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.actions.writing import clean, note, take
from lianhu.matters.kinds import clocks, get_kind
from lianhu.matters.models import Matter
from lianhu.matters.queries.one import get_matter
from lianhu.matters.rules import PETITION, RUNNING, UNANSWERED, Stage, due_on
from lianhu.postings.actions import replace
from lianhu.postings.models import Posting
from lianhu.postings.queries import get_posting
from lianhu.territory.models import RowClass
from lianhu.territory.queries import get_place, within
from lianhu.territory.rules import ancestors


@transaction.atomic
def escalate_matter(actor: Actor, matter_id: UUID, words: str = "", *, at: datetime) -> Matter:
    """Urge whoever has it. Refuses ``matter.not_found``, ``matter.cannot_escalate``."""
    matter = take(actor, matter_id, "matter.escalate", "escalate")
    matter.escalations += 1
    note(actor, matter, "escalate", clean(words, required=False), at=at)
    return matter


@transaction.atomic
def extend_matter(actor: Actor, matter_id: UUID, words: str, *, at: datetime) -> Matter:
    """Approve the longest time for a hard matter, once, by somebody other than its handler.

    Refuses ``matter.not_found``, ``matter.cannot_extend`` (ended, or extended already),
    ``matter.own_answer``, ``matter.no_words``.
    """
    matter = take(actor, matter_id, "matter.verify", "extend")
    if matter.handler_id == actor.id:
        raise Refusal("matter.own_answer")
    received = localdate(matter.received_at)
    petition = get_kind(matter.category).clock == PETITION
    rules = dict(clocks(received))
    if petition:
        rules["petition_days"] = rules["petition_extended_days"]
    last = due_on(received, PETITION if petition else "extended", rules, state_calendar())
    if last <= matter.due_on:
        raise Refusal("matter.cannot_extend", stage=matter.stage)
    matter.due_on = last
    note(actor, matter, "extend", clean(words), at=at, due_on=last.isoformat())
    return matter


@transaction.atomic
def merge_matter(actor: Actor, matter_id: UUID, into_id: UUID, *, at: datetime) -> Matter:
    """Make a matter a copy of another of the same class; both reporters hear its answer.

    Refuses ``matter.not_found``, ``matter.cannot_merge``, ``matter.not_alike``.
    """
    matter = take(actor, matter_id, "matter.merge", "merge")
    into = get_matter(actor, into_id, verb="matter.merge", lock=True)
    if into.id == matter.id or into.row_class != matter.row_class or not into.is_open:
        raise Refusal("matter.not_alike")
    matter.duplicate_of = into
    matter.stage, matter.is_open = Stage.MERGED, False
    note(actor, matter, "merge", at=at, into=str(into.id))
    # What one person told in confidence is not for the other who reported the same.
    words = matter.words if matter.row_class == RowClass.ORDINARY else ""
    note(actor, into, "add", words, at=at, copy=str(matter.id))
    return into


@transaction.atomic
def hand_over(actor: Actor, from_user: UUID, to_user: UUID, *, under: str, at: datetime) -> int:
    """Move the open work of somebody who leaves, at or below a place; how many matters the heir got.

    Closed ones keep their handler: history stays. The actor need not read what moves, so a
    confidential matter goes only to an heir who sits in the office that holds it, else back to
    that office; and none to the person it accuses. Refuses ``account.not_permitted``,
    ``account.not_found`` (the heir serves elsewhere).
    """
    actor.require("posting.change", under)
    heir = _heir(to_user, under, localdate(at))
    offices = actor_for(heir, on=localdate(at)).offices
    rows = (
        Matter.objects.filter(within([under]), handler_id=from_user, stage__in=UNANSWERED)
        .exclude(accused_id=heir.id)
        .select_for_update(of=("self",))
    )
    moved = 0
    for matter in list(rows):
        fit = matter.row_class == RowClass.ORDINARY or matter.office in offices
        matter.handler = heir if fit else None
        moved += fit
        new = str(to_user) if fit else ""
        note(actor, matter, "hand_over", at=at, old=str(from_user), new=new)
    return moved


def _heir(user_id: UUID, under: str, today: date) -> User:
    """An active user with a post, of today or to come, at, above or below a place."""
    above = {*ancestors(under), *ancestors(get_place(under).code)}
    posts = Grant.objects.filter(
        Q(place_id__in=above) | within([under]), Q(ends_on=None) | Q(ends_on__gte=today)
    )
    heir = User.objects.filter(id=user_id, is_active=True, grants__in=posts).first()
    if heir is None:
        raise NotPermitted("account.not_found")
    return heir


@transaction.atomic
def hand_over_posting(
    actor: Actor, posting_id: UUID, to_user: UUID, *, from_day: date, at: datetime
) -> tuple[Posting, int]:
    """Another person answers for a grid from a day on, and takes over the open work there; the
    new posting and how many matters moved. Refuses as `replace` and `hand_over` do."""
    old = get_posting(actor, posting_id)
    new = replace(actor, posting_id, to_user, from_day=from_day, at=at)
    moved = hand_over(actor, old.user_id, to_user, under=old.place_id, at=at)
    return new, moved


def escalate_late(actor: Actor, *, at: datetime) -> int:
    """Urge every late matter that nobody urged yet, one transaction each; how many.

    For the daily run; to run it again the same day changes nothing.
    """
    # It shows nobody anything, so it passes by who may read what: sensitive matters run late too.
    codes = actor.scopes.get("matter.escalate", ())
    late = Matter.objects.filter(
        within(codes), due_on__lt=localdate(at), stage__in=RUNNING, escalations=0
    ).values_list("id", flat=True)
    return sum(_urge(actor, matter_id, at) for matter_id in list(late))


@transaction.atomic
def _urge(actor: Actor, matter_id: UUID, at: datetime) -> bool:
    """Urge a late matter unless something happened to it since it was listed."""
    matter = Matter.objects.select_for_update().get(id=matter_id)
    if matter.stage not in RUNNING or matter.escalations or matter.due_on >= localdate(at):
        return False
    matter.escalations += 1
    note(actor, matter, "escalate", "到期没有办完，系统提醒", at=at)
    return True
