"""Read visits: those made, and those due.

Who may see a household sees the visits to it, those from before it came here too: a division of
grids or a move hides nothing from the next person who goes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from lianhu.grading.queries.colours import GradeShown, grades_in_reach, helping, shown
from lianhu.grading.rules.colours import ORDER, WORDS, Colour
from lianhu.kernel.actor import Actor
from lianhu.people.models import Household
from lianhu.postings.models import Posting
from lianhu.postings.queries import list_postings
from lianhu.territory.queries import begun_of, reach, within
from lianhu.territory.rules import ancestors
from lianhu.visits.models import Cadence, Visit
from lianhu.visits.rules import (
    GREEN,
    Rule,
    cadence,
    counted_from,
    county_rule,
    every_words,
    plan,
    window,
)

LAST = 5  # visits of a household that a phone holds


class Went(NamedTuple):
    """A visit that was made."""

    household_id: UUID
    on: date
    visitor_name: str
    words: str
    duties: list[str]


@dataclass(frozen=True, slots=True)
class Due:
    """A household to visit: the day planned, the last day, and how often."""

    household_id: UUID
    plan_on: date
    due_on: date
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The visits planned for a grid, soonest first; how many are put forward for a day; whose
    figures these are."""

    visits: tuple[Due, ...]
    per_day: int
    label: str


def latest_visits(
    actor: Actor, grids: Sequence[str], *, most: int = LAST
) -> dict[UUID, list[Went]]:
    """The latest visits of each household of some grids, latest first. One query."""
    homes = reach(Household.objects, actor, "visit.read").filter(place_id__in=grids)
    return _latest(homes, most)


def _latest(homes: QuerySet[Household], most: int) -> dict[UUID, list[Went]]:
    """The latest visits of each of some households, latest first; `received_at` only tells two
    visits of one day apart, what counts is the day gone."""
    number = Window(
        RowNumber(),
        partition_by=F("household_id"),
        order_by=[F("on").desc(), F("received_at").desc(), F("id").desc()],
    )
    rows = Visit.objects.filter(household__in=homes)  # scoped by reach() of the caller
    rows = rows.annotate(number=number).filter(number__lte=most).order_by("number")
    found: defaultdict[UUID, list[Went]] = defaultdict(list)
    for row in rows.values_list(*Went._fields):
        found[row[0]].append(Went(*row))
    return dict(found)


def last_visits(actor: Actor, grids: Sequence[str]) -> dict[UUID, Went]:
    """The latest visit of each household of some grids. One query."""
    return {home: rows[0] for home, rows in latest_visits(actor, grids, most=1).items()}


def county_rules(place: str) -> list[Rule]:
    """What the county of a place has set of how often households are visited, each version from
    its day on, oldest first. One query."""
    return [rule for rule, _ in list_cadences(place)]


def list_cadences(place: str) -> list[tuple[Rule, Cadence]]:
    """As `county_rules`, each with who set it and when. One query."""
    # open to all: how often whoever is owed help is visited is public.
    rows = Cadence.objects.filter(place_id=ancestors(place)[0]).order_by(
        "since", "made_at", "id"
    )
    return [
        (
            county_rule(
                row.since, row.source,
                {"green": row.green, "yellow": row.yellow, "red": row.red}, row.first, row.per_day,
            ),
            row,
        )
        for row in rows
    ]  # fmt: skip


def plan_grid(
    grid: str,
    homes: Sequence[Household],
    last: Mapping[UUID, date],
    grades: Mapping[UUID, GradeShown] | None,
    *,
    begun: date | None,
    own: Sequence[Rule] = (),
) -> Plan:
    """The plan of a grid, whose days are those of the one person who leads it; `own` are the rules
    of its county (`county_rules`).

    `grades` is None for who may not see colours: to him every household is visited alike. What
    stands here depends on no clock, so a parcel is the same whenever it is built. No query.
    """
    start = counted_from(begun)
    known = grades or {}
    bases = [start, *(last[h.id] for h in homes if h.id in last)]
    rule = cadence(own, max(bases))
    windows = {
        home.id: window(
            last.get(home.id), _colour(known.get(home.id)),
            grade.since if (grade := known.get(home.id)) else None, begun=start, own=own,
        )
        for home in homes
    }  # fmt: skip
    days = plan(windows)
    visits = sorted(
        (
            Due(home, days[home], w.due, _why(rule, known.get(home), named=grades is not None))
            for home, w in windows.items()
        ),
        key=lambda v: (v.plan_on, v.due_on, v.household_id),
    )
    return Plan(tuple(visits), rule.per_day, rule.label)


def _colour(grade: GradeShown | None) -> str:
    return grade.colour.value if grade else GREEN


def _why(rule: Rule, grade: GradeShown | None, *, named: bool) -> str:
    colour = _colour(grade)
    word = WORDS[Colour(colour)] if named else ""
    return f"{word}{every_words(rule.every[colour])}看一次（{rule.label}）"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A household that nobody went to in time, and who might go."""

    household: Household
    colour: Colour
    due_on: date
    last: Went | None
    people: tuple[Posting, ...]


def list_overdue(
    actor: Actor, *, under: str, on: date, colour: str = "", who: str = ""
) -> list[Overdue]:
    """Households at or below a place whose visit is overdue, those owed most first and then those
    longest due: to plan who helps, never to compare people. `who` is the id of a line person.

    Only where the actor holds ``grade.read``: a day that is due says the colour. Six queries.
    """
    mine = reach(Household.objects, actor, "grade.read").filter(within([under]), ended_on=None)
    homes = list(mine.order_by("place_id", "code", "id"))
    rows = grades_in_reach(actor, "grade.read").filter(helping(on), household__in=mine)
    grades = {row.household_id: shown(row) for row in rows}
    last = {home: visits[0] for home, visits in _latest(mine, 1).items()}
    begun, own = begun_of({home.place_id for home in homes}), county_rules(under)
    people: defaultdict[str, list[Posting]] = defaultdict(list)
    for post in list_postings(actor, under=under, on=on):
        people[post.place_id].append(post)
    theirs = {g for g, posts in people.items() if any(str(p.user_id) == who for p in posts)}
    found: list[Overdue] = []
    for home in homes:
        grade, visit = grades.get(home.id), last.get(home.id)
        due = window(
            visit.on if visit else None, _colour(grade), grade.since if grade else None,
            begun=counted_from(begun.get(home.place_id)), own=own,
        ).due  # fmt: skip
        if due < on and colour in {"", _colour(grade)} and (not who or home.place_id in theirs):
            posts = tuple(people[home.place_id])
            found.append(Overdue(home, Colour(_colour(grade)), due, visit, posts))
    return sorted(found, key=lambda o: (-ORDER[o.colour], o.due_on))


def list_of_household(actor: Actor, household_id: UUID) -> QuerySet[Visit]:
    """Visits to one household in reach, latest first."""
    homes = reach(Household.objects, actor, "visit.read").filter(id=household_id)
    # scoped by reach() above
    return Visit.objects.filter(household__in=homes).order_by("-on", "-received_at")


ORDERS = {
    "": ("-on", "-id"),
    "on": ("on", "id"),
    "place": ("place_id", "household__code", "-on", "-id"),
}


def list_visits(
    actor: Actor,
    *,
    under: str,
    since: date | None = None,
    until: date | None = None,
    order: str = "",
) -> QuerySet[Visit]:
    """Visits in reach at or below a place, latest first; the days are inclusive. Never by who made
    them or how many."""
    rows = (
        reach(Visit.objects, actor, "visit.read")
        .filter(within([under]))
        .select_related("household", "place")
    )
    if since:
        rows = rows.filter(on__gte=since)
    if until:
        rows = rows.filter(on__lte=until)
    return rows.order_by(*ORDERS.get(order, ORDERS[""]))
