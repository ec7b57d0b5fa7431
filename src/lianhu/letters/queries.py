"""The queues of letters that wait for a person."""

from uuid import UUID

from django.db.models import QuerySet

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.letters.models import Letter, Outcome
from lianhu.territory.queries import reach


def list_waiting(actor: Actor) -> QuerySet[Letter]:
    """Held and quarantined letters in reach that nobody settled yet, oldest first."""
    return (
        reach(Letter.objects, actor, "letter.settle")
        .filter(outcome__in=[Outcome.HELD, Outcome.QUARANTINED], settled_at=None)
        .select_related("user", "device")
        .order_by("received_at", "id")
    )


def get_waiting(actor: Actor, letter_id: UUID, *, lock: bool = False) -> Letter:
    """One waiting letter in reach; refuses ``letter.not_found``."""
    rows = list_waiting(actor)
    letter = (
        (rows.select_for_update(of=("self",)) if lock else rows).filter(id=letter_id).first()
    )
    if letter is None:
        raise NotPermitted("letter.not_found")
    return letter
