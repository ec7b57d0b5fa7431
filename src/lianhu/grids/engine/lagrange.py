"""A lower bound on the walk of any division of a group, and what no better division contains.

The rule that every household has exactly one grid is priced (`value`, metres a household is
worth), and so are each grid's bands (`each`, metres a household in it, and `tilt`, metres a
head). Then every house can be asked alone what a grid around it would cost; each region has a
quota of houses that lead, and the cheapest that fill it give the bound. Subgradient steps make it
as high as prices can. Whatever would lift the bound above the division that is known is struck
out: houses that lead no grid of a better one, and who never walks to them.
"""

from typing import NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints
from lianhu.grids.engine.compiled import compiled, inlined

HEAD = 1.0 / 9.0  # a squared person against a squared household in the length of a step
SHORTER, SHORTEST = 0.7, 0.005  # what is left of a stride that brings nothing; the last one
OFTEN = 15  # steps at least between two looks for what can be struck out
LATELY = 0.95  # what a step leaves of how often a house was chosen before it


class Land(NamedTuple):
    """Metres between every two of n houses, people in each, and what every grid must hold:
    households low, high, people low, high."""

    dist: Floats
    people: Floats
    band: Floats


class Branch(NamedTuple):
    """Which m houses may lead, `lead[start[r]:start[r + 1]]` of them in region r, where exactly
    `quota[r]` do; `may[i, c]`: household i may be in the grid around house `lead[c]`.

    `value`, `each` and `tilt` are prices, `often` says how often a house was lately among the
    cheapest (below 0: struck out).
    """

    lead: Ints
    start: Ints
    quota: Ints
    may: Flags
    value: Floats
    each: Floats
    tilt: Floats
    often: Floats


class Asked(NamedTuple):
    """Per house that may lead what the cheapest grid around it costs, with how many households
    and people; `sure` where `each` is the best for it, so that it costs no less."""

    far: Floats
    cost: Floats
    many: Floats
    heads: Floats
    sure: Flags
    chosen: Flags
    dearest: Floats


@compiled
def new_asked(land: Land, b: Branch) -> Asked:
    """Nobody asked yet; `far` is infinite where a household may not walk."""
    n, m = b.may.shape
    far = np.full((n, m), np.inf)
    for i in range(n):
        for c in range(m):
            if b.may[i, c] and i != b.lead[c]:
                far[i, c] = land.dist[i, b.lead[c]]
    return Asked(
        far, np.zeros(m), np.zeros(m), np.zeros(m), np.zeros(m, np.bool_),
        np.zeros(m, np.bool_), np.zeros(b.quota.shape[0]),
    )  # fmt: skip


@inlined
def ends(each: float, tilt: float, band: Floats) -> float:
    """What the prices of both bands pay back for a grid that keeps them."""
    size = band[1] if each > 0.0 else band[0]
    return float(each * size + tilt * (band[3] if tilt > 0.0 else band[2]))


@inlined
def outside(size: float, price: float, low: float, high: float) -> float:
    """How far a size is off the end of the band that its price is about."""
    if price > 0.0 or (price == 0.0 and size > high):
        return size - high
    if price < 0.0 or size < low:
        return size - low
    return 0.0


@compiled
def ask(land: Land, b: Branch, a: Asked) -> None:
    """Every house at the present prices, all at once: a lower bound of what each grid costs. The
    house itself is always in it. Written without branches, for speed."""
    n, m = a.far.shape
    for c in range(m):
        j = b.lead[c]
        a.cost[c] = b.each[c] + b.tilt[c] * land.people[j] - b.value[j]
        a.many[c] = 1.0
        a.heads[c] = land.people[j]
    for i in range(n):
        worth, people, row = b.value[i], land.people[i], a.far[i]
        for c in range(m):
            pay = row[c] - worth + b.each[c] + b.tilt[c] * people
            inside = pay < 0.0
            a.cost[c] += pay if inside else 0.0
            a.many[c] += 1.0 if inside else 0.0
            a.heads[c] += people if inside else 0.0
    for c in range(m):
        each, many = b.each[c], a.many[c]
        a.cost[c] -= ends(each, b.tilt[c], land.band)
        a.sure[c] = (
            (each == 0.0 and land.band[0] <= many <= land.band[1])
            or (each > 0.0 and many == land.band[1])
            or (each < 0.0 and many == land.band[0])
        )


@compiled
def best_each(pay: Floats, low: int, high: int) -> float:
    """The price at which of these households as many come in as the band wants."""
    inside = 0
    for x in pay:
        inside += int(x < 0.0)
    if low <= inside <= high:
        return 0.0
    want = high if inside > high else low
    if want == 0:
        return 1.0 - float(pay.min())
    if want == pay.shape[0]:
        return -1.0 - float(pay.max())
    part = np.partition(pay, want)
    return -float(part[:want].max() + part[want]) / 2.0


@compiled
def ask_well(land: Land, b: Branch, a: Asked, c: int) -> None:
    """One house again, with the best `each` for it."""
    n, j, tilt = land.people.shape[0], b.lead[c], b.tilt[c]
    pay, many = np.empty(n), 0
    for i in range(n):
        if a.far[i, c] < np.inf:
            pay[many] = a.far[i, c] - b.value[i] + tilt * land.people[i]
            many += 1
    low, high = int(land.band[0]) - 1, int(land.band[1]) - 1
    a.sure[c] = True
    if many < low:
        a.cost[c] = np.inf
        return
    each = best_each(pay[:many], low, high)
    b.each[c] = each
    cost = each + tilt * land.people[j] - b.value[j]
    a.many[c], a.heads[c] = 1.0, land.people[j]
    for i in range(n):
        x = a.far[i, c] - b.value[i] + tilt * land.people[i] + each
        if x < 0.0:
            cost += x
            a.many[c] += 1.0
            a.heads[c] += land.people[i]
    a.cost[c] = cost - ends(each, tilt, land.band)


@compiled
def choose(land: Land, b: Branch, a: Asked) -> float:
    """Chooses the houses whose grids cost least within the quotas; the bound that they give,
    infinite where a quota cannot be filled."""
    low = b.value.sum()
    a.chosen[:] = False
    for r in range(b.quota.shape[0]):
        for _ in range(b.quota[r]):
            while True:
                best, least = -1, np.inf
                for c in range(b.start[r], b.start[r + 1]):
                    if b.often[c] >= 0.0 and not a.chosen[c] and a.cost[c] < least:
                        best, least = c, a.cost[c]
                if best < 0:
                    return np.inf
                if a.sure[best]:
                    break
                ask_well(land, b, a, best)
            a.chosen[best] = True
            low += least
            a.dearest[r] = least
    return float(low)


@compiled
def strike(land: Land, b: Branch, a: Asked, low: float, most: float) -> None:
    """Strikes out what would cost more than `most` where the bound is `low`."""
    for r in range(b.quota.shape[0]):
        for c in range(b.start[r], b.start[r + 1]):
            if b.often[c] < 0.0:
                continue
            if not a.sure[c]:
                ask_well(land, b, a, c)
            here = low + max(0.0, a.cost[c] - a.dearest[r])
            if here > most:
                b.often[c] = -1.0
            for i in range(land.people.shape[0]):
                if a.far[i, c] < np.inf:
                    pay = a.far[i, c] - b.value[i] + b.each[c] + b.tilt[c] * land.people[i]
                    if here > most or here + pay > most:
                        a.far[i, c] = np.inf
                        b.may[i, c] = False


@compiled
def move(land: Land, b: Branch, a: Asked, metres: float) -> None:
    """One step of all prices, as long as would bring `metres` were the bound straight."""
    n, m = a.far.shape
    cover, length = np.ones(n), 1e-9
    for c in range(m):
        if a.chosen[c]:
            cover[b.lead[c]] -= 1.0
            for i in range(n):
                pay = a.far[i, c] - b.value[i] + b.each[c] + b.tilt[c] * land.people[i]
                cover[i] -= 1.0 if pay < 0.0 else 0.0
            off = outside(a.heads[c], b.tilt[c], land.band[2], land.band[3])
            length += HEAD * off**2
    length += (cover**2).sum()
    step = metres / length
    b.value[:] += step * cover
    for c in range(m):
        was = b.tilt[c]
        new = was + step * HEAD * outside(a.heads[c], was, land.band[2], land.band[3])
        b.tilt[c] = 0.0 if was * new < 0.0 else new


@compiled
def note_chosen(b: Branch, a: Asked) -> None:
    """Remembers who was chosen."""
    for c in range(b.often.shape[0]):
        if b.often[c] >= 0.0:
            b.often[c] = LATELY * b.often[c] + (1.0 - LATELY if a.chosen[c] else 0.0)


@compiled
def bound_now(land: Land, b: Branch) -> float:
    """The bound that a branch's prices give as they are."""
    a = new_asked(land, b)
    ask(land, b, a)
    return choose(land, b, a)


@compiled
def raise_bound(land: Land, b: Branch, most: float, steps: int, patience: int) -> float:
    """The best bound that `steps` find, everything struck out that costs more than `most`. Strides
    become shorter after `patience` steps without progress.

    Ends at once where nothing is left that costs less; then the bound is above `most`.
    """
    a = new_asked(land, b)
    best, stride, waited, since = -np.inf, 1.0, 0, 0
    value, each, tilt = b.value.copy(), b.each.copy(), b.tilt.copy()
    for _ in range(steps):
        ask(land, b, a)
        low = choose(land, b, a)
        if low > most:
            return low
        note_chosen(b, a)
        since += 1
        if low > best:
            if low > best + 1e-3 * (most - best):
                waited = 0
            best = low
            value[:], each[:], tilt[:] = b.value, b.each, b.tilt
            if since >= OFTEN:
                since = 0
                strike(land, b, a, low, most)
        waited += 1
        if waited > patience:
            stride *= SHORTER
            waited = 0
            if stride < SHORTEST:
                break
            b.value[:], b.each[:], b.tilt[:] = value, each, tilt
            continue
        move(land, b, a, stride * (most - low))
    b.value[:], b.each[:], b.tilt[:] = value, each, tilt
    ask(land, b, a)
    low = choose(land, b, a)
    if low <= most:
        strike(land, b, a, low, most)
    return max(low, best)
