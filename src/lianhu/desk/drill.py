"""The territory as a drill-down: the places below one, with one figure at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lianhu.desk.page import may
from lianhu.desk.sketch import Sketch, Spot, sketch
from lianhu.kernel.actor import Actor
from lianhu.matters.queries.counts import count_below
from lianhu.people.queries import count_by_place
from lianhu.postings.queries import count_gaps
from lianhu.territory.queries import heirs_under, list_children

COUNTY = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the drill-down with its definition and the verb that it needs."""

    code: str
    name: str
    unit: str
    verb: str
    meaning: str


FIGURES = {
    f.code: f
    for f in (
        Figure("open", "没办完的事", "件", "matter.read",
               "已上报、还没有办结也没有并案的事项，按事情所在的地方算；您看不到的不算在内。"),
        Figure("late", "已超期", "件", "matter.read",
               "没办完的事项里，答复期限已经过了的。期限按事项类别，以国务院放假安排的工作日计算。"),
        Figure("households", "户数", "户", "household.read",
               "登记在册、没有注销的户，按所在网格算。"),
        Figure("people", "人数", "人", "household.read",
               "各户登记人数之和，外出的也算。"),
        Figure("gaps", "没有网格长的网格", "格", "posting.read",
               "今天没有三线人员担任网格长的三级网格。"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A place below, with its figure."""

    code: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Drill:
    """One level of the territory under one figure."""

    figure: Figure
    choices: list[Figure]
    lines: list[Line]
    total: int
    picture: Sketch | None


def figures_for(actor: Actor) -> list[Figure]:
    """The figures that the actor's verbs allow."""
    return [f for f in FIGURES.values() if may(actor, f.verb)]


def drill(actor: Actor, place: str, wanted: str, *, today: date) -> Drill | None:
    """The places directly below one with a figure each; None where no figure is allowed.

    Three queries, whatever the number of places.
    """
    choices = figures_for(actor)
    if not choices:
        return None
    figure = next((f for f in choices if f.code == wanted), choices[0])
    children = list(list_children(place))
    counted = _counts(actor, [p.code for p in children], place, figure.code, today)
    lines = [Line(p.code, p.name, counted.get(p.code, 0)) for p in children]
    spots = [
        Spot(p.lon, p.lat, p.code, p.name, line.number, f"{line.number} {figure.unit}")
        for p, line in zip(children, lines, strict=True)
    ]
    county = place if len(place) == COUNTY else ""
    total = sum(line.number for line in lines)
    return Drill(figure, choices, lines, total, sketch(spots, county=county))


def _counts(
    actor: Actor, codes: Sequence[str], under: str, figure: str, today: date
) -> dict[str, int]:
    """The figure of each place, what former neighbours left to it included."""
    heirs = {old: new for old, new in heirs_under(under[:9]).items() if new in set(codes)}
    every = [*codes, *(old for old in heirs if len(old) == len(codes[0]))] if codes else []
    found = COUNTERS[figure](actor, every, under, today)
    for old, new in heirs.items():
        if old in found:
            found[new] = found.get(new, 0) + found.pop(old)
    return found


Counter = Callable[[Actor, list[str], str, date], dict[str, int]]


def _matters(name: str) -> Counter:
    def count(actor: Actor, codes: list[str], under: str, today: date) -> dict[str, int]:
        found: dict[str, Any] = count_below(actor, codes, under=under, today=today)
        return {code: getattr(counted, name) for code, counted in found.items()}

    return count


def _people(position: int) -> Counter:
    def count(actor: Actor, codes: list[str], under: str, today: date) -> dict[str, int]:
        found = count_by_place(actor, codes, under)
        return {code: pair[position] for code, pair in found.items()}

    return count


def _gaps(actor: Actor, codes: list[str], under: str, today: date) -> dict[str, int]:
    return count_gaps(actor, codes, under=under, on=today)


COUNTERS: dict[str, Counter] = {
    "open": _matters("open"),
    "late": _matters("late"),
    "households": _people(0),
    "people": _people(1),
    "gaps": _gaps,
}
