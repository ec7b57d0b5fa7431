"""What the rules read of many households at once: from the register and from recorded facts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import Case, IntegerField, Min, Q, Sum, TextField, Value, When
from django.db.models.functions import Cast

from lianhu.grading.models import Fact, Grade
from lianhu.grading.queries.colours import helping
from lianhu.grading.rules.colours import ORDER, Colour
from lianhu.grading.rules.columns import Column, flag, numbers
from lianhu.grading.rules.table import fact_kinds
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.people.models import Household, Person
from lianhu.people.rules import Residence
from lianhu.territory.queries import reach, within

Ints = npt.NDArray[np.int64]
# Identifiers as the database writes them: making a UUID of each of a county's rows takes a third
# of the whole time, and only those that are explained need one.
HOME = Cast("household_id", TextField())
COUNTS = ("at_home", "elders", "children", "workers")


# One recorded fact as the database gives it: household, kind, since, until, source, value. A
# county has 126,000 of them and a fifth is ever shown, so they stay the tuples that were read.
Proof = tuple[str, str, date, date | None, str, str]


@dataclass(frozen=True, slots=True)
class Homes:
    """Columns of households: who, where, how many of what, every fact, the present colour."""

    keys: list[str]
    places: list[str]
    codes: list[str]
    counts: dict[str, Ints]
    columns: dict[str, Column]
    proofs: dict[int, list[Proof]]
    present: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.keys)

    def id(self, number: int) -> UUID:
        """The identifier of one household."""
        return UUID(self.keys[number])


def read_homes(actor: Actor, verb: str, *, under: str, on: date) -> Homes:
    """The households at or below a place where the actor holds `verb`. Four queries."""
    homes = reach(Household.objects, actor, verb).filter(within([under]), ended_on=None)
    rows = list(homes.values_list(Cast("id", TextField()), "place_id", "code"))
    index = {row[0]: number for number, row in enumerate(rows)}
    counts = _counts(actor, verb, under, on, index)
    proofs = _proofs(homes, on, index)
    present = np.zeros(len(rows), dtype=np.int8)
    graded = Grade.objects.filter(helping(on), household__in=homes)  # scoped by reach() above
    for home, colour in graded.values_list(HOME, "colour"):
        present[index[home]] = ORDER[Colour(colour)]
    return Homes(
        keys=[row[0] for row in rows],
        places=[row[1] for row in rows],
        codes=[row[2] for row in rows],
        counts=counts,
        columns=_columns(counts, proofs, len(rows)),
        proofs=proofs,
        present=present,
    )


def years_before(day: date, years: int) -> date:
    """The latest birthday of somebody who is `years` full years old on `day`."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _counts(
    actor: Actor, verb: str, under: str, on: date, index: dict[str, int]
) -> dict[str, Ints]:
    """Of each household how many are at home: all, elders, children, people who could work. Who
    died, left for good or was registered twice is not."""
    terms = read("grading/facts.toml")
    old, young = years_before(on, terms["elder"]), years_before(on, terms["child"])
    first, last = (
        years_before(on, terms[f"worker_{end}"] + n) for end, n in (("first", 0), ("last", 1))
    )
    sorts = {
        "at_home": Q(),
        "elders": Q(born_on__lte=old),
        "children": Q(born_on__gt=young),
        "workers": Q(born_on__lte=first, born_on__gt=last),
    }
    rows = (
        reach(Person.objects, actor, verb)
        .filter(within([under]), residence=Residence.HOME, ended_on=None)
        .order_by()
        .values("household_id")
        .annotate(**{name: _how_many(which) for name, which in sorts.items()})
        .annotate(home=Min(HOME))
        .values_list("home", *COUNTS)
    )
    found = np.zeros((len(COUNTS), len(index)), dtype=np.int64)
    known = [(index[row[0]], *row[1:]) for row in rows if row[0] in index]
    if known:
        table = np.array(known, dtype=np.int64)
        found[:, table[:, 0]] = table[:, 1:].T
    return dict(zip(COUNTS, found, strict=True))


def _how_many(which: Q) -> Sum:
    if not which:
        return Sum(Value(1), output_field=IntegerField())
    return Sum(Case(When(which, then=1), default=0), output_field=IntegerField())


def _proofs(homes: Any, on: date, index: dict[str, int]) -> dict[int, list[Proof]]:
    rows: Iterable[Proof] = (
        Fact.objects.filter(household__in=homes, since__lte=on)  # scoped by reach() above
        # A fact of the whole household names no person, and none who is gone either.
        .filter(Q(until=None) | Q(until__gte=on), person__ended_on=None)
        .values_list(HOME, "kind", "since", "until", "source", "value")
    )
    found: defaultdict[int, list[Proof]] = defaultdict(list)
    for row in rows:
        found[index[row[0]]].append(row)
    return dict(found)


def _columns(
    counts: dict[str, Ints], proofs: dict[int, list[Proof]], size: int
) -> dict[str, Column]:
    home, elders = counts["at_home"], counts["elders"]
    children, workers = counts["children"], counts["workers"]
    found = {
        "elder_alone": flag((home == 1) & (elders == 1)),
        "elders_only": flag((home >= 2) & (elders == home)),
        "left_behind_child": flag((children > 0) & (workers == 0)),
        "no_worker_home": flag((home > 0) & (workers == 0)),
        "children": numbers(children),
        "elders": numbers(elders),
    }
    kinds = {n: k for n, k in fact_kinds().items() if k["from"] == "record"}
    codes = {name: np.zeros(size, dtype=np.int16) for name in kinds}
    bands = {n: tuple(k["words"]) for n, k in kinds.items() if k["kind"] == "one_of"}
    for name in bands:
        codes[name][:] = -1
    for number, facts in proofs.items():
        for _, kind, _, _, _, value in facts:
            if kind in bands:
                codes[kind][number] = bands[kind].index(value)
            elif kind in codes:
                codes[kind][number] = 1
    for name, column in codes.items():
        found[name] = Column(bands.get(name, (False, True)), column)
    return found
