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
from lianhu.kernel.suppression import hidden_cells
from lianhu.territory.queries import heirs, place_names

Orders = npt.NDArray[np.int8]
VILLAGE, TOWN, COUNTY = 12, 9, 6


@dataclass(frozen=True, slots=True)
class Line:
    """One place: its households, how many would be suggested more or no longer that much (None
    where a small figure is hidden), and the rules that did it."""

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
    size = np.bincount(where, minlength=len(villages))
    changed = {
        "more": np.bincount(where[after > before], minlength=len(villages)),
        "less": np.bincount(where[after < before], minlength=len(villages)),
    }
    sums = {name: _summed(villages, column) for name, column in changed.items()}
    shown = {name: _shown(cells, least) for name, cells in sums.items()}
    did = _who_did(draft.rules, hits, after, after > before, where)
    undid = _who_did(now.rules, hits_before, before, after < before, where)
    sizes = _summed(villages, size)
    names = place_names(sorted(sizes))
    lines = []
    for code in sorted(sizes):
        below = [n for n, village in enumerate(villages) if village.startswith(code)]
        rules = _named("＋", did, below, shown["more"][code]) + _named(
            "－", undid, below, shown["less"][code]
        )
        lines.append(
            Line(code, names.get(code, code), sizes[code], shown["more"][code],
                 shown["less"][code], rules)
        )  # fmt: skip
    by_rule = [
        (rule, n if (n := int((hit & (after > before)).sum())) >= least or n == 0 else None)
        for rule, hit in zip(draft.rules, hits, strict=True)
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


def _shown(cells: Mapping[str, int], least: int) -> dict[str, int | None]:
    """The figures, small ones hidden with whatever would tell them."""
    sums = [
        (code, [c for c in cells if len(c) == below and c.startswith(code)])
        for length, below in ((TOWN, VILLAGE), (COUNTY, TOWN))
        for code in cells
        if len(code) == length
    ]
    hidden = hidden_cells(cells, sums, least=least)
    return {code: None if code in hidden else value for code, value in cells.items()}


def _who_did(
    rules: Sequence[Rule],
    hits: Sequence[Bools],
    owed: Orders,
    changed: Bools,
    where: npt.NDArray[np.int64],
) -> dict[str, set[int]]:
    """For each rule the villages in which it made a household's suggestion what it is."""
    return {
        rule.code: set(where[hit & changed & (owed == ORDER[rule.colour])].tolist())
        for rule, hit in zip(rules, hits, strict=True)
    }


def _named(
    sign: str, did: Mapping[str, set[int]], below: list[int], shown: int | None
) -> tuple[str, ...]:
    """The rules at work below a place, none where the figure is hidden."""
    if not shown:
        return ()
    return tuple(f"{sign}{code}" for code, places in did.items() if places.intersection(below))
