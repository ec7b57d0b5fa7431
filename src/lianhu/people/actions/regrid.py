"""Households put into other grids many at a time, as a division asks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.people.actions.changing import note
from lianhu.people.models import Household, Person
from lianhu.territory.queries import reach

WORDS = "按网格划分方案调整"


def regrid_households(
    actor: Actor, into: Mapping[str, Sequence[UUID]], *, verb: str, at: datetime
) -> int:
    """Put the households of each list into the grid that names it; how many were moved.

    Part of its caller's transaction, inside `audit.actions.gathered`. Every household gets its
    own two entries and its line in the timeline, so that its history tells both grids. What is
    out of the actor's reach by `verb` is not touched.
    """
    moved = 0
    for grid, ids in into.items():
        rows = reach(Household.objects, actor, verb).filter(id__in=ids, ended_on=None)
        homes = list(rows.order_by("id"))
        ours = [home.id for home in homes]
        Household.objects.filter(id__in=ours).update(place_id=grid)
        Person.objects.filter(household_id__in=ours).update(place_id=grid)
        for home in homes:
            old, home.place_id = home.place_id, grid
            record(actor, "household.leave", "household", home.id, old, at=at, to=grid)
            note(
                actor, "household.move", home, words=WORDS, at=at, values={"place": (old, grid)}
            )
        moved += len(homes)
    return moved
