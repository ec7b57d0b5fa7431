"""The engine's answer by groups and households, as the desk shows it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from math import hypot

import numpy as np

from lianhu.grids.engine.division import Division
from lianhu.grids.plan import GridPlan, GroupPlan, Home
from lianhu.grids.queries.register import GROUP, Point, Register, metres_of


def plans_of(
    register: Register, division: Division, offers: set[int], drifts: dict[int, float],
    leaders: dict[str, str],
) -> tuple[list[GroupPlan], list[Home]]:  # fmt: skip
    """The engine's answer by groups and households, with codes for numbers."""
    points = metres_of(register)
    names = sorted(set(register.groups))
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(register.groups):
        rows_of[name].append(row)
    homes = list(register.homes)
    plans = []
    for found in division.groups:
        name = names[found.group]
        middle = {
            f"{name}{n:03d}": m for n, m in zip(found.numbers, found.medoids, strict=True)
        }
        for row in rows_of[name]:
            grid = f"{name}{int(division.grid[row]):03d}"
            walk = _apart(points[row], points[middle[grid]])
            homes[row] = replace(homes[row], after=grid, walk_m=walk)
        mine = [homes[row] for row in rows_of[name]]
        old = {grid for grid in register.living if grid[:GROUP] == name}
        reason = found.reason
        pointless = sum(home.lon is None or home.lat is None for home in mine)
        plans.append(
            GroupPlan(
                code=name,
                grids=tuple(_grids(mine, old, leaders)),
                walk_before_m=_walk_before(rows_of[name], register, points),
                walk_m=found.walk_m,
                changed=sum(bool(h.before) and h.after != h.before for h in mine),
                newcomers=sum(not h.before for h in mine),
                pointless=pointless,
                offer_fresh=found.group in offers,
                reason=reason,
                drift=drifts.get(found.group, 0.0),
            )
        )
    return plans, homes


def _grids(homes: list[Home], old: set[str], leaders: dict[str, str]) -> Iterable[GridPlan]:
    """Every grid that the group has or would have, by code."""
    after, before = Counter(h.after for h in homes), Counter(h.before for h in homes)
    went: dict[str, Counter[str]] = defaultdict(Counter)
    for home in homes:
        went[home.before][home.after] += 1
    heirs = {grid: _heir(went[grid] or after) for grid in old - set(after)}
    for grid in sorted(old | set(after)):
        own = [h for h in homes if h.after == grid]
        # Her own grid's leader stays; a grid without one gets the leader of an ended grid whose
        # households came here.
        from_ended = sorted(
            (-went[was][grid], was) for was, heir in heirs.items() if heir == grid
        )
        lead = [leaders.get(grid, ""), *(leaders.get(was, "") for _, was in from_ended)]
        yield GridPlan(
            code=grid,
            households_before=before[grid],
            people_before=sum(h.size for h in homes if h.before == grid),
            households=len(own),
            people=sum(h.size for h in own),
            longest_m=round(max((h.walk_m for h in own), default=0)),
            leader=next(filter(None, lead), ""),
            is_new=grid not in old,
            heir=heirs.get(grid, ""),
        )


def _heir(went: Counter[str]) -> str:
    """The grid that most households went to; the lowest number on a tie."""
    return min(went, key=lambda grid: (-went[grid], grid))


def empty_plan(group: str, register: Register) -> GroupPlan:
    """A group without households: nothing to divide, and its grids stay as they are."""
    grids = sorted(grid for grid in register.living if grid[:GROUP] == group)
    return GroupPlan(
        code=group, grids=tuple(GridPlan(g, 0, 0, 0, 0, 0) for g in grids), walk_before_m=0.0,
        walk_m=0.0, changed=0, newcomers=0, pointless=0, offer_fresh=False,
        reason="本组没有登记住户，没有划分。",
    )  # fmt: skip


def _walk_before(rows: list[int], register: Register, points: list[Point]) -> float:
    """Metres to the middle house of each present grid."""
    by_grid: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if register.homes[row].before:
            by_grid[register.homes[row].before].append(row)
    total = 0.0
    for mine in by_grid.values():
        here = np.array([points[row] for row in mine])
        apart = np.hypot(*(here[:, None, :] - here[None, :, :]).transpose(2, 0, 1))
        total += float(apart.sum(1).min())
    return total


def _apart(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])
