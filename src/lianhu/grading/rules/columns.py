"""The same rules over columns of households at once: each condition is judged once for each
value that occurs, by `table.holds`, and looked up for every household. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lianhu.grading.rules.colours import ORDER
from lianhu.grading.rules.table import Rule, Value, holds

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of many households: `codes[h]` is the number of its value, -1 where unknown."""

    values: tuple[Value, ...]
    codes: Codes


def flag(known: Bools) -> Column:
    """A column of a fact that is there or not."""
    return Column((False, True), known.astype(np.int16))


def numbers(counts: npt.NDArray[np.int64]) -> Column:
    """A column of small numbers from 0 on."""
    return Column(tuple(range(int(counts.max(initial=0)) + 1)), counts.astype(np.int16))


def match(rule: Rule, columns: Mapping[str, Column], count: int) -> Bools:
    """For each household whether all conditions of a rule hold."""
    found: Bools = np.ones(count, dtype=np.bool_)
    for name, wanted in rule.when:
        column = columns.get(name)
        if column is None:
            return np.zeros(count, dtype=np.bool_)
        # The last entry answers for -1: unknown is never taken as given.
        answers = np.array([*(holds(v, wanted) for v in column.values), False], dtype=np.bool_)
        found &= answers[column.codes]
    return found


def evaluate(
    rules: Iterable[Rule], columns: Mapping[str, Column], present: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.int8], list[Bools]]:
    """The order of the colour each household is owed, never below `present`, and for each rule
    which households it holds for."""
    owed, hits = present.copy(), []
    for rule in rules:
        hit = match(rule, columns, len(present))
        owed[hit] = np.maximum(owed[hit], ORDER[rule.colour])
        hits.append(hit)
    return owed, hits
