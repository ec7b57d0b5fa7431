"""What the rules would suggest, each suggestion with its rules, facts and evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from lianhu.grading.queries.evidence import COUNTS, Homes, Proof, read_homes
from lianhu.grading.queries.tables import table_in_force
from lianhu.grading.rules.colours import BY_ORDER, ORDER, Colour
from lianhu.grading.rules.columns import Bools, evaluate
from lianhu.grading.rules.table import Rule, Table, condition_words, fact_kinds
from lianhu.kernel.actor import Actor

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the rules owe one household, why, and what it has now; never less than that."""

    household_id: UUID
    place: str
    code: str
    present: Colour
    colour: Colour
    why: tuple[Shape, ...]  # rules, the reddest first, each with its facts and their evidence

    @property
    def more(self) -> bool:
        """Whether more help than now is suggested."""
        return ORDER[self.colour] > ORDER[self.present]

    @property
    def reason(self) -> str:
        """The reasons of the rules that owe this colour, as one sentence."""
        said = [w["reason"] for w in self.why if w["colour"] == self.colour]
        return "；".join(dict.fromkeys(said))


@dataclass(frozen=True, slots=True)
class Suggested:
    """The outcome of one table over the households of a place."""

    table: Table
    on: date
    households: int
    rows: list[Suggestion]  # every household that a rule holds for

    @property
    def more(self) -> list[Suggestion]:
        """Those for which more help than now is suggested."""
        return [row for row in self.rows if row.more]


def suggest(
    actor: Actor,
    *,
    under: str,
    on: date,
    table: Table | None = None,
    verb: str = "grade.propose",
) -> Suggested:
    """What a table (the one in force unless given) suggests at or below a place. Five queries."""
    table = table or table_in_force(under[:6], on)
    homes = read_homes(actor, verb, under=under, on=on)
    owed, hits = evaluate(table.rules, homes.columns, homes.present)
    return Suggested(table, on, len(homes), _explain(table, homes, owed.tolist(), hits))


def _explain(
    table: Table, homes: Homes, owed: list[int], hits: Sequence[Bools]
) -> list[Suggestion]:
    held: dict[int, list[Rule]] = {}
    order = sorted(range(len(hits)), key=lambda n: -ORDER[table.rules[n].colour])
    for number in order:
        rule = table.rules[number]
        for home in np.flatnonzero(hits[number]).tolist():
            held.setdefault(home, []).append(rule)
    asked = {
        rule.code: [(name, condition_words(name, wanted)) for name, wanted in rule.when]
        for rule in table.rules
    }
    registered = _Registered(homes)
    present = homes.present.tolist()
    return [
        Suggestion(
            household_id=homes.id(home),
            place=homes.places[home],
            code=homes.codes[home],
            present=BY_ORDER[present[home]],
            colour=BY_ORDER[owed[home]],
            why=tuple(_why(r, asked[r.code], home, homes, registered) for r in rules),
        )
        for home, rules in sorted(held.items())
    ]


class _Registered:
    """What the register says of a household, one sentence for all households of the same make."""

    def __init__(self, homes: Homes) -> None:
        kinds = fact_kinds()
        self.names = {name for name in kinds if kinds[name]["from"] == "register"}
        self._counts = np.stack([homes.counts[name] for name in COUNTS], 1).tolist()
        self._said: dict[tuple[int, ...], list[Shape]] = {}

    def said(self, home: int) -> list[Shape]:
        """The evidence of any of `names`; shared, so never to be changed."""
        numbers = tuple(self._counts[home])
        if numbers not in self._said:
            at_home, elders, children, workers = numbers
            text = (
                f"户籍登记：在家 {at_home} 人，其中 65 岁以上 {elders} 人，"
                f"16 岁以下 {children} 人，18 到 59 岁 {workers} 人"
            )
            self._said[numbers] = [{"source": text}]
        return self._said[numbers]


def _why(
    rule: Rule, asked: list[tuple[str, str]], home: int, homes: Homes, registered: _Registered
) -> Shape:
    return {
        "rule": rule.code,
        "colour": rule.colour.value,
        "reason": rule.reason,
        "facts": [
            {
                "fact": name,
                "words": said,
                "evidence": registered.said(home)
                if name in registered.names
                else _recorded(name, homes.proofs.get(home, ())),
            }
            for name, said in asked
        ],
    }


def _recorded(name: str, proofs: Sequence[Proof]) -> list[Shape]:
    return [
        {
            "source": source,
            "from": since.isoformat(),
            "until": until.isoformat() if until else None,
        }
        for _, kind, since, until, source, _ in proofs
        if kind == name
    ]


def suggested_shape(found: Suggested, place: str) -> Shape:
    """The JSON of `lianhu grades suggest`; docs/reference/grades.md describes it."""
    more = found.more
    moves: dict[tuple[str, str], int] = {}
    for row in more:
        key = (row.present.value, row.colour.value)
        moves[key] = moves.get(key, 0) + 1
    return {
        "place": place,
        "on": found.on.isoformat(),
        "rules": {
            "title": found.table.title,
            "label": found.table.label,
            "from": found.table.since.isoformat(),
            "source": found.table.source,
            "count": len(found.table.rules),
        },
        "households": found.households,
        "suggestions": [
            {
                "household_id": str(row.household_id),
                "code": row.code,
                "place": row.place,
                "present": row.present.value,
                "suggested": row.colour.value,
                "more": row.more,
                "why": list(row.why),
            }
            for row in found.rows
        ],
        "difference": {
            "households": len(more),
            "by": [
                {"from": a, "to": b, "households": n} for (a, b), n in sorted(moves.items())
            ],
        },
    }
