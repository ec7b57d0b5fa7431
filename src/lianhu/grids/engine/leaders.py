"""Prices to begin a branch with: those of the division among leaders that look good in it.

Subgradient steps alone need thousands to learn that a full hamlet's households must walk a
kilometre. A handful of prices, two a leader, says so in some dozens.
"""

import numpy as np

from lianhu.grids.engine.arrays import Flags, Ints
from lianhu.grids.engine.compiled import compiled
from lianhu.grids.engine.lagrange import Branch, Land
from lianhu.grids.engine.sharing import assign, new_sheet, raise_prices

ROUNDS, STEPS = 4, 100


@compiled
def open_regions(b: Branch) -> Flags:
    """Which household may be in some grid of which region."""
    n, regions = b.may.shape[0], b.quota.shape[0]
    found = np.zeros((n, regions), np.bool_)
    for i in range(n):
        for r in range(regions):
            found[i, r] = b.may[i, b.start[r] : b.start[r + 1]].any()
    return found


@compiled
def better_leader(land: Land, b: Branch, cheap: Ints, led: Ints, g: int, r: int) -> int:
    """The house of region r nearest to all whose cheapest leader is number g."""
    best, least = led[g], np.inf
    for c in range(b.start[r], b.start[r + 1]):
        walk = 0.0
        for i in range(cheap.shape[0]):
            walk += land.dist[i, b.lead[c]] if cheap[i] == g else 0.0
        if walk < least and (c == led[g] or not (led == c).any()):
            best, least = c, walk
    return int(best)


@compiled
def begin_prices(land: Land, b: Branch, led: Ints, most: float) -> None:
    """Sets the branch's prices from the leaders `led` (places in `b.lead`, region by region),
    which are made better ones first."""
    n, k = land.people.shape[0], led.shape[0]
    region = np.repeat(np.arange(b.quota.shape[0]), b.quota)
    open_, price = open_regions(b), np.zeros((2, k))
    s = new_sheet(n, k, most)
    for _ in range(ROUNDS):
        far, may = np.empty((n, k)), np.empty((n, k), np.bool_)
        for g in range(k):
            far[:, g] = land.dist[:, b.lead[led[g]]]
            may[:, g] = open_[:, region[g]]
        for g in range(k):
            may[b.lead[led[g]]] = False
            may[b.lead[led[g]], g] = True
        free = may.copy()
        s.goal[0] = most
        raise_prices(land, far, may, price, STEPS, s)
        assign(land, far, free, price, s)
        moved = False
        for g in range(k):
            other = better_leader(land, b, s.cheap, led, g, region[g])
            moved = moved or other != led[g]
            led[g] = other
        if not moved:
            break
    for i in range(n):
        g = s.cheap[i]
        b.value[i] = far[i, g] + price[0, g] + price[1, g] * land.people[i]
    for c in range(b.lead.shape[0]):
        near = np.inf
        for g in range(k):
            away = land.dist[b.lead[led[g]], b.lead[c]]
            if b.start[region[g]] <= c < b.start[region[g] + 1] and away < near:
                near = away
                b.each[c], b.tilt[c] = price[0, g], price[1, g]
