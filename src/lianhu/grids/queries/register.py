"""The register as the engine takes it: who is to be divided, and where each household stands."""

from dataclasses import dataclass
from math import cos, radians

import numpy as np

from lianhu.grids.engine.arrays import Floats, Ints
from lianhu.grids.plan import Home
from lianhu.kernel.actor import Actor
from lianhu.people.models import Household
from lianhu.territory.models import Level, Place
from lianhu.territory.queries import covering, reach, within

GROUP = 14  # digits of a group's code
METRES = 111_320.0  # of one degree of latitude
Point = tuple[float, float]


@dataclass(slots=True)
class Register:
    """The households to divide, in one order, and the grids that their groups have or had."""

    homes: list[Home]
    groups: list[str]  # one a household
    living: set[str]
    ended: set[str]
    groupless: int  # households that are registered in no group, so that nothing divides them


def register_of(actor: Actor, place: str) -> Register:
    """The living households below a place that have a group. Three queries."""
    inside = covering(place)
    # open to all: the divisions of the country are public.
    grids = Place.objects.filter(within(inside, "code"), level=Level.GRID)
    ended_on = dict(grids.values_list("code", "ended_on"))
    living = {grid for grid, day in ended_on.items() if day is None}
    rows = reach(Household.objects, actor, "grid.propose").filter(within(inside), ended_on=None)
    rows = rows.order_by("id")
    found = list(rows.values_list("id", "code", "head_name", "size", "lon", "lat", "place_id"))
    homes = [
        Home(home, code, head, size, lon, lat, at if at in living else "", at, 0.0)
        for home, code, head, size, lon, lat, at in found
        if len(at) >= GROUP
    ]
    groups = [home.after[:GROUP] for home in homes]
    return Register(homes, groups, living, set(ended_on) - living, len(found) - len(homes))


def columns_of(register: Register) -> tuple[Ints, Floats, Floats, Ints]:
    """Group, metres and people of every household, as the engine takes them."""
    index = {name: number for number, name in enumerate(sorted(set(register.groups)))}
    points = np.array(metres_of(register)).reshape(-1, 2)
    group = np.array([index[name] for name in register.groups], np.int64)
    size = np.array([home.size for home in register.homes], np.int64)
    return group, points[:, 0], points[:, 1], size


def number_of(grid: str) -> int:
    """A grid's number in its group, 0 for none."""
    return int(grid[GROUP:]) if grid else 0


def metres_of(register: Register) -> list[Point]:
    """Metres on a plane; who has no point stands in the middle of the grid, else of the group."""
    known = [(h.lon, h.lat) for h in register.homes if h.lon is not None and h.lat is not None]
    if not known:
        return [(0.0, 0.0)] * len(register.homes)
    west, south = known[0]
    squeeze = cos(radians(south))
    found: list[Point | None] = []
    sums: dict[str, tuple[float, float, float]] = {}
    for home, group in zip(register.homes, register.groups, strict=True):
        if home.lon is None or home.lat is None:
            found.append(None)
            continue
        point = ((home.lon - west) * METRES * squeeze, (home.lat - south) * METRES)
        found.append(point)
        for key in (home.before, group):
            x, y, many = sums.get(key, (0.0, 0.0, 0.0))
            sums[key] = (x + point[0], y + point[1], many + 1)
    metres = []
    for home, group, at in zip(register.homes, register.groups, found, strict=True):
        key = home.before if home.before in sums else group
        x, y, many = sums.get(key, (0.0, 0.0, 1.0))
        metres.append(at or (x / many, y / many))
    return metres
