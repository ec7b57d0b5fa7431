"""Every division of a tiny group, tried one by one: what the engine is measured against."""

from collections.abc import Iterator
from fractions import Fraction
from math import hypot
from typing import NamedTuple

from lianhu.grids.rules import Bounds, total_violation, violations


class Tiny(NamedTuple):
    """A group small enough to try everything: points and people."""

    points: list[tuple[int, int]]
    people: list[int]


def partitions(n: int, k: int) -> Iterator[list[list[int]]]:
    """Every way to put 0..n-1 into k non-empty sets."""

    def put(i: int, sets: list[list[int]]) -> Iterator[list[list[int]]]:
        if len(sets) + n - i < k:
            return
        if i == n:
            yield sets
            return
        for chosen in sets:
            chosen.append(i)
            yield from put(i + 1, sets)
            chosen.pop()
        if len(sets) < k:
            yield from put(i + 1, [*sets, [i]])

    yield from put(0, [])


def walk(tiny: Tiny, members: list[int]) -> float:
    """Metres to the best medoid."""
    return min(
        sum(
            hypot(tiny.points[i][0] - tiny.points[j][0], tiny.points[i][1] - tiny.points[j][1])
            for i in members
        )
        for j in members
    )


def violation(tiny: Tiny, sets: list[list[int]], bounds: Bounds) -> Fraction:
    """The total in half-bands."""
    sizes = [(len(s), sum(tiny.people[i] for i in s)) for s in sets]
    return total_violation(violations(sizes, bounds), bounds)


def best(tiny: Tiny, k: int, bounds: Bounds) -> tuple[Fraction, float]:
    """Least violation, and the least metres among divisions that have it."""
    return min(
        (violation(tiny, sets, bounds), sum(walk(tiny, s) for s in sets))
        for sets in partitions(len(tiny.people), k)
    )
