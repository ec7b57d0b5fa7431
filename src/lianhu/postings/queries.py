"""Read who answers for which grid."""

from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from lianhu.accounts.models import Grant
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.postings.models import Posting
from lianhu.territory.models import Level, Place
from lianhu.territory.queries import list_places, reach, within

PUBLIC_ROLES = ("secretary", "committee", "supervisor")


def in_term(on: date) -> Q:
    """Postings that hold on a day, both ends inclusive."""
    return Q(starts_on__lte=on) & (Q(ends_on=None) | Q(ends_on__gte=on))


POSTING_ORDERS = {
    "": ("place_id", "-is_leader", "line", "id"),
    "name": ("user__name", "place_id", "id"),
    "-since": ("-starts_on", "place_id", "id"),
}


def list_postings(
    actor: Actor, *, under: str, on: date, line: str = "", words: str = "", order: str = ""
) -> QuerySet[Posting]:
    """Postings in force at or below a place, of one line or of people whose name begins so; by
    place, leaders first within a grid, unless `order` says another."""
    rows = reach(Posting.objects, actor, "posting.read").filter(in_term(on), within([under]))
    if line:
        rows = rows.filter(line=line)
    if words:
        rows = rows.filter(user__name__startswith=words)
    return rows.select_related("user", "place").order_by(
        *POSTING_ORDERS.get(order, POSTING_ORDERS[""])
    )


PAST_ORDERS = {
    "": ("-ends_on", "place_id", "id"),
    "name": ("user__name", "-ends_on", "id"),
    "place": ("place_id", "-ends_on", "id"),
}


def list_past(
    actor: Actor, *, under: str, on: date, line: str = "", words: str = "", order: str = ""
) -> QuerySet[Posting]:
    """Postings that ended before a day, handed over or not, the latest first unless `order` says
    another."""
    rows = reach(Posting.objects, actor, "posting.read").filter(within([under]), ends_on__lt=on)
    if line:
        rows = rows.filter(line=line)
    if words:
        rows = rows.filter(user__name__startswith=words)
    return rows.select_related("user", "place").order_by(
        *PAST_ORDERS.get(order, PAST_ORDERS[""])
    )


def list_of_user(actor: Actor, user_id: UUID) -> QuerySet[Posting]:
    """Every posting in reach of one person, ended ones too, latest first."""
    return (
        reach(Posting.objects, actor, "posting.read")
        .filter(user_id=user_id)
        .select_related("place")
        .order_by("-starts_on", "place_id")
    )


def get_posting(actor: Actor, posting_id: UUID) -> Posting:
    """One posting that the actor may change; refuses ``posting.not_found``."""
    row = (
        reach(Posting.objects, actor, "posting.change")
        .filter(id=posting_id)
        .select_related("user", "grant", "place")
        .first()
    )
    if row is None:
        raise NotPermitted("posting.not_found")
    return row


def list_gaps(
    actor: Actor, *, under: str, on: date, words: str = "", order: str = ""
) -> QuerySet[Place]:
    """Grids in reach that no leader answers for, whose name holds the words; by place, or with
    `order` "-code" from the last."""
    led = Posting.objects.filter(in_term(on), is_leader=True).values("place_id")  # reach( below
    rows = (
        reach(Place.objects, actor, "posting.read")
        .filter(within([under], "code"), level=Level.GRID, ended_on=None)
        .exclude(code__in=led)
    )
    if words:
        rows = rows.filter(name__contains=words)
    return rows.order_by("-code" if order == "-code" else "code")


def count_gaps(actor: Actor, codes: list[str], *, under: str, on: date) -> dict[str, int]:
    """Grids without a leader below each of the codes (all of one length). One query."""
    if not codes:
        return {}
    rows = (
        list_gaps(actor, under=under, on=on)
        .order_by()
        .annotate(below=Substr("code", 1, len(codes[0])))
        .values("below")
        .annotate(gaps=Count("code"))
        .values_list("below", "gaps")
    )
    found = dict(rows)
    return {code: found.get(code, 0) for code in codes}


def public_line_people(village_codes: list[str], *, on: date) -> list[Posting]:
    """The line people of a village for its public board: they hold a public office."""
    # open to all: names of office-holders are published (interfaces.md, village board).
    return list(
        Posting.objects.filter(in_term(on), within(village_codes), user__is_active=True)
        .select_related("user", "place")
        .order_by("place_id", "-is_leader", "line", "id")
    )


def public_office_holders(village_codes: list[str], *, on: date) -> list[Grant]:
    """The secretary and the village committee for the public board: they hold a public office."""
    # open to all: names of office-holders are published (interfaces.md, village board).
    rows = Grant.objects.filter(in_term(on), place_id__in=village_codes, user__is_active=True)
    found = rows.filter(role__in=PUBLIC_ROLES).select_related("user").order_by("user__name")
    return sorted(found, key=lambda g: PUBLIC_ROLES.index(g.role))


def grids_under(codes: list[str]) -> list[str]:
    """Codes of all living grids at or below the codes."""
    found: list[str] = []
    for code in codes:
        found += list_places(Level.GRID, code).values_list("code", flat=True)
    return sorted(set(found))
