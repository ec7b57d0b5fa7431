"""Which number a grid of a new division keeps: the one that most of its households have now."""

from collections.abc import Collection

import numpy as np

from lianhu.grids.engine.arrays import Ints


def kept_numbers(
    number: Ints, old: Ints, fixed: Collection[int], shut: Collection[int]
) -> Ints:
    """The households' grid numbers, grids renamed so that as few households as can be change.

    `old` is each household's number until now, 0 for none. Numbers in `fixed` keep theirs, those
    in `shut` are used by nobody here. A grid that shares no household with an old one gets a
    number that none had.
    """
    grids = sorted(set(number.tolist()) - set(fixed))
    before = sorted(set(old.tolist()) - {0} - set(fixed) - set(shut))
    shared = np.zeros((len(grids), len(before) + len(grids)), np.int64)
    for row, grid in enumerate(grids):
        for column, name in enumerate(before):
            shared[row, column] = ((number == grid) & (old == name)).sum()
    name_of = {grid: grid for grid in fixed}
    for row, column in enumerate(matched(shared)):
        if shared[row, column]:
            name_of[grids[row]] = before[column]
    taken = {*fixed, *shut, *before, *name_of.values()}
    free = (n for n in range(1, len(taken) + len(grids) + 1) if n not in taken)
    for grid in grids:
        if grid not in name_of:
            name_of[grid] = next(free)
    return np.array([name_of[grid] for grid in number.tolist()], np.int64)


def matched(shared: Ints) -> list[int]:
    """A column of its own for each row, so that the sum is the greatest; needs as many columns as
    rows. The Hungarian method, one row at a time along the cheapest path."""
    rows, columns = shared.shape
    by_row, by_column = [0] * (rows + 1), [0] * (columns + 1)
    row_of = [0] * (columns + 1)  # 0: nobody; rows and columns count from 1 here
    for row in range(1, rows + 1):
        row_of[0], column = row, 0
        least, came = [float("inf")] * (columns + 1), [0] * (columns + 1)
        seen: set[int] = set()
        while row_of[column]:
            seen.add(column)
            here, step, following = row_of[column], float("inf"), 0
            for c in range(1, columns + 1):
                if c in seen:
                    continue
                cost = -int(shared[here - 1, c - 1]) - by_row[here] - by_column[c]
                if cost < least[c]:
                    least[c], came[c] = cost, column
                if least[c] < step:
                    step, following = least[c], c
            for c in range(columns + 1):
                if c in seen:
                    by_row[row_of[c]] += int(step)
                    by_column[c] -= int(step)
                else:
                    least[c] -= step
            column = following
        while column:
            row_of[column] = row_of[came[column]]
            column = came[column]
    place = {row: column - 1 for column, row in enumerate(row_of) if column and row}
    return [place[row] for row in range(1, rows + 1)]
