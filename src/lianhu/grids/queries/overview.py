"""Read how groups stand: by group, by village, in sum."""

from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from lianhu.grids.models import Standing
from lianhu.kernel.actor import Actor
from lianhu.territory.queries import covering, reach, within

VERB = "grid.propose"
# What a list may be narrowed to.
SHOWS = {
    "outside": Q(outside__gt=0),
    "fresh": Q(offers_fresh=True),
    "waiting": Q(waiting__gt=0),
    "number": ~Q(grids=F("by_rule")),
}
ORDERS = {
    "": ("place_id",),
    "-households": ("-households", "place_id"),
    "-drift": ("-drift", "place_id"),
    "-waiting": ("-waiting", "place_id"),
    "-outside": ("-outside", "place_id"),
}


def _standings(actor: Actor, under: str) -> QuerySet[Standing]:
    """How the groups at or below a place stand, in reach."""
    return reach(Standing.objects, actor, VERB).filter(within(covering(under)))


def list_groups(
    actor: Actor, *, under: str, show: str = "", words: str = "", order: str = ""
) -> QuerySet[Standing]:
    """Groups at or below a place by place or by `order`; only those that `show` narrows to, and
    whose own or village's name holds the words."""
    rows = _standings(actor, under)
    if show in SHOWS:
        rows = rows.filter(SHOWS[show])
    if words:
        rows = rows.filter(Q(place__name__contains=words) | Q(village__name__contains=words))
    return rows.order_by(*ORDERS.get(order, ORDERS[""]))


def list_villages(
    actor: Actor, *, under: str, show: str = "", words: str = "", order: str = ""
) -> QuerySet[Standing, dict[str, Any]]:
    """The same, summed by village: those with any group that `show` narrows to."""
    rows = _standings(actor, under)
    if words:
        rows = rows.filter(village__name__contains=words)
    found = rows.values("village_id").annotate(**SUMS)
    if show in SHOWS:
        found = found.annotate(wanted=Count("id", filter=SHOWS[show])).filter(wanted__gt=0)
    orders = {
        "": ("village_id",),
        "-households": ("-homes", "village_id"),
        "-drift": ("-most_drift", "village_id"),
        "-waiting": ("-to_move", "village_id"),
        "-outside": ("-grids_outside", "village_id"),
    }
    return found.order_by(*orders.get(order, orders[""]))


# Named apart from the columns that they sum.
SUMS = {
    "groups": Count("id"),
    "homes": Sum("households"),
    "heads": Sum("people"),
    "grids_now": Sum("grids"),
    "grids_by_rule": Sum("by_rule"),
    "grids_outside": Sum("outside"),
    "groups_outside": Count("id", filter=SHOWS["outside"]),
    "groups_fresh": Count("id", filter=SHOWS["fresh"]),
    "groups_waiting": Count("id", filter=SHOWS["waiting"]),
    "to_move": Sum("waiting"),
    "most_drift": Max("drift"),
    "oldest": Min("looked_on"),
}


def sum_up(actor: Actor, *, under: str) -> dict[str, Any]:
    """The sums of all groups at or below a place, and of how many villages they are."""
    villages = Count("village_id", distinct=True)
    return _standings(actor, under).aggregate(**SUMS, villages=villages)
