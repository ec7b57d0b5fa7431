"""Looks at what is hidden of somebody under age: those that wait for another's word, one's own."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.timezone import localdate

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import MinorLook
from lianhu.people.rules import minor_terms
from lianhu.territory.queries import reach

VERB = "minor.agree"
State = MinorLook.State


def list_waiting(actor: Actor, *, at: datetime) -> QuerySet[MinorLook]:
    """Others' that the actor may agree to, oldest first."""
    rows = reach(MinorLook.objects, actor, VERB).filter(state=State.ASKED, ends_at__gt=at)
    rows = rows.exclude(asker_id=actor.id).select_related("asker", "person")
    return rows.order_by("asked_at", "id")


def list_own(actor: Actor) -> QuerySet[MinorLook]:
    """What the actor asked for where they still may, latest first."""
    rows = reach(MinorLook.objects, actor, "person.reveal").filter(asker_id=actor.id)
    return rows.select_related("second", "person").order_by("-asked_at", "-id")


def get_waiting(actor: Actor, look_id: UUID, *, at: datetime) -> MinorLook:
    """One that waits for such as the actor, locked; absent, over, one's own and out of reach refuse
    alike with ``minor.not_found``."""
    known = list_waiting(actor, at=at).filter(id=look_id).values("id")
    # scoped by the line above: the lock wants the row alone, without its joins.
    row = MinorLook.objects.select_for_update(of=("self",)).filter(id__in=known).first()
    if row is None:
        raise NotPermitted("minor.not_found")
    return row


def find_agreed(
    actor: Actor, person_id: UUID, field: str, purpose: str, *, at: datetime
) -> MinorLook | None:
    """What the actor was agreed to see and has not used up, locked."""
    times = minor_terms(localdate(at))["times"]
    # open to all: one's own.
    rows = MinorLook.objects.filter(
        asker_id=actor.id, person_id=person_id, field=field, purpose=purpose,
        state=State.AGREED, ends_at__gt=at, taken__lt=times,
    )  # fmt: skip
    return rows.select_for_update().order_by(F("ends_at").desc(), "id").first()


def stand_of(row: MinorLook, *, at: datetime) -> str:
    """Where a look is, in words for who asked."""
    over = row.ends_at <= at
    if row.state == State.ASKED and over:
        return "到期没有人同意"
    if row.state == State.AGREED and (over or row.taken >= minor_terms(localdate(at))["times"]):
        return "已用完或过期"
    return State(row.state).label
