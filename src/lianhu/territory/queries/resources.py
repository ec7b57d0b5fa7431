"""What there is for the people of a place: facilities, contacts, services, hazards."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.territory.models import Resource
from lianhu.territory.queries import VILLAGE_LENGTH, heirs, reach, within
from lianhu.territory.rules import ancestors, resource_kinds


def list_resources(
    actor: Actor, *, under: str, sort: str = "", ended: bool = False
) -> QuerySet[Resource]:
    """What there is (or, `ended`, what there was) at or below a place in reach, of one sort; by
    place, the latest ended first."""
    rows = reach(Resource.objects, actor, "resource.read").filter(within([under]))
    if sort:
        rows = rows.filter(kind__in=[c for c, k in resource_kinds().items() if k.sort == sort])
    if ended:
        return rows.exclude(ended_on=None).order_by("-ended_on", "-id")
    return rows.filter(ended_on=None).order_by("place_id", "kind", "name", "id")


def get_resource(actor: Actor, resource_id: UUID, *, verb: str = "resource.keep") -> Resource:
    """One that is there now; absent, ended and out of reach refuse alike with
    ``resource.not_found``."""
    rows = reach(Resource.objects, actor, verb).filter(ended_on=None)
    row = rows.filter(id=resource_id).first()
    if row is None:
        raise NotPermitted("resource.not_found")
    return row


def resources_of_grids(actor: Actor, grids: Collection[str]) -> dict[str, list[Resource]]:
    """What there is now for the people of each of some grids: at the grid, its group and its
    village, also under their former codes. Two queries.

    Only of grids where the actor holds ``resource.read``; what is said of a village or group is
    told in each of its grids.
    """
    now = heirs()
    told = {
        grid: {now.get(code, code) for code in ancestors(grid) if len(code) >= VILLAGE_LENGTH}
        for grid in grids
        if actor.holds("resource.read", grid)
    }
    wanted = set().union(*told.values())
    wanted |= {old for old, heir in now.items() if heir in wanted}
    rows = Resource.objects.filter(place_id__in=wanted)  # scoped by the grids held above
    at: defaultdict[str, list[Resource]] = defaultdict(list)
    for row in rows.filter(ended_on=None).order_by("-place_id", "name", "id"):
        at[now.get(row.place_id, row.place_id)].append(row)
    order = list(resource_kinds())
    return {
        grid: sorted(
            (row for code in sorted(codes, reverse=True) for row in at[code]),
            key=lambda row: order.index(row.kind) if row.kind in order else len(order),
        )
        for grid, codes in told.items()
    }
