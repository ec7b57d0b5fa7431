"""Propose the grids of a real place from its register."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import numpy as np

from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.division import Division
from lianhu.grids.engine.redivide import redivide
from lianhu.grids.plan import Proposal, Wish
from lianhu.grids.proving import Proved, prove_division
from lianhu.grids.queries.plans import empty_plan, plans_of
from lianhu.grids.queries.register import (
    GROUP,
    Register,
    columns_of,
    number_of,
    register_of,
)
from lianhu.grids.rules import Bounds, bounds_of
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force, read
from lianhu.kernel.errors import Refusal
from lianhu.postings.queries import list_postings
from lianhu.territory.models import Level, Place
from lianhu.territory.queries import covering, get_place, within

SEED = 321
COUNTY, GRID = 6, 17


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


def propose(actor: Actor, code: str, wish: Wish, *, on: date) -> Proposal:
    """The division of every group at or below a place: bounds first, then few changes, then
    metres. The same for the same register and wish.

    Refuses ``place.not_found``, ``grids.no_such_grid`` (a move or lock names a grid that is not
    of the household's own group, or has ended) and what the engine refuses.
    """
    place = get_place(code).code
    actor.require("grid.propose", place, code="place.not_found")
    bounds, source = bounds_for(place[:COUNTY], on=on)
    register = register_of(actor, place)
    _check(register, wish)
    leaders = {
        row.place_id: row.user.name
        for part in covering(place)
        for row in list_postings(actor, under=part, on=on)
        if row.is_leader
    }
    drift = drift_on(on)
    division, offers, drifts = _divide(register, bounds, wish, drift)
    groups, homes = plans_of(register, division, offers, drifts, leaders)
    groups += [
        empty_plan(group, register)
        for group in _groups_of(place)
        if group not in register.groups
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
    return _stamp(register_of(actor, place), bounds_for(place[:COUNTY], on=on)[0])


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
    register = register_of(actor, place)
    columns = columns_of(register)
    division = divide_groups(*columns, bounds, seed=SEED)
    proved = prove_division(columns, division, bounds, processes=processes)
    return PlaceProofs(sorted(set(register.groups)), proved)


def _groups_of(place: str) -> list[str]:
    """The living groups at or below a place."""
    # open to all: the divisions of the country are public.
    rows = Place.objects.filter(within(covering(place), "code"), level=Level.GROUP)
    return list(rows.filter(ended_on=None).order_by("code").values_list("code", flat=True))


def _check(register: Register, wish: Wish) -> None:
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
    register: Register, bounds: Bounds, wish: Wish, drift: float
) -> tuple[Division, set[int], dict[int, float]]:
    """The engine on the register, the groups for which it offers a fresh division, and by what
    share each walks more than one."""
    index = {name: number for number, name in enumerate(sorted(set(register.groups)))}
    before = np.array([number_of(home.before) for home in register.homes], np.int64)
    by_hand = dict(wish.moves)
    locks = np.array(
        [
            number_of(home.before if home.before in wish.locked else by_hand.get(home.id, ""))
            for home in register.homes
        ],
        np.int64,
    )
    shut = wish.locked | register.ended
    closed = {(index[g[:GROUP]], number_of(g)) for g in shut if g[:GROUP] in index}
    columns = (*columns_of(register), bounds)
    if wish.fresh:
        alone = divide_groups(*columns, seed=SEED, locks=locks, closed=closed, before=before)
        return alone, set(), {}
    kept = redivide(*columns, before=before, seed=SEED, drift=drift, locks=locks, closed=closed)
    return kept.division, set(kept.offer_fresh), kept.drift


def _stamp(register: Register, bounds: Bounds) -> str:
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
