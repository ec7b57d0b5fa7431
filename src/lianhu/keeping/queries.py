"""What the data officer sees of backups and the ledger."""

from dataclasses import dataclass

from django.conf import settings

from lianhu.audit.rules import Head
from lianhu.audit.sealing import latest_head
from lianhu.keeping.models import Run
from lianhu.kernel.actor import Actor

MOST = 30


@dataclass(frozen=True, slots=True)
class Overview:
    """The last rehearsal and backup, what ran lately, and the ledger's head."""

    folder: str
    verified: Run | None
    backed_up: Run | None
    runs: list[Run]
    head: Head | None


def overview(actor: Actor) -> Overview:
    """Refuses ``account.not_permitted``. Three queries."""
    actor.require("backup.read", "")
    # open to all: runs of the whole database belong to no place; the verb above is the gate.
    runs = list(Run.objects.order_by("-started_at", "-id")[:MOST])
    kinds = {kind: next((r for r in runs if r.kind == kind), None) for kind in Run.Kind}
    return Overview(
        folder=settings.LIANHU_BACKUPS,
        verified=kinds[Run.Kind.VERIFY] or _last(Run.Kind.VERIFY),
        backed_up=kinds[Run.Kind.BACKUP] or _last(Run.Kind.BACKUP),
        runs=runs,
        head=latest_head(),
    )


def _last(kind: Run.Kind) -> Run | None:
    # open to all: as above.
    return Run.objects.filter(kind=kind).order_by("-started_at").first()
