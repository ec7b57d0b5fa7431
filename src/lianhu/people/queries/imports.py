"""Workbooks on their way in, and the imports so far."""

from uuid import UUID

from django.db.models import QuerySet

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import ImportDraft, RegisterImport
from lianhu.territory.queries import reach


def get_draft(actor: Actor, draft_id: UUID, *, lock: bool = False) -> ImportDraft:
    """One's own workbook on its way in; anybody else's refuses ``register.not_found``."""
    rows = reach(ImportDraft.objects, actor, "household.load").filter(actor_id=actor.id)
    if lock:
        rows = rows.select_for_update()
    draft = rows.filter(id=draft_id).first()
    if draft is None:
        raise NotPermitted("register.not_found")
    return draft


def list_drafts(actor: Actor) -> QuerySet[ImportDraft]:
    """One's own workbooks that are on their way in, latest first, without what they hold."""
    rows = reach(ImportDraft.objects, actor, "household.load").filter(actor_id=actor.id)
    sealed = ("content_sealed", "found_sealed", "corrections_sealed")
    return rows.exclude(state="done").defer(*sealed).order_by("-at", "id")


IMPORT_ORDERS = {
    "": ("-at", "id"),
    "at": ("at", "id"),
    "place": ("place_id", "-at", "id"),
    "-persons": ("-persons", "-at", "id"),
}


def list_imports(
    actor: Actor, *, state: str = "", words: str = "", order: str = ""
) -> QuerySet[RegisterImport]:
    """Imports in reach, "kept" or "undone", of files whose name holds the words; latest first
    unless `order` says another, without their long columns."""
    rows = reach(RegisterImport.objects, actor, "household.load")
    if state:
        rows = rows.filter(undone_at__isnull=state == "kept")
    if words:
        rows = rows.filter(file_name__contains=words)
    rows = rows.defer("household_ids", "person_ids", "grown")
    return rows.order_by(*IMPORT_ORDERS.get(order, IMPORT_ORDERS[""]))


def get_import(actor: Actor, import_id: UUID) -> RegisterImport:
    """One import; absent and out of reach refuse alike with ``register.not_found``."""
    row = list_imports(actor).filter(id=import_id).first()
    if row is None:
        raise NotPermitted("register.not_found")
    return row
