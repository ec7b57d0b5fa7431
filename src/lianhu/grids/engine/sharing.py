"""A group's households shared out among given leaders, as short as bounds allow: exact.

Both bands of each leader's grid are priced; every household goes where it pays least, which is a
bound, and often already a division. Options that would lift the bound above what is known are
struck out; of the households in between, one is settled at a time, each way.
"""

from typing import NamedTuple

import numpy as np

from lianhu.grids.engine.arrays import Flags, Floats, Ints
from lianhu.grids.engine.compiled import compiled
from lianhu.grids.engine.lagrange import HEAD, Land, ends, outside

CLOSE = 1e-3  # metres: nothing shorter by so much is what "shortest" means
PATIENCE, LEAST = 6, 0.02  # steps without progress before the stride is halved; the last stride
FIRST, NEXT = 60, 20  # steps of prices at the root, and where a household more is settled


class Sheet(NamedTuple):
    """What is written while sharing out: each household's cheapest leader and how often it was
    which; households and people of each leader; the best division `found`, and in `goal[0]` what
    a better one may walk at most."""

    cheap: Ints
    hits: Floats
    many: Floats
    heads: Floats
    found: Ints
    goal: Floats


@compiled
def new_sheet(n: int, k: int, most: float) -> Sheet:
    """Nothing found yet that walks at most `most`."""
    return Sheet(
        np.zeros(n, np.int64), np.zeros((n, k)), np.zeros(k), np.zeros(k),
        np.full(n, -1, np.int64), np.full(1, most),
    )  # fmt: skip


@compiled
def assign(land: Land, far: Floats, may: Flags, price: Floats, s: Sheet) -> tuple[float, float]:
    """Sends every household where it pays least; the bound, and the metres walked. Both are
    infinite where one may go nowhere."""
    low, walk = 0.0, 0.0
    s.many[:] = 0.0
    s.heads[:] = 0.0
    for i in range(far.shape[0]):
        least, at, people = np.inf, -1, land.people[i]
        for g in range(far.shape[1]):
            pays = far[i, g] + price[0, g] + price[1, g] * people
            if may[i, g] and pays < least:
                least, at = pays, g
        if at < 0:
            return np.inf, np.inf
        low += least
        walk += far[i, at]
        s.many[at] += 1.0
        s.heads[at] += people
        s.hits[i, at] += 1.0
        s.cheap[i] = at
    for g in range(far.shape[1]):
        low -= ends(price[0, g], price[1, g], land.band)
    return low, walk


@compiled
def keep_shorter(land: Land, walk: float, s: Sheet) -> None:
    """Takes what `assign` has made where it keeps the bands and is shorter."""
    for g in range(s.many.shape[0]):
        if not land.band[0] <= s.many[g] <= land.band[1]:
            return
        if not land.band[2] <= s.heads[g] <= land.band[3]:
            return
    if walk < s.goal[0]:
        s.goal[0] = walk - CLOSE
        s.found[:] = s.cheap


@compiled
def strike_options(
    land: Land, far: Floats, may: Flags, price: Floats, spare: float, s: Sheet
) -> None:
    """Strikes out where a household would pay `spare` more than where it pays least."""
    for i in range(far.shape[0]):
        at = s.cheap[i]
        least = far[i, at] + price[0, at] + price[1, at] * land.people[i]
        for g in range(far.shape[1]):
            if (
                g != at
                and far[i, g] + price[0, g] + price[1, g] * land.people[i] > least + spare
            ):
                may[i, g] = False


@compiled
def move_prices(land: Land, price: Floats, metres: float, s: Sheet) -> bool:
    """One step of all prices, as long as would bring `metres` were the bound straight; False
    where they say nothing more."""
    length = 0.0
    for g in range(s.many.shape[0]):
        length += outside(s.many[g], price[0, g], land.band[0], land.band[1]) ** 2
        length += HEAD * outside(s.heads[g], price[1, g], land.band[2], land.band[3]) ** 2
    if length == 0.0:
        return False
    step = metres / length
    for g in range(s.many.shape[0]):
        was = price[0, g]
        new = was + step * outside(s.many[g], was, land.band[0], land.band[1])
        price[0, g] = 0.0 if was * new < 0.0 else new
        was = price[1, g]
        new = was + step * HEAD * outside(s.heads[g], was, land.band[2], land.band[3])
        price[1, g] = 0.0 if was * new < 0.0 else new
    return True


@compiled
def raise_prices(
    land: Land, far: Floats, may: Flags, price: Floats, steps: int, s: Sheet
) -> float:
    """The best bound that `steps` find, with its prices; strikes out and keeps what is shorter."""
    best, stride, waited, kept = -np.inf, 1.0, 0, price.copy()
    s.hits[:] = 0.0
    for _ in range(steps):
        low, walk = assign(land, far, may, price, s)
        keep_shorter(land, walk, s)
        if low > s.goal[0]:
            return low
        if low > best:
            if low > best + 1e-2 * (s.goal[0] - best):
                waited = 0
            best = low
            kept[:] = price
            strike_options(land, far, may, price, s.goal[0] - low, s)
        waited += 1
        if waited > PATIENCE:
            stride /= 2
            waited = 0
            if stride < LEAST:
                break
            price[:] = kept
            continue
        if not move_prices(land, price, stride * (s.goal[0] - low), s):
            break
    price[:] = kept
    return best


@compiled
def may_fit(land: Land, may: Flags) -> bool:
    """Whether every leader can still get enough, and has not got too much for certain."""
    for g in range(may.shape[1]):
        has, heads, room, crowd = 0.0, 0.0, 0.0, 0.0
        for i in range(may.shape[0]):
            if may[i, g]:
                room += 1.0
                crowd += land.people[i]
                if may[i].sum() == 1:
                    has += 1.0
                    heads += land.people[i]
        if has > land.band[1] or heads > land.band[3]:
            return False
        if room < land.band[0] or crowd < land.band[2]:
            return False
    return True


@compiled
def pick(land: Land, far: Floats, may: Flags, price: Floats, s: Sheet) -> int:
    """The household whose place is least clear and matters most; -1 where all are settled."""
    best, most = -1, -1.0
    for i in range(far.shape[0]):
        if may[i].sum() < 2:
            continue
        first, second, least, next_ = -1, -1, np.inf, np.inf
        for g in range(far.shape[1]):
            if not may[i, g]:
                continue
            if first < 0 or s.hits[i, g] > s.hits[i, first]:
                first, second = g, first
            elif second < 0 or s.hits[i, g] > s.hits[i, second]:
                second = g
            pays = far[i, g] + price[0, g] + price[1, g] * land.people[i]
            if pays < least:
                least, next_ = pays, least
            elif pays < next_:
                next_ = pays
        torn = s.hits[i, second] / s.hits[i].sum() + 0.01
        matters = torn * (abs(far[i, first] - far[i, second]) + 1.0) / (1.0 + next_ - least)
        if matters > most:
            best, most = i, matters
    return best


@compiled
def cheapest_left(land: Land, far: Floats, rest: Flags, price: Floats, i: int) -> int:
    """Where household i pays least of what is left to try; -1 where nothing is."""
    best, least = -1, np.inf
    for g in range(rest.shape[0]):
        pays = far[i, g] + price[0, g] + price[1, g] * land.people[i]
        if rest[g] and pays < least:
            best, least = g, pays
    return best


@compiled
def share_out(
    land: Land, leaders: Ints, may: Flags, price: Floats, most: float, limit: int
) -> tuple[Ints, float, bool]:
    """Each household's leader (its place in `leaders`) in the shortest division that walks at
    most `most`, all -1 where there is none; below what none walks; and whether that is certain,
    or `limit` households more were settled without an end.

    `may[i, g]`: household i may be in the grid around `leaders[g]`. Begins with `price`.
    """
    n, k = may.shape
    far = land.dist[:, leaders].copy()
    s = new_sheet(n, k, most)
    open_, prices = np.zeros((n + 2, n, k), np.bool_), np.zeros((n + 2, 2, k))
    rest, who = np.zeros((n + 2, k), np.bool_), np.zeros(n + 2, np.int64)
    open_[0], prices[0] = may, price
    for g in range(k):
        open_[0, leaders[g]] = False
        open_[0, leaders[g], g] = True
    deep, back, done = 0, False, 0
    while deep >= 0:
        if not back:
            done += 1
            if done > limit:
                return s.found, s.goal[0], False
            steps = NEXT if deep else FIRST
            low = raise_prices(land, far, open_[deep], prices[deep], steps, s)
            who[deep] = -1
            rest[deep] = False
            if low <= s.goal[0] and may_fit(land, open_[deep]):
                who[deep] = pick(land, far, open_[deep], prices[deep], s)
                if who[deep] < 0:
                    walk = assign(land, far, open_[deep], prices[deep], s)[1]
                    keep_shorter(land, walk, s)
                else:
                    rest[deep] = open_[deep, who[deep]]
        i = who[deep]
        at = cheapest_left(land, far, rest[deep], prices[deep], i) if i >= 0 else -1
        back = at < 0
        if back:
            deep -= 1
            continue
        rest[deep, at] = False
        open_[deep + 1], prices[deep + 1] = open_[deep], prices[deep]
        open_[deep + 1, i] = False
        open_[deep + 1, i, at] = True
        deep += 1
    return s.found, s.goal[0], True
