"""A lower bound on the walk of any division of a group, and what no better division contains.

The rule that every household has exactly one grid is priced (`value`, metres a household is
worth), and so is each grid's band of people (`tilt`, metres a head). Then every house j can be
asked alone what a grid around it would cost; each region has a quota of houses that lead, and the
cheapest that fill it give the bound. Subgradient steps make it as high as prices can. Whatever
would lift the bound above the division that is known is struck out: houses that lead no grid of
a better one, and who never walks to them.
"""

from typing import NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints
from lianhu.grids.engine.compiled import compiled, inlined

HEAD = 1.0 / 9.0  # a squared person against a squared household in the length of a step
FIRST, PATIENCE = 1.2, 12  # the step's share of what is missing, and when it is halved


class Bounding(NamedTuple):
    """Prices and what they leave. `may[j, i]`: household i may be in the grid around house j.

    House j may lead unless `region[j]` is -1; exactly `quota[r]` houses of region r lead.
    `order[j]` lists households by what they cost in j's grid, of which `many[j]` are in it, with
    `heads[j]` people; `rho[j]` is what it costs, `edge[j]` the price at which a further one
    would come in.
    """

    value: Floats
    tilt: Floats
    may: Flags
    region: Ints
    quota: Ints
    order: Ints
    many: Ints
    heads: Ints
    rho: Floats
    edge: Floats


@compiled
def new_bounding(dist: Floats, medoid: Ints) -> Bounding:
    """Nothing struck out; a household is worth a little more than its walk of now."""
    n = dist.shape[0]
    value = np.empty(n)
    for i in range(n):
        first, second = np.inf, np.inf
        for m in medoid:
            far = dist[m, i]
            if far < first:
                first, second = far, first
            elif far < second:
                second = far
        value[i] = first if second == np.inf else (first + second) / 2
    order = np.empty((n, n), np.int64)
    for j in range(n):
        order[j] = np.argsort(dist[j])
    return Bounding(
        value,
        np.zeros(n),
        np.ones((n, n), np.bool_),
        np.zeros(n, np.int64),
        np.full(1, medoid.shape[0], np.int64),
        order,
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.full(n, np.inf),
        np.zeros(n),
    )


@inlined
def ask(dist: Floats, people: Ints, band: Floats, b: Bounding, j: int, pay: Floats) -> None:
    """The cheapest grid around house j at the present prices; house j itself is always in it."""
    n = dist.shape[0]
    tilt, order = b.tilt[j], b.order[j]
    for i in range(n):
        pay[i] = dist[j, i] - b.value[i] + tilt * people[i] if b.may[j, i] else np.inf
    own = pay[j]
    pay[j] = -np.inf
    for a in range(1, n):  # nearly sorted since the last time
        i, c = order[a], a
        while c > 0 and pay[order[c - 1]] > pay[i]:
            order[c] = order[c - 1]
            c -= 1
        order[c] = i
    pay[j] = own
    cost, heads, many = own, people[j], 1
    last = -np.inf
    for a in range(1, min(n, int(band[1]))):
        i = order[a]
        if a >= band[0] and pay[i] >= 0.0:
            break
        cost += pay[i]
        heads += people[i]
        many += 1
        last = pay[i]
    b.edge[j] = last if many > 1 and (many == band[1] or last > 0.0) else 0.0
    if band[1] <= 1:
        b.edge[j] = -np.inf
    b.many[j] = many
    b.heads[j] = heads
    b.rho[j] = cost - tilt * (band[3] if tilt > 0.0 else band[2])


@compiled
def cheapest(b: Bounding, chosen: Ints, dearest: Floats) -> float:
    """Fills `chosen` with the houses whose grids cost least within the quotas, and `dearest` with
    what the last of each region costs; the sum, infinite where a quota cannot be filled."""
    left, total, many = b.quota.copy(), 0.0, 0
    dearest[:] = -np.inf
    for j in np.argsort(np.where(b.region >= 0, b.rho, np.inf)):
        r = b.region[j]
        if r >= 0 and left[r] > 0 and b.rho[j] < np.inf:
            chosen[many] = j
            dearest[r] = b.rho[j]
            total += b.rho[j]
            left[r] -= 1
            many += 1
    return total if many == chosen.shape[0] else np.inf


@compiled
def strike(
    dist: Floats, people: Ints, b: Bounding, low: float, dearest: Floats, most: float
) -> None:
    """Strikes out what would cost more than `most` where the bound is `low`."""
    for j in range(dist.shape[0]):
        if b.region[j] < 0:
            continue
        here = low + max(0.0, b.rho[j] - dearest[b.region[j]])
        if here > most:
            b.region[j] = -1
            continue
        for i in range(dist.shape[0]):
            if i != j and b.may[j, i]:
                pay = dist[j, i] - b.value[i] + b.tilt[j] * people[i]
                if here + max(0.0, pay - b.edge[j]) > most:
                    b.may[j, i] = False


@inlined
def outside(heads: int, tilt: float, band: Floats) -> float:
    """How far a grid's people are off the end of the band that its price is about."""
    if tilt > 0.0 or (tilt == 0.0 and heads > band[3]):
        return float(heads - band[3])
    if tilt < 0.0 or heads < band[2]:
        return float(heads - band[2])
    return 0.0


@compiled
def move(
    people: Ints, band: Floats, b: Bounding, chosen: Ints, cover: Floats, metres: float
) -> None:
    """One step of all prices, as long as would bring `metres` were the bound straight."""
    cover[:] = 1.0
    length = 1e-9
    for j in chosen:
        for a in range(b.many[j]):
            cover[b.order[j, a]] -= 1.0
        length += HEAD * outside(b.heads[j], b.tilt[j], band) ** 2
    length += (cover**2).sum()
    step = metres / length
    b.value[:] += step * cover
    for j in range(people.shape[0]):
        if b.region[j] >= 0:
            was = b.tilt[j]
            new = was + step * HEAD * outside(b.heads[j], was, band)
            b.tilt[j] = 0.0 if was * new < 0.0 else new


@compiled
def raise_bound(
    dist: Floats, people: Ints, band: Floats, most: float, b: Bounding, halves: int
) -> float:
    """The best bound that prices give, everything struck out that costs more than `most`.

    The step is halved `halves` times. Ends at once where nothing is left that costs less.
    """
    n = dist.shape[0]
    best, share, waited, halved = -np.inf, FIRST, 0, 0
    value, tilt = b.value.copy(), b.tilt.copy()
    pay, cover = np.empty(n), np.empty(n)
    chosen, dearest = np.zeros(b.quota.sum(), np.int64), np.zeros(b.quota.shape[0])
    while halved < halves:
        for j in range(n):
            if b.region[j] >= 0:
                ask(dist, people, band, b, j, pay)
        low = float(b.value.sum()) + cheapest(b, chosen, dearest)
        if low > most:
            return low
        if low > best:
            if low > best + 1e-4 * (most - best):
                waited = 0
            best = low
            value[:] = b.value
            tilt[:] = b.tilt
            strike(dist, people, b, low, dearest, most)
        waited += 1
        if waited > PATIENCE:
            share /= 2
            halved += 1
            waited = 0
            b.value[:] = value
            b.tilt[:] = tilt
            continue
        move(people, band, b, chosen, cover, share * (most - low))
    b.value[:] = value
    b.tilt[:] = tilt
    return best
