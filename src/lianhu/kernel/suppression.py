"""Which figures of published tables must be hidden so that no small one can be told. Pure.

Source: norms.md, "Personal data": cells under 10 hidden with secondary suppression.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Cell = TypeVar("Cell", bound=Hashable)


def hidden_cells(
    cells: Mapping[Cell, int], sums: Sequence[tuple[Cell, Sequence[Cell]]], *, least: int
) -> set[Cell]:
    """The cells not to publish: those under `least`, and those that would give them away.

    `sums` says which cell is the total of which parts; each total and its parts are all
    published, or could be worked out. In the end a shown total has either no hidden part, or at
    least two that together reach `least`; a hidden total has a hidden part. The smallest shown
    part goes first, the total last: wider figures stay as long as they can.
    """
    hidden = {cell for cell, count in cells.items() if count < least}
    before = -1
    while before != len(hidden):
        before = len(hidden)
        for total, parts in sums:
            while _tells(cells, total, parts, hidden, least):
                shown = [part for part in parts if part not in hidden]
                hidden.add(min(shown, key=lambda c: cells[c]) if shown else total)
    return hidden


def _tells(
    cells: Mapping[Cell, int],
    total: Cell,
    parts: Sequence[Cell],
    hidden: set[Cell],
    least: int,
) -> bool:
    """Whether subtracting shown figures of one sum would tell a hidden one."""
    gone = [part for part in parts if part in hidden]
    if total in hidden:
        return bool(parts) and not gone
    return bool(gone) and (len(gone) < 2 or sum(cells[part] for part in gone) < least)
