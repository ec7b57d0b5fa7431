"""Who of the registered people lives and works elsewhere, and where.

Working age, men a little more, students and whole young families; where grandparents stay,
parents leave their children with them. A child is never left without a grown-up at home.
"""

import numpy as np

from lianhu.demo.arrays import Bools, Ints
from lianhu.demo.families import CHILDREN, MIDDLES, Families, Kind, Slot

# Where people of the southern Shaanxi hills go, with made-up shares.
PLACES: tuple[tuple[str, float], ...] = (
    ("西安", 0.2), ("安康市区", 0.15), ("东莞", 0.08), ("深圳", 0.07), ("苏州", 0.06),
    ("宁波", 0.05), ("杭州", 0.05), ("上海", 0.04), ("北京", 0.04), ("广州", 0.04),
    ("温州", 0.03), ("厦门", 0.03), ("汉中", 0.03), ("成都", 0.03), ("榆林", 0.03),
    ("山西", 0.03), ("新疆", 0.02), ("内蒙古", 0.02),
)  # fmt: skip
WHERE = ("", *(name for name, _ in PLACES))


def send_away(
    rng: np.random.Generator, families: Families, house: Ints, slot: Ints, age: Ints, count: int
) -> Ints:
    """0 for those at home, else where in `WHERE`; exactly `count` persons are away."""
    gone = _leanings(rng, families, house, slot, age)
    gone = _fit(rng, gone, house, age, count)
    share = np.array([weight for _, weight in PLACES])
    choice = rng.choice(len(PLACES), len(families), p=share / share.sum()) + 1
    own = rng.choice(len(PLACES), len(house), p=share / share.sum()) + 1
    together = rng.random(len(house)) < 0.75
    return np.where(gone, np.where(together, choice[house], own), 0)


def _leanings(
    rng: np.random.Generator, families: Families, house: Ints, slot: Ints, age: Ints
) -> Bools:
    """Who would go, family by family."""
    kind, luck = families.kind[house], rng.random(len(families))[house]
    own = rng.random(len(house))
    middle, child = np.isin(slot, MIDDLES), np.isin(slot, CHILDREN)
    young = age <= 50
    lineage_man = middle & families.male[house, slot] & (age <= 55)
    student = child & (age >= 18) & (age <= 22) & (own < 0.55)
    worker = (child | (slot == Slot.SIBLING)) & (age >= 19) & (own < 0.66)
    stem, nuclear = kind == Kind.STEM, kind == Kind.NUCLEAR
    couple = np.isin(kind, (Kind.COUPLE, Kind.JOINT))
    parents_gone = middle & young & stem & (luck < 0.3)
    man_gone = lineage_man & (stem | nuclear) & (luck > 0.78)
    whole = (nuclear | (kind == Kind.PARENT)) & (luck < 0.09)
    pair = couple & middle & young & (luck < 0.4)
    alone = middle & (age <= 45) & np.isin(kind, (Kind.SINGLE, Kind.BACHELOR)) & (own < 0.4)
    four = (kind == Kind.FOUR) & (slot == Slot.CHILD_1) & (luck < 0.6)
    gone: Bools = student | worker | parents_gone | man_gone | whole | pair | alone | four
    return gone


def _fit(rng: np.random.Generator, gone: Bools, house: Ints, age: Ints, count: int) -> Bools:
    """Bring some back or send more until `count` are away and no child is left alone."""
    gone = gone.copy()
    keys = rng.random(len(gone))
    for _ in range(20):
        homes = int(house.max(initial=0)) + 1
        grown = np.bincount(house[~gone & (age >= 18)], minlength=homes)
        left = ~gone & (age < 18) & (grown[house] == 0)
        gone |= left  # children go with their family
        more = count - int(gone.sum())
        if not more:
            return gone
        if more < 0:
            fit = gone & (age >= 18)
        else:
            fit = ~gone & (age >= 19) & (age <= 52) & (grown[house] >= 2)
        # One person of a house at a time, so that the check above stays true.
        rows = np.flatnonzero(fit)
        rows = rows[np.argsort(keys[rows], kind="stable")]
        rows = rows[np.unique(house[rows], return_index=True)[1]]
        rows = rows[np.argsort(keys[rows], kind="stable")][: abs(more)]
        gone[rows] = more > 0
    raise ValueError(f"cannot send {count} away")
