"""Households put into other grids many at a time, as a division asks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.people.models import Household, Person
from lianhu.territory.queries import reach


def regrid_households(
    actor: Actor, into: Mapping[str, Sequence[UUID]], *, verb: str, at: datetime
) -> int:
    """Put the households of each list into the grid that names it; how many were moved.

    Part of its caller's transaction, inside `audit.actions.gathered`. Every household gets its
    own two entries, so that its history tells both grids. What is out of the actor's reach by
    `verb` is not touched.
    """
    moved = 0
    for grid, ids in into.items():
        rows = reach(Household.objects, actor, verb).filter(id__in=ids, ended_on=None)
        homes = list(rows.values_list("id", "place_id"))
        ours = [home for home, _ in homes]
        Household.objects.filter(id__in=ours).update(place_id=grid)
        Person.objects.filter(household_id__in=ours).update(place_id=grid)
        for home, old in homes:
            record(actor, "household.leave", "household", home, old, at=at, to=grid)
            record(actor, "household.move", "household", home, grid, at=at, old=old)
        moved += len(homes)
    return moved
