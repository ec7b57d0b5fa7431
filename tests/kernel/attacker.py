"""Somebody who sees every figure shown, knows how they add up, and solves for the hidden ones."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

import highspy

Sum = tuple[Hashable, Sequence[Hashable]]  # a total and its parts
NEAR = 1e-6


def narrow(
    cells: Mapping[Hashable, int],
    shown: Iterable[Hashable],
    sums: Sequence[Sum],
    *,
    least: int = 10,
    most: Mapping[Hashable, int] | None = None,
) -> dict[Hashable, tuple[float, float]]:
    """The hidden cells under `least` that can be pressed between bounds narrower than 0 and
    `least` - 1 (or what is publicly the most, such as all households there), each with its bounds:
    two linear programmes a cell."""
    known = set(shown)
    solver = highspy.Highs()
    solver.silent()
    at = {cell: solver.addVariable(lb=0) for cell in cells}
    for cell in known:
        solver.addConstr(at[cell] == cells[cell])
    for total, parts in sums:
        solver.addConstr(sum(at[part] for part in parts) - at[total] == 0)
    found: dict[Hashable, tuple[float, float]] = {}
    for cell, count in cells.items():
        if count >= least or cell in known:
            continue
        wide = min(least - 1, (most or {}).get(cell, least))
        solver.minimize(at[cell])
        low = solver.val(at[cell])
        solver.maximize(at[cell])
        # Without a bound above there is no best answer, and nothing is told.
        best = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        high = solver.val(at[cell]) if best else float("inf")
        if low > NEAR or high < wide - NEAR:
            found[cell] = (round(low, 3), round(high, 3))
    return found
