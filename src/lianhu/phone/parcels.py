"""Parcels: everything a line person may hold of one grid, whole, cached by grid, version, role.

The version is read before the rows, so a parcel may be newer than it says (it is then fetched
once more) but never older.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
from django.utils.timezone import localdate

from lianhu.audit.queries import epoch, versions
from lianhu.grading.queries.colours import grades_of_grids
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.letters.queries.settled import list_settled
from lianhu.matters.queries.lists import list_own, open_of_grids
from lianhu.matters.queries.one import tells_code
from lianhu.people.queries import households_of_grids
from lianhu.people.queries.history import proposals_of_grids
from lianhu.phone import shapes
from lianhu.postings.queries import grids_under
from lianhu.territory.queries import names_and_beginnings, place_names
from lianhu.territory.queries.resources import resources_of_grids
from lianhu.territory.rules import ancestors
from lianhu.visits.queries import county_rules, latest_visits, plan_grid

KEEP_ENDED = timedelta(days=30)
TOLD_FOR = timedelta(days=14)  # how long a new colour stands among the notices
MOST_KEPT = 2000
_kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
_lock = Lock()


def own_grids(actor: Actor) -> dict[str, int]:
    """The grids this person's phone holds, with their versions. Two queries or a few."""
    codes = grids_under(list(actor.scopes.get("phone.use", ())))
    return versions(codes)


def own_version(actor: Actor) -> int:
    """The version of what only this person may see."""
    key = f"user:{actor.id}"
    return versions([key])[key]


def parcels(
    actor: Actor, wanted: dict[str, int], *, at: datetime, life: UUID | None = None
) -> dict[str, bytes]:
    """The parcels of grids at the versions given, as JSON; from memory where possible.

    `life` is the epoch that was read before those versions: a restore in between must not leave
    a parcel in memory under the new one. Refuses ``place.not_found`` for a grid that is not this
    person's. Queries: 12, whatever the number of grids.
    """
    if not all(actor.holds("phone.use", grid) for grid in wanted):
        raise NotPermitted("place.not_found")
    life = life or epoch()
    keys = {grid: (life, grid, version, actor.roles) for grid, version in wanted.items()}
    with _lock:
        found = {grid: _kept[key] for grid, key in keys.items() if key in _kept}
    missing = [grid for grid in wanted if grid not in found]
    if missing:
        built = _build(actor, missing, wanted, at)
        with _lock:
            for grid, content in built.items():
                _kept[keys[grid]] = content
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        found |= built
    return {grid: found[grid] for grid in wanted}


def _build(
    actor: Actor, grids: list[str], wanted: dict[str, int], at: datetime
) -> dict[str, bytes]:
    today = localdate(at)
    homes = _by_place(households_of_grids(actor, grids))
    matters = _by_place(open_of_grids(actor, grids, closed_since=at - KEEP_ENDED))
    visits = latest_visits(actor, grids)
    last = {home: rows[0].on for home, rows in visits.items()}
    said: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in proposals_of_grids(actor, grids, since=at - KEEP_ENDED):
        said[row.household_id].append(row)
    grades = grades_of_grids(actor, grids, on=today)
    there, own = resources_of_grids(actor, grids), county_rules(grids[0])
    known = names_and_beginnings(_with_offices(grids))
    names = {code: name for code, (name, _) in known.items()}
    built: dict[str, bytes] = {}
    for grid in grids:
        cares = actor.holds("grade.read", grid)
        planned = plan_grid(
            grid, homes[grid], last, grades if cares else None, begun=known[grid][1], own=own
        )
        above = ancestors(grid)
        content = {
            "grid": grid,
            "version": wanted[grid],
            "name": names.get(grid, ""),
            "place_names": {code: names[code] for code in above if code in names},
            "households": [
                shapes.household(
                    h,
                    sorted(h.persons.all(), key=_head_first),
                    visits.get(h.id, []),
                    said[h.id],
                )
                | (shapes.grade(grades.get(h.id)) if cares else {})
                for h in homes[grid]
            ],
            # Whose work may be rated by a follow code does not hold it.
            "matters": [
                shapes.matter(m, names, code=not actor.holds("matter.handle", grid))
                for m in matters[grid]
            ],
            "visits_due": [shapes.due(visit) for visit in planned.visits],
            "visit_plan": {"per_day": planned.per_day, "label": planned.label},
            "resources": [shapes.resource(r) for r in there.get(grid, [])],
            "notices": shapes.grade_notices(homes[grid], grades, since=today - TOLD_FOR),
        }
        built[grid] = msgspec.json.encode(content)
    return built


def _head_first(person: Any) -> tuple[str, str]:
    return person.relation, str(person.born_on or "")


def _by_place(rows: Sequence[Any] | Any) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.place_id].append(row)
    return found


def _with_offices(grids: Sequence[str]) -> list[str]:
    return sorted({code for grid in grids for code in ancestors(grid)})


def own_matters(actor: Actor, version: int, *, at: datetime) -> bytes:
    """What I reported or handle, confidential ones included, and what became of letters of mine
    that waited for somebody, as JSON. Four queries."""
    rows = list(list_own(actor, since=at - KEEP_ENDED))
    codes = {code for row in rows for code in ancestors(row.subject_place or row.place_id)}
    names = place_names(sorted(codes))
    shaped = [
        shapes.matter(row, names, me=actor.id, code=tells_code(actor, row)) for row in rows
    ]
    letters = [shapes.settled(one) for one in list_settled(actor, since=at - KEEP_ENDED)]
    return msgspec.json.encode({"version": version, "matters": shaped, "letters": letters})


def forget() -> None:
    """Empty the memory: for tests and after a restore."""
    with _lock:
        _kept.clear()
