"""The ledger as far as somebody may read it."""

from datetime import date

from django.db.models import Q, QuerySet

from lianhu.audit.models import Entry
from lianhu.kernel.actor import Actor
from lianhu.territory.models import RowClass
from lianhu.territory.queries import reach, within


def list_entries(
    actor: Actor,
    *,
    under: str = "",
    verb: str = "",
    person: str = "",
    day: date | None = None,
    oldest: bool = False,
    beyond: int = 0,
) -> QuerySet[Entry]:
    """The ledger in reach, latest or `oldest` first, of one wing or verb ("matter",
    "person.reveal"), one person's name, one day; `beyond` is the id after which to go on.

    Visits are not in it: who went where at which minute, one under the other, is a trail of staff
    (norms.md). Each stands with its household."""
    rows = _entries(actor).exclude(verb__startswith="visit.")
    if under:
        rows = rows.filter(within([under]))
    if verb:
        rows = rows.filter(Q(verb=verb) | Q(verb__startswith=f"{verb}."))
    if person:
        rows = rows.filter(actor_name=person)
    if day:
        rows = rows.filter(at__date=day)
    if beyond:
        rows = rows.filter(id__gt=beyond) if oldest else rows.filter(id__lt=beyond)
    return rows.order_by("id" if oldest else "-id")


def entries_about(actor: Actor, ids: list[str]) -> QuerySet[Entry]:
    """What the ledger in reach says about some objects, latest first."""
    return _entries(actor).filter(object_id__in=ids).order_by("-id")


def _entries(actor: Actor) -> QuerySet[Entry]:
    """The ledger in reach, without what concerns a report about the actor himself: not even what
    was noted before somebody said that it is about him."""
    rows = reach(Entry.objects, actor, "ledger.read")
    codes = actor.scopes.get("ledger.read+official")
    if not codes:
        return rows
    # Reports about officials lie at the county itself. has_key first: an entry that names nobody
    # is NULL to the database, not "somebody else".
    naming = Entry.objects.filter(  # narrows what reach() gave
        place_id__in=codes,
        row_class=RowClass.ABOUT_OFFICIAL,
        facts__has_key="accused",
        facts__accused=str(actor.id),
    )
    return rows.exclude(
        row_class=RowClass.ABOUT_OFFICIAL, object_id__in=naming.values("object_id")
    )
