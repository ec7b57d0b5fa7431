"""A plain table of points divided into grids: the engine without a database."""

import csv
import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Floats, Ints
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.division import GroupDivision
from lianhu.grids.rules import bounds_of
from lianhu.kernel.errors import Refusal

if TYPE_CHECKING:
    from lianhu.grids.proof import Proof
    from lianhu.grids.proving import Proved

COLUMNS = ("group", "household", "x_m", "y_m", "people")
ENCODINGS = ("utf-8-sig", "gb18030")  # Chinese Excel writes the second
SEED = 321
FARTHEST = 1e9  # metres: more is no place on earth, nor is what is not a number


class Points(NamedTuple):
    """The table in columns; `groups` are the names that `group` counts into."""

    groups: list[str]
    group: Ints
    household: list[str]
    x: Floats
    y: Floats
    people: Ints


def divide_points(
    path: str | Path,
    households: tuple[int, int] = (20, 30),
    people: tuple[int, int] = (70, 120),
    *,
    prove: bool = False,
) -> dict[str, object]:
    """The grids of a CSV table `group,household,x_m,y_m,people`, as the JSON of the command.

    `seconds` is CPU time, reading included. Names are returned as written. With `prove`, every
    group says how far its walk can at most be from the shortest. Refuses `grids.bad_bounds`
    and what `read_points` refuses.
    """
    begun = time.process_time()
    bounds = bounds_of(households, people)
    table = read_points(path)
    division = divide_groups(table.group, table.x, table.y, table.people, bounds, seed=SEED)
    spent = time.process_time() - begun
    proved = None
    if prove:
        from lianhu.grids.proving import prove_division  # noqa: PLC0415 - an extra

        columns = (table.group, table.x, table.y, table.people)
        proved = prove_division(columns, division, bounds)
        division = proved.division
    names = (table.groups[g] for g in table.group.tolist())
    told = [_told(table.groups[g.group], g) for g in division.groups]
    answer: dict[str, object] = {
        "assignments": [
            list(row)
            for row in zip(names, table.household, division.grid.tolist(), strict=True)
        ],
        "groups": told,
        "seconds": round(spent, 3),
    }
    if proved is not None:
        for group, proof in zip(told, proved.proofs, strict=True):
            group["proof"] = proof_shape(proof)
        answer["proof"] = proofs_shape([str(group["group"]) for group in told], proved)
    return answer


def proof_shape(proof: "Proof | None") -> dict[str, object]:
    """One group's proof; without one, what it would take was not proved either."""
    if proof is None:
        return {"proved": False, "why": "grids_or_bounds"}
    return {
        "proved": proof.proved,
        "bound_m": round(max(proof.bound_m, 0.0), 3),
        "gap": round(proof.gap, 6),
    }


def proofs_shape(names: Sequence[str], proved: "Proved") -> dict[str, object]:
    """How many groups are proved, and by name which are not."""
    open_ = [
        name
        for name, proof in zip(names, proved.proofs, strict=True)
        if proof is None or not proof.proved
    ]
    return {
        "groups": len(names),
        "proved": len(names) - len(open_),
        "not_proved": open_,
        "seconds": round(proved.seconds, 1),
    }


def _told(name: str, group: GroupDivision) -> dict[str, object]:
    """One group as the command prints it."""
    told: dict[str, object] = {
        "group": name,
        "grids": group.grids,
        "walk_m": round(group.walk_m, 3),
        "violations": [
            {"grid": v.grid, "bound": v.bound.value, "by": v.by} for v in group.violations
        ],
    }
    return told | {"reason": group.reason} if group.reason else told


def read_points(path: str | Path) -> Points:
    """The table, whatever the order of its columns; further columns are ignored.

    Refuses `grids.no_file`, `grids.not_a_table` (no text or a column missing), `grids.bad_row`
    (names its row, headings being 1) and `grids.household_twice`.
    """
    rows = list(csv.reader(_read_text(path).splitlines()))
    head = [name.strip().lower() for name in rows[0]] if rows else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise Refusal("grids.not_a_table", columns=", ".join(missing))
    pick = itemgetter(*(head.index(name) for name in COLUMNS))
    try:
        columns = list(zip(*[pick(row) for row in rows[1:] if row], strict=True))
        return _in_columns(*(columns or [()] * len(COLUMNS)))
    except (IndexError, ValueError):
        raise Refusal("grids.bad_row", line=_bad_line(rows, pick)) from None


def _read_text(path: str | Path) -> str:
    """The whole file as text."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Refusal("grids.no_file", file=Path(path).name) from error
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("grids.not_a_table", columns=", ".join(COLUMNS))


def _in_columns(
    groups: Sequence[str],
    households: Sequence[str],
    x: Sequence[str],
    y: Sequence[str],
    people: Sequence[str],
) -> Points:
    """The columns as arrays; ValueError where a value cannot be."""
    group = [name.strip() for name in groups]
    household = [name.strip() for name in households]
    table = np.array([list(map(float, column)) for column in (x, y, people)])
    heads = table[2]
    if not (all(group) and all(household) and (np.abs(table) < FARTHEST).all()):
        raise ValueError
    if (heads < 0).any() or (heads % 1).any():
        raise ValueError
    if len(set(zip(group, household, strict=True))) < len(group):
        raise Refusal("grids.household_twice", household=_twice(group, household))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(group))}
    return Points(
        groups=list(numbers),
        group=np.array([numbers[name] for name in group], np.int64),
        household=household,
        x=table[0],
        y=table[1],
        people=heads.astype(np.int64),
    )


def _twice(group: Sequence[str], household: Sequence[str]) -> str:
    """The first household that comes again in its group."""
    seen: set[tuple[str, str]] = set()
    for key in zip(group, household, strict=True):
        if key in seen:
            break
        seen.add(key)
    return key[1]


def _bad_line(rows: Sequence[Sequence[str]], pick: Callable[[Any], Any]) -> int:
    """The number of the first row, headings being 1, that is no household."""
    for number, row in enumerate(rows[1:], 2):
        try:
            _in_columns(*([value] for value in pick(row or [""])))
        except (IndexError, ValueError):
            if row:
                return number
    raise AssertionError  # only called for a table with a bad row
