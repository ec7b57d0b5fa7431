"""What a bound has left of a group, given to HiGHS: houses that may lead, and who may walk there."""

import os
import sys
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints

FEASIBLE = 2  # what HiGHS calls a solution that keeps every row


class Left(NamedTuple):
    """A group of n households to divide.

    `may[j, i]`: household i may be in the grid around house j, where its `region[j]` is not -1;
    `quota[r]` houses of region r lead. `band` is households low, high, people low, high.
    """

    dist: Floats
    people: Ints
    band: Floats
    region: Ints
    quota: Ints
    may: Flags


class Answer(NamedTuple):
    """No division walks less than `bound`; a shorter one than was given, if one was found."""

    bound: float
    medoid: Ints | None


def solve(left: Left, most: float, seconds: float) -> Answer:
    """The least walk of what is left, or a bound on it where `seconds` did not do.

    Only divisions that walk at most `most` are looked for: where there are none, that is the
    bound.
    """
    highspy: Any = import_module("highspy")  # an extra: only a proof needs it
    houses = np.flatnonzero(left.region >= 0)
    if houses.size < left.quota.sum():
        return Answer(most, None)
    lead, walker = np.nonzero(left.may[houses])
    lead = houses[lead]
    columns = np.full((left.dist.shape[0], left.dist.shape[0]), -1)
    columns[lead, walker] = np.arange(lead.size)
    solver = _solver()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("time_limit", seconds),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-6),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_model(left, houses, lead, walker, columns, most))
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    kinds = highspy.HighsModelStatus
    if status in (kinds.kInfeasible, kinds.kObjectiveBound):
        return Answer(most, None)
    has, walk = info.primal_solution_status == FEASIBLE, float(info.objective_function_value)
    bound = walk if status == kinds.kOptimal and has else float(info.mip_dual_bound)
    if not has or walk >= most:
        return Answer(min(bound, most), None)
    values = np.array(solver.getSolution().col_value)
    found = np.full(left.people.size, -1)
    taken = values > 0.5
    found[walker[taken]] = lead[taken]
    return Answer(min(bound, walk), found)


def _solver() -> Any:
    """HiGHS, whose notice on being made goes to the errors: the output is ours."""
    highspy: Any = import_module("highspy")
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        return highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _model(
    left: Left, houses: Ints, lead: Ints, walker: Ints, columns: Ints, most: float
) -> Any:
    """One column a pair; the column of a house with itself says that it leads."""
    highspy: Any = import_module("highspy")
    n, many = left.dist.shape[0], lead.size
    low, high, fewest, crowd = left.band
    own = columns[lead, lead]
    leading = lead == walker
    number = np.full(n, -1)
    number[houses] = np.arange(houses.size)
    pairs = np.flatnonzero(~leading)
    heads = left.people[walker].astype(float)
    at, here = np.arange(many), number[lead]
    h, base = houses.size, n + left.quota.size
    # rows: each household once; the quotas; per house at least and at most households, people;
    # nobody walks to a house that does not lead; and no more metres than `most` in all. (HiGHS has
    # an option for that, "objective_bound", with which version 1.16 reports false optima.)
    walk = left.dist[lead, walker]
    rows = [
        (walker, at, np.ones(many)),
        (n + left.region[houses], columns[houses, houses], np.ones(h)),
        (base + here, at, np.where(leading, 1.0 - low, 1.0)),
        (base + h + here, at, np.where(leading, 1.0 - high, 1.0)),
        (base + 2 * h + here, at, np.where(leading, heads - fewest, heads)),
        (base + 3 * h + here, at, np.where(leading, heads - crowd, heads)),
        (base + 4 * h + np.arange(pairs.size), pairs, np.ones(pairs.size)),
        (base + 4 * h + np.arange(pairs.size), own[pairs], -np.ones(pairs.size)),
        (np.full(many, base + 4 * h + pairs.size), at, walk),
    ]
    row, col, value = (np.concatenate(part) for part in zip(*rows, strict=True))
    order = np.lexsort((row, col))
    row, col, value = row[order], col[order], value[order]
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = many, base + 4 * h + pairs.size + 1
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = walk, np.zeros(many), np.ones(many)
    once = [np.ones(n), left.quota]
    none, any_, rest = np.zeros(h), np.full(h, np.inf), np.zeros(pairs.size)
    lp.row_lower_ = np.concatenate([*once, none, -any_, none, -any_, rest - np.inf, [-np.inf]])
    lp.row_upper_ = np.concatenate([*once, any_, none, any_, none, rest, [most]])
    lp.integrality_ = [highspy.HighsVarType.kInteger] * many
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(col, minlength=many))])
    lp.a_matrix_.index_, lp.a_matrix_.value_ = row, value
    return lp
