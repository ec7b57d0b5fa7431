"""Propose the grids of a real place from its register."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from math import cos, hypot, radians
from typing import NamedTuple
from uuid import UUID

import numpy as np

from lianhu.grids.engine.arrays import Floats, Ints
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.division import Division
from lianhu.grids.engine.redivide import redivide
from lianhu.grids.plan import GridPlan, GroupPlan, Home, Proposal, Wish
from lianhu.grids.proving import Proved, prove_division
from lianhu.grids.rules import Bounds, bounds_of
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force, read
from lianhu.kernel.errors import Refusal
from lianhu.people.models import Household
from lianhu.postings.queries import list_postings
from lianhu.territory.models import Level, Place
from lianhu.territory.queries import covering, get_place, reach, within

SEED = 321
COUNTY, GROUP, GRID = 6, 14, 17
METRES = 111_320.0  # of one degree of latitude
Point = tuple[float, float]


def bounds_for(county: str, *, on: date) -> tuple[Bounds, str]:
    """The bounds that a county has set, else the article's, with their source."""
    book = read("grids/bounds.toml")
    own = [row for row in book["counties"] if row["county"] == county and row["from"] <= on]
    name = max(own, key=lambda row: row["from"])["bounds"] if own else "article"
    version = in_force(book[name], on)
    return bounds_of(version["households"], version["people"]), version["source"]


def drift_on(on: date) -> float:
    """The share by which a walk may exceed a fresh division's, in force on a day."""
    return float(in_force(read("grids/bounds.toml")["drift"], on)["share"])


@dataclass(slots=True)
class _Register:
    """The households to divide, in one order, and the grids that their groups have or had."""

    homes: list[Home]
    groups: list[str]  # one a household
    living: set[str]
    ended: set[str]
    groupless: int  # households that are registered in no group, so that nothing divides them


def propose(actor: Actor, code: str, wish: Wish, *, on: date) -> Proposal:
    """The division of every group at or below a place: bounds first, then few changes, then
    metres. The same for the same register and wish.

    Refuses ``place.not_found``, ``grids.no_such_grid`` (a move or lock names a grid that is not
    of the household's own group, or has ended) and what the engine refuses.
    """
    place = get_place(code).code
    actor.require("grid.propose", place, code="place.not_found")
    bounds, source = bounds_for(place[:COUNTY], on=on)
    register = _register(actor, place)
    _check(register, wish)
    leaders = {
        row.place_id: row.user.name
        for part in covering(place)
        for row in list_postings(actor, under=part, on=on)
        if row.is_leader
    }
    drift = drift_on(on)
    division, offers, drifts = _divide(register, bounds, wish, drift)
    groups, homes = _told(register, division, offers, drifts, leaders)
    groups += [
        _empty(group, register) for group in _groups_of(place) if group not in register.groups
    ]
    groups.sort(key=lambda group: group.code)
    stamp = _stamp(register, bounds)
    return Proposal(
        place, bounds, source, drift, wish, tuple(groups), tuple(homes), stamp,
        register.groupless,
    )  # fmt: skip


def stamp_of(actor: Actor, code: str, *, on: date) -> str:
    """The stamp that a proposal for a place would have, without making one. Four queries.

    Refuses ``place.not_found``.
    """
    place = get_place(code).code
    actor.require("grid.propose", place, code="place.not_found")
    return _stamp(_register(actor, place), bounds_for(place[:COUNTY], on=on)[0])


class PlaceProofs(NamedTuple):
    """The groups of a place by code, and the proof of a fresh division of each."""

    groups: list[str]
    proved: Proved


def prove_place(actor: Actor, code: str, *, on: date, processes: int = 2) -> PlaceProofs:
    """Whether a fresh division of each group at or below a place is the shortest walk.

    Refuses ``place.not_found``.
    """
    place = get_place(code).code
    actor.require("grid.propose", place, code="place.not_found")
    bounds, _ = bounds_for(place[:COUNTY], on=on)
    register = _register(actor, place)
    columns = _columns(register)
    division = divide_groups(*columns, bounds, seed=SEED)
    proved = prove_division(columns, division, bounds, processes=processes)
    return PlaceProofs(sorted(set(register.groups)), proved)


def _groups_of(place: str) -> list[str]:
    """The living groups at or below a place."""
    # open to all: the divisions of the country are public.
    rows = Place.objects.filter(within(covering(place), "code"), level=Level.GROUP)
    return list(rows.filter(ended_on=None).order_by("code").values_list("code", flat=True))


def _register(actor: Actor, place: str) -> _Register:
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
    return _Register(homes, groups, living, set(ended_on) - living, len(found) - len(homes))


def _check(register: _Register, wish: Wish) -> None:
    """Every move stays in its group, and names a grid that may still be used."""
    group_of = {
        home.id: group for home, group in zip(register.homes, register.groups, strict=True)
    }
    sizes = Counter(register.groups)
    for home, grid in wish.moves:
        group, number = grid[:GROUP], grid[GROUP:]
        right = len(grid) == GRID and number.isdecimal() and group_of.get(home) == group
        known = grid in register.living or (right and 0 < int(number) <= sizes[group])
        if not right or not known or grid in register.ended or grid in wish.locked:
            raise Refusal("grids.no_such_grid")
    if wish.locked - register.living:
        raise Refusal("grids.no_such_grid")


def _divide(
    register: _Register, bounds: Bounds, wish: Wish, drift: float
) -> tuple[Division, set[int], dict[int, float]]:
    """The engine on the register, the groups for which it offers a fresh division, and by what
    share each walks more than one."""
    index = {name: number for number, name in enumerate(sorted(set(register.groups)))}
    before = np.array([_number(home.before) for home in register.homes], np.int64)
    by_hand = dict(wish.moves)
    locks = np.array(
        [
            _number(home.before if home.before in wish.locked else by_hand.get(home.id, ""))
            for home in register.homes
        ],
        np.int64,
    )
    shut = wish.locked | register.ended
    closed = {(index[g[:GROUP]], _number(g)) for g in shut if g[:GROUP] in index}
    columns = (*_columns(register), bounds)
    if wish.fresh:
        alone = divide_groups(*columns, seed=SEED, locks=locks, closed=closed, before=before)
        return alone, set(), {}
    kept = redivide(*columns, before=before, seed=SEED, drift=drift, locks=locks, closed=closed)
    return kept.division, set(kept.offer_fresh), kept.drift


def _columns(register: _Register) -> tuple[Ints, Floats, Floats, Ints]:
    """Group, metres and people of every household, as the engine takes them."""
    index = {name: number for number, name in enumerate(sorted(set(register.groups)))}
    points = np.array(_metres(register)).reshape(-1, 2)
    group = np.array([index[name] for name in register.groups], np.int64)
    size = np.array([home.size for home in register.homes], np.int64)
    return group, points[:, 0], points[:, 1], size


def _number(grid: str) -> int:
    """A grid's number in its group, 0 for none."""
    return int(grid[GROUP:]) if grid else 0


def _metres(register: _Register) -> list[Point]:
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


def _told(
    register: _Register, division: Division, offers: set[int], drifts: dict[int, float],
    leaders: dict[str, str],
) -> tuple[list[GroupPlan], list[Home]]:  # fmt: skip
    """The engine's answer by groups and households, with codes for numbers."""
    points = _metres(register)
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


def _empty(group: str, register: _Register) -> GroupPlan:
    """A group without households: nothing to divide, and its grids stay as they are."""
    grids = sorted(grid for grid in register.living if grid[:GROUP] == group)
    return GroupPlan(
        code=group, grids=tuple(GridPlan(g, 0, 0, 0, 0, 0) for g in grids), walk_before_m=0.0,
        walk_m=0.0, changed=0, newcomers=0, pointless=0, offer_fresh=False,
        reason="本组没有登记住户，没有划分。",
    )  # fmt: skip


def _walk_before(rows: list[int], register: _Register, points: list[Point]) -> float:
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


def _stamp(register: _Register, bounds: Bounds) -> str:
    """Households, people and a digest of all that the division was made from."""
    told = [(str(h.id), h.before, h.size, h.lon, h.lat) for h in register.homes]
    whole = repr((bounds, told, sorted(register.living)))
    people = sum(home.size for home in register.homes)
    return f"{len(told)}-{people}-{sha256(whole.encode()).hexdigest()[:20]}"


def read_moves(pairs: Iterable[str]) -> tuple[tuple[UUID, str], ...]:
    """Moves as links and forms write them: "<household>:<grid>", the last of a household holds.

    Refuses ``grids.no_such_grid``.
    """
    moves: dict[UUID, str] = {}
    for pair in pairs:
        home, _, grid = pair.partition(":")
        try:
            moves[UUID(home)] = grid
        except ValueError as error:
            raise Refusal("grids.no_such_grid") from error
    return tuple(moves.items())
