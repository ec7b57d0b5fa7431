"""The made-up people of the county as columns: households in groups, persons in households.

Persons are sorted by household, the head first; a household's persons are the rows from
`first[h]` to `first[h + 1]`.
"""

from dataclasses import dataclass

import numpy as np

from lianhu.demo.arrays import Bools, Days, Floats, Ints, Signs
from lianhu.demo.away import send_away
from lianhu.demo.families import (
    CHILDREN,
    ELDERS,
    MEAN_SIZE,
    MIDDLES,
    Families,
    Kind,
    Slot,
    make_families,
)
from lianhu.demo.geography import Hamlets, scatter
from lianhu.demo.grids import settle
from lianhu.demo.identity import birthdays, family_codes, first_seventeen, phone_numbers
from lianhu.demo.names import FAMILY, family_names, given_names
from lianhu.people.rules import RELATION_WORDS

CODES = {word: code for code, word in RELATION_WORDS.items()}
RURAL_SHARE = 260 / 313  # registered in villages; the rest in the nine communities
UNMARRIED, MARRIED, WIDOWED, DIVORCED = 10, 20, 30, 40  # GB/T 2261.2


@dataclass(frozen=True, slots=True)
class Population:
    """Columns of households (`group` to `first`) and of persons (`house` to `surname`)."""

    group: Ints
    points: Floats
    code: Ints  # 户号
    number: Ints  # the house's number within its group
    first: Ints
    house: Ints
    slot: Ints
    age: Ints
    male: Bools
    born: Days
    relation: Signs
    marital: Ints
    away: Ints  # 0 at home, else a place of away.WHERE counted from 1
    surname: Ints
    given: Signs
    id17: Ints
    phone: Ints  # 0 for none

    def name(self, person: int) -> str:
        """The full name of one person."""
        return FAMILY[self.surname[person]] + str(self.given[person])


def make_population(
    rng: np.random.Generator,
    hamlets: Hamlets,
    people: int,
    away: int,
    grids: int,
    today: np.datetime64,
) -> Population:
    """Exactly `people` registered persons of whom `away` live elsewhere, in these hamlets.

    Groups are so sized that they make near `grids` grids.
    """
    town = np.array([v.is_community for v in hamlets.villages])[hamlets.village]
    rural = round(people * RURAL_SHARE) if town.any() else people
    parts: list[Families] = []
    groups: list[Ints] = []
    for number, own in ((rural, ~town), (people - rural, town)):
        if number:
            parts.append(make_families(rng, max(1, round(number / MEAN_SIZE)), number))
            groups.append(_share(rng, hamlets, np.flatnonzero(own), len(parts[-1])))
    families = _join(parts)
    group = np.concatenate(groups)
    order = np.argsort(group, kind="stable")
    families, group = _take(families, order), group[order]
    group = settle(group, hamlets.village, families.here.sum(axis=1), grids)
    house, slot, first = _flatten(families)
    age, male = families.age[house, slot], families.male[house, slot]
    born = birthdays(rng, age, today)
    kind, head = families.kind[house], families.head[house]
    surname = _surnames(rng, families, house, slot, hamlets.village[group])
    years = born.astype("datetime64[Y]").astype(np.int64) + 1970
    return Population(
        group=group,
        points=scatter(rng, hamlets.points[group], hamlets.outline),
        code=family_codes(rng, len(group)),
        number=np.arange(len(group)) - np.searchsorted(group, group) + 1,
        first=first,
        house=house,
        slot=slot,
        age=age,
        male=male,
        born=born,
        relation=_relations(slot, head, male),
        marital=_marital(rng, families, house, slot, kind, male),
        away=send_away(rng, families, house, slot, age, away),
        surname=surname,
        given=given_names(rng, years, male),
        id17=first_seventeen(born, male),
        phone=phone_numbers(rng, age),
    )


def _share(rng: np.random.Generator, hamlets: Hamlets, groups: Ints, households: int) -> Ints:
    """The group of each of so many households: larger and smaller groups, none empty."""
    lively = rng.uniform(0.75, 1.3, len(hamlets.villages))
    weight = lively[hamlets.village[groups]] * rng.uniform(0.6, 1.4, len(groups))
    exact = weight / weight.sum() * households
    count = np.floor(exact).astype(np.int64)
    left = np.argsort(count - exact, kind="stable")[: households - int(count.sum())]
    count[left] += 1
    return np.repeat(groups, count)


def _join(parts: list[Families]) -> Families:
    return Families(
        *(
            np.concatenate([getattr(part, column) for part in parts])
            for column in Families.__slots__
        )
    )


def _take(families: Families, order: Ints) -> Families:
    return Families(*(getattr(families, column)[order] for column in Families.__slots__))


def _flatten(families: Families) -> tuple[Ints, Ints, Ints]:
    """House and slot of each person, the head first, and where each household begins."""
    house, slot = np.nonzero(families.here)
    rank = np.where(slot == families.head[house], -1, slot)
    order = np.lexsort((rank, house))
    first = np.concatenate(([0], np.cumsum(families.here.sum(axis=1))))
    return house[order], slot[order], first


def _surnames(
    rng: np.random.Generator, families: Families, house: Ints, slot: Ints, village: Ints
) -> Ints:
    """One name down the line of descent; those who married in bring their own."""
    line = family_names(rng, village)
    others = family_names(rng, rng.integers(0, int(village.max(initial=0)) + 1, len(house)))
    married_in = np.isin(slot, (Slot.ELDER_WOMAN, Slot.SPOUSE, Slot.CHILD_1_WIFE))
    found = np.where(married_in, others, line[house])
    # Where the wife stayed with her parents, the children have their father's name.
    stayed = ~families.male[:, Slot.MIDDLE] & families.here[:, Slot.SPOUSE]
    fathers = np.full(len(families), -1)
    is_father = (slot == Slot.SPOUSE) & stayed[house]
    fathers[house[is_father]] = found[is_father]
    child = np.isin(slot, (*CHILDREN, Slot.GREAT)) & (fathers[house] >= 0)
    return np.where(child, fathers[house], found)


def _relations(slot: Ints, head: Ints, male: Bools) -> Signs:
    """The code of each person's relation to the head (GB/T 4761, as people.rules has it)."""

    def pick(man: str, woman: str) -> Signs:
        return np.where(male, CODES[man], CODES[woman])

    by_elder, by_middle = np.isin(head, ELDERS), head == Slot.MIDDLE
    child, great = np.isin(slot, CHILDREN), slot == Slot.GREAT
    middle, sibling = slot == Slot.MIDDLE, slot == Slot.SIBLING
    wife, spouse = slot == Slot.CHILD_1_WIFE, slot == Slot.SPOUSE
    cases = [
        (slot == head, pick("户主", "户主")),
        (by_elder & np.isin(slot, ELDERS), pick("配偶", "配偶")),
        (by_elder & (middle | sibling), pick("子", "女")),
        (by_elder & spouse, pick("女婿", "儿媳")),
        (by_elder & child, pick("孙子", "孙女")),
        (by_middle & np.isin(slot, ELDERS), pick("父亲", "母亲")),
        (by_middle & spouse, pick("配偶", "配偶")),
        (by_middle & sibling, pick("弟", "妹")),
        (by_middle & child, pick("子", "女")),
        (by_middle & wife, pick("儿媳", "儿媳")),
        (by_middle & great, pick("孙子", "孙女")),
    ]
    return np.select([c for c, _ in cases], [v for _, v in cases], CODES["其他"])


def _marital(
    rng: np.random.Generator,
    families: Families,
    house: Ints,
    slot: Ints,
    kind: Ints,
    male: Bools,
) -> Ints:
    """Married in a couple, else what fits the kind of family; GB/T 2261.2."""
    here, chance = families.here[house], rng.random(len(house))
    elder, middle = np.isin(slot, ELDERS), np.isin(slot, MIDDLES)
    both_elders = here[:, Slot.ELDER_MAN] & here[:, Slot.ELDER_WOMAN]
    both_middles = here[:, Slot.MIDDLE] & here[:, Slot.SPOUSE]
    young_couple = (kind == Kind.FOUR) & np.isin(slot, (Slot.CHILD_1, Slot.CHILD_1_WIFE))
    lone_elder = np.where(male & (chance < 0.3) & (kind == Kind.ELDER), UNMARRIED, WIDOWED)
    lone = np.where(chance < 0.58, UNMARRIED, np.where(chance < 0.75, DIVORCED, MARRIED))
    left = np.where(chance < 0.62, DIVORCED, WIDOWED)
    cases = [
        ((elder & both_elders) | (middle & both_middles) | young_couple, MARRIED),
        (elder, lone_elder),
        (middle & (kind == Kind.SINGLE), lone),
        (middle & np.isin(kind, (Kind.PARENT, Kind.STEM)), left),
    ]
    conditions = [condition for condition, _ in cases]
    return np.select(
        conditions, [np.broadcast_to(np.asarray(v), slot.shape) for _, v in cases], UNMARRIED
    )
