"""The demo county's level-3 grids: the product's own engine over the made-up households.

The article tells of 4,876 grids for 313,000 people, which is 64 to a grid, below its own
70-120; so the demo divides by 15-25 households and 50-90 people. To come to the article's
number, households at the edge of a group are counted with the next group of the village, a few
at a time, before anything is divided; nothing is forced afterwards.
"""

from dataclasses import dataclass

import numpy as np

from lianhu.demo.arrays import Floats, Ints
from lianhu.demo.geography import SCALE, Hamlets
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.rules import Band, Bounds, choices

BOUNDS = Bounds(Band(15, 25), Band(50, 90))
GRIDS = 4_876


@dataclass(frozen=True, slots=True)
class Grids:
    """One entry per grid, sorted by group; `of_house` is the grid of each household."""

    group: Ints
    number: Ints  # 1, 2, … within its group
    points: Floats  # the house in its middle
    households: Ints
    of_house: Ints

    def __len__(self) -> int:
        return len(self.group)


def settle(group: Ints, village: Ints, size: Ints, target: int) -> Ints:
    """The group of each household after moving a few to a neighbour: near `target` grids.

    `group` is sorted; `village` is each group's, `size` the people of each household. Each
    group is moved at most once, and keeps at least four fifths of its households.
    """
    group = group.copy()
    groups = len(village)
    edge = np.searchsorted(group, np.arange(groups + 1))
    people = np.concatenate(([0], np.cumsum(size)))

    def grids(first: int, end: int) -> int:
        found = choices(end - first, int(people[end] - people[first]), BOUNDS)
        return found[0] if found else 0

    total = sum(grids(edge[g], edge[g + 1]) for g in range(groups))
    for left in range(0, groups - 1, 2):
        if total == target:
            break
        if village[left] != village[left + 1]:
            continue
        start, middle, end = (int(e) for e in edge[left : left + 3])
        before = grids(start, middle) + grids(middle, end)
        room = min(middle - start, end - middle) // 5
        for shift in sorted(range(-room, room + 1), key=abs):
            after = grids(start, middle + shift) + grids(middle + shift, end)
            if abs(total + after - before - target) < abs(total - target):
                total += after - before
                group[start : middle + shift], group[middle + shift : end] = left, left + 1
                break
    return group


def make_grids(hamlets: Hamlets, group: Ints, points: Floats, size: Ints, seed: int) -> Grids:
    """The division of all groups, and where each household falls."""
    metres = points / SCALE
    division = divide_groups(group, metres[:, 0], metres[:, 1], size, BOUNDS, seed=seed)
    parts = [
        (found.group, number, medoid, households)
        for found in division.groups
        for number, medoid, (households, _) in zip(
            found.numbers, found.medoids, found.sizes, strict=True
        )
    ]
    columns = np.array(parts, dtype=np.int64)
    keys = columns[:, 0] * 1000 + columns[:, 1]
    return Grids(
        group=columns[:, 0],
        number=columns[:, 1],
        points=points[columns[:, 2]],
        households=columns[:, 3],
        of_house=np.searchsorted(keys, group * 1000 + division.grid),
    )
