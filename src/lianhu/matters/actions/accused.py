"""Name the person whom a report about an official is about, so that he never sees it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianhu.accounts.queries.staff import get_staff
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.matters.models import Matter
from lianhu.matters.queries.one import get_matter
from lianhu.territory.models import RowClass


def accusable(actor: Actor, user_id: UUID) -> UUID:
    """Somebody with a post in reach, whom a report may name; not the actor, who would be judge
    in their own case. Refuses ``account.not_found``, ``matter.names_oneself``."""
    found = get_staff(actor, user_id).id
    if found == actor.id:
        raise Refusal("matter.names_oneself")
    return found


@transaction.atomic
def name_accused(
    actor: Actor, matter_id: UUID, user_id: UUID | None, *, at: datetime
) -> Matter:
    """Say who of the staff a report is about, or with None that nobody is named. From now on he
    sees neither the matter nor what the ledger says of it; had he the work, it goes back to the
    office. Source: norms.md, "People come first", 7.

    Refuses ``matter.not_found``, ``matter.not_about_official``, ``account.not_found``,
    ``matter.names_oneself``.
    """
    matter = get_matter(actor, matter_id, verb="matter.dispatch", lock=True)
    if matter.row_class != RowClass.ABOUT_OFFICIAL:
        raise Refusal("matter.not_about_official")
    # Phones that hold it, his own too: what he reported or handled leaves it.
    holders = {u for u in (matter.reporter_id, matter.handler_id) if u is not None}
    before = matter.accused_id
    matter.accused_id = accusable(actor, user_id) if user_id is not None else None
    # His phone let go of it when he was first named, and is told nothing of now.
    if before is not None and matter.accused_id == before:
        holders.discard(before)
    if matter.accused_id is not None and matter.handler_id == matter.accused_id:
        matter.handler = None
    matter.save(update_fields=["accused", "handler"])
    facts = {"accused": str(matter.accused_id)} if matter.accused_id else {}
    record(
        actor, "matter.name_accused", "matter", matter.id, matter.place_id, at=at,
        row_class=matter.row_class, users=holders, **facts,  # type: ignore[arg-type]
    )  # fmt: skip
    return matter
