"""The queues of letters that wait for a person."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Value

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.scope import Whole, whole_county
from lianhu.letters.models import Letter, Outcome
from lianhu.matters.kinds import all_kinds, strictest
from lianhu.matters.models import Matter
from lianhu.matters.queries.one import find_by_ref
from lianhu.territory.models import RowClass
from lianhu.territory.queries import reach, within

WAITING = (Outcome.HELD, Outcome.QUARANTINED)

ORDERS = {"": ("received_at", "id"), "-received": ("-received_at", "-id")}


def list_waiting(
    actor: Actor, *, under: str = "", outcome: str = "", order: str = ""
) -> QuerySet[Letter]:
    """Held and quarantined letters in reach that nobody settled yet, oldest first; of one place
    and what lies below it, or of one outcome, where asked."""
    rows = reach(Letter.objects, actor, "letter.settle").filter(
        outcome__in=[outcome] if outcome in WAITING else WAITING, settled_at=None
    )
    if under:
        rows = rows.filter(within([under]))
    return rows.select_related("user", "device").order_by(*ORDERS.get(order, ORDERS[""]))


def get_waiting(actor: Actor, letter_id: UUID, *, lock: bool = False) -> Letter:
    """One waiting letter in reach; refuses ``letter.not_found``."""
    rows = list_waiting(actor)
    letter = (
        (rows.select_for_update(of=("self",)) if lock else rows).filter(id=letter_id).first()
    )
    if letter is None:
        raise NotPermitted("letter.not_found")
    return letter


def is_ordinary(body: dict[str, Any]) -> bool:
    """Whether the village may read a letter's body: neither a confidential report or need, nor
    words about a confidential matter or about one that nobody knows."""
    if "matter_id" in body:
        with whole_county(Whole.ROW_CLASS):
            return _is_plain_matter(body["matter_id"])
    if "ref" in body:
        try:
            with whole_county(Whole.ROW_CLASS):
                return find_by_ref(body["ref"]).row_class == RowClass.ORDINARY
        except NotPermitted:
            return False
    return all(_is_plain(report) for report in (body, body.get("need")) if report)


def _is_plain_matter(matter_id: str) -> bool:
    """By the matter, or by the letter that would have made it and waits itself. One query,
    whether there is one or none: nobody may tell by the time which ids are taken."""
    # open to all: its class alone, to keep a letter from eyes that may not see the matter.
    made = Matter.objects.filter(id=matter_id).values_list(Value(0), "row_class")
    # open to all: as above.
    waiting = Letter.objects.filter(id=matter_id).values_list(Value(1), "row_class")
    known = sorted(made.union(waiting))
    return bool(known) and known[0][1] == RowClass.ORDINARY


def _is_plain(report: dict[str, Any]) -> bool:
    asked = report.get("visibility", RowClass.ORDINARY)
    kind = all_kinds().get(report.get("category", ""))
    return (strictest(asked, kind) if kind else asked) == RowClass.ORDINARY
