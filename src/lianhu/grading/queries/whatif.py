"""What a draft table would change, per village, before anybody publishes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from lianhu.grading.queries.evidence import read_homes
from lianhu.grading.queries.tables import table_in_force
from lianhu.grading.rules.colours import ORDER
from lianhu.grading.rules.columns import Bools, evaluate
from lianhu.grading.rules.table import Rule, Table
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.suppression import hidden_places
from lianhu.territory.queries import heirs, place_names

Orders = npt.NDArray[np.int8]
VILLAGE, TOWN, COUNTY = 12, 9, 6


@dataclass(frozen=True, slots=True)
class Line:
    """One place: its households, how many would be suggested more or no longer that much (None
    where a small figure is hidden), and the rules that did it to at least as many as a figure must
    have."""

    code: str
    name: str
    households: int
    more: int | None
    less: int | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A draft beside the table in force. No household's colour falls by either."""

    now: Table
    draft: Table
    lines: list[Line]  # county, towns and villages by code
    rules: list[tuple[Rule, int | None]]  # of the draft: how many households by each


def what_if(actor: Actor, draft: Table, *, under: str, on: date) -> WhatIf:
    """The difference between a draft and the table in force for each village below a place
    where the actor holds ``grade.rules``. Seven queries."""
    now = table_in_force(under[:COUNTY], on)
    homes = read_homes(actor, "grade.rules", under=under, on=on)
    before, hits_before = evaluate(now.rules, homes.columns, homes.present)
    after, hits = evaluate(draft.rules, homes.columns, homes.present)
    villages, where = _villages(homes.places)
    least = read("publishing.toml")["least"]
    sizes = _summed(villages, np.bincount(where, minlength=len(villages)))
    more = _by_rule(draft.rules, hits, after, after > before, where, villages)
    less = _by_rule(now.rules, hits_before, before, after < before, where, villages)
    shown = {
        sign: _shown(_summed(villages, np.bincount(where[changed], minlength=len(villages))), did,
                     sizes, least)
        for sign, changed, did in (("＋", after > before, more), ("－", after < before, less))
    }  # fmt: skip
    names = place_names(sorted(sizes))
    lines = [
        Line(
            code, names.get(code, code), sizes[code], shown["＋"][code], shown["－"][code],
            (*_named("＋", more, code, shown, least), *_named("－", less, code, shown, least)),
        )
        for code in sorted(sizes)
    ]  # fmt: skip
    hit = [int((rule & (after > before)).sum()) for rule in hits]
    told = _told(hit, int((after > before).sum()), least)
    by_rule = [
        (rule, n if t else None) for rule, n, t in zip(draft.rules, hit, told, strict=True)
    ]
    return WhatIf(now, draft, lines, by_rule)


def _villages(places: list[str]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The living villages, and for each household the number of its own."""
    living = heirs()
    codes = [place[:VILLAGE] for place in places]
    names = sorted({living.get(code, code) for code in set(codes)})
    number = {name: n for n, name in enumerate(names)}
    known = {code: number[living.get(code, code)] for code in set(codes)}
    return names, np.array([known[code] for code in codes], dtype=np.int64)


def _summed(villages: list[str], column: npt.NDArray[np.int64]) -> dict[str, int]:
    """Figures of villages with those of their towns and county."""
    found: dict[str, int] = {}
    for village, value in zip(villages, column.tolist(), strict=True):
        for length in (VILLAGE, TOWN, COUNTY):
            found[village[:length]] = found.get(village[:length], 0) + value
    return found


Did = dict[str, dict[str, int]]  # rule, place: how many households it made what they are


def _by_rule(
    rules: Sequence[Rule],
    hits: Sequence[Bools],
    owed: Orders,
    changed: Bools,
    where: npt.NDArray[np.int64],
    villages: list[str],
) -> Did:
    """For each rule how many suggestions it made what they are, by village, town and county."""
    return {
        rule.code: _summed(
            villages,
            np.bincount(
                where[hit & changed & (owed == ORDER[rule.colour])], minlength=len(villages)
            ),
        )
        for rule, hit in zip(rules, hits, strict=True)
    }


def _shown(
    cells: Mapping[str, int], did: Did, sizes: Mapping[str, int], least: int
) -> dict[str, int | None]:
    """The figures, small ones hidden with whatever would tell them; so is how many households
    stayed as they were, for anybody can subtract. A figure that no rule reaches `least` in would
    tell something of each rule that is not named, so it is hidden too."""
    numbers = {code: (n, sizes[code] - n) for code, n in cells.items()}
    below = {
        code: [c for c in cells if len(c) == length and c.startswith(code)]
        for code in cells
        if (length := {COUNTY: TOWN, TOWN: VILLAGE}.get(len(code)))
    }
    mixed = [c for c in cells if all(places[c] < least for places in did.values())]
    hidden = hidden_places(numbers, below, least=least, also=mixed)
    return {code: None if code in hidden else value for code, value in cells.items()}


def _named(
    sign: str, did: Did, code: str, shown: Mapping[str, Mapping[str, int | None]], least: int
) -> tuple[str, ...]:
    """The rules that made `least` suggestions at a place what they are, none where the figure is
    hidden."""
    if shown[sign][code] is None:
        return ()
    return tuple(f"{sign}{rule}" for rule, places in did.items() if places[code] >= least)


def _told(hit: Sequence[int], changed: int, least: int) -> list[bool]:
    """For each rule whether its figure may be shown. Every change has a rule, so where one alone
    is hidden the others tell how many at least are its: then the smallest of them goes too."""
    told = [n >= least for n in hit]
    if told.count(False) == 1 and True in told:
        others = [n for n, t in zip(hit, told, strict=True) if t]
        if sum(others) < changed:
            told[hit.index(min(others))] = False
    return told
