"""Escalate, extend, merge duplicates, and hand open work over."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.models import User
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.actions.writing import clean, note, take
from lianhu.matters.kinds import clocks, get_kind
from lianhu.matters.models import Matter
from lianhu.matters.queries.one import get_matter
from lianhu.matters.rules import PETITION, UNANSWERED, Stage, due_on
from lianhu.postings.actions import replace
from lianhu.postings.models import Posting
from lianhu.postings.queries import get_posting
from lianhu.territory.queries import reach, within


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
    note(actor, into, "add", matter.words, at=at, copy=str(matter.id))
    return into


@transaction.atomic
def hand_over(actor: Actor, from_user: UUID, to_user: UUID, *, under: str, at: datetime) -> int:
    """Move the open work of somebody who leaves, at or below a place; how many matters.

    Closed ones keep their handler: history stays. Refuses ``account.not_permitted``.
    """
    actor.require("posting.change", under)
    heir = User.objects.filter(id=to_user, is_active=True).first()
    if heir is None:
        raise NotPermitted("account.not_found")
    rows = (
        reach(Matter.objects, actor, "matter.read")
        .filter(handler_id=from_user, stage__in=UNANSWERED)
        .filter(within([under]))
        .select_for_update(of=("self",))
    )
    moved = list(rows)
    for matter in moved:
        matter.handler = heir
        note(actor, matter, "hand_over", at=at, old=str(from_user), new=str(to_user))
    return len(moved)


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
    today = localdate(at)
    late = (
        reach(Matter.objects, actor, "matter.escalate")
        .filter(is_open=True, due_on__lt=today, stage__in=UNANSWERED, escalations=0)
        .values_list("id", flat=True)
    )
    for matter_id in list(late):
        escalate_matter(actor, matter_id, "到期没有办完，系统提醒", at=at)
    return len(late)
