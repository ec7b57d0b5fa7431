"""The people: exact totals, true numbers, plausible families, near the census of 2020."""

import json

import numpy as np

from lianhu.demo.county import County
from lianhu.demo.divisions import FOLDER
from lianhu.demo.families import Slot
from lianhu.demo.identity import id_numbers
from lianhu.demo.names import initials
from lianhu.demo.plan import AWAY, PEOPLE
from lianhu.demo.population import MARRIED
from lianhu.people.rules import HEAD, check_digit

CENSUS = json.loads((FOLDER / "stats.json").read_text(encoding="utf-8"))["census_2020"]


def _home(county: County) -> np.ndarray:
    return county.people.away == 0


def _home_sizes(county: County) -> np.ndarray:
    people = county.people
    sizes = np.bincount(people.house[_home(county)], minlength=len(people.group))
    return sizes[sizes > 0]


def test_make_population_totals_are_exact(county: County) -> None:
    people = county.people
    assert len(people.house) == PEOPLE
    assert int((people.away > 0).sum()) == AWAY
    town = np.array([v.is_community for v in county.hamlets.villages])[county.hamlets.village]
    assert int((~town[people.group][people.house]).sum()) == 260_000
    assert len(people.group) == 100_000
    sizes = np.diff(people.first)
    assert (sizes.min(), sizes.max()) == (1, 8)


def test_id_numbers_are_unique_and_right(county: County) -> None:
    people = county.people
    numbers = id_numbers(people.id17)
    assert len(set(numbers)) == PEOPLE
    for row in range(0, PEOPLE, 97):
        number = numbers[row]
        assert number[:6] == "999321"
        assert number[6:14] == str(people.born[row]).replace("-", "")
        assert int(number[16]) % 2 == people.male[row]
        assert number[17] == check_digit(number[:17])


def test_phone_numbers_are_no_mobile_numbers(county: County) -> None:
    phones = county.people.phone[county.people.phone > 0]
    assert len(set(phones.tolist())) == len(phones)
    assert (phones // 10**8 == 100).all()
    assert (county.people.phone[county.people.age < 14] == 0).all()


def test_family_codes_have_nine_digits(county: County) -> None:
    code = county.people.code
    assert len(set(code.tolist())) == len(code)
    assert (code >= 10**8).all()
    assert (code < 10**9).all()


def test_every_household_has_one_head_who_comes_first(county: County) -> None:
    people = county.people
    heads = people.relation == HEAD
    assert heads[people.first[:-1]].all()
    assert int(heads.sum()) == len(people.group)
    assert (people.age[people.first[:-1]] >= 18).all()


def test_parents_are_fifteen_years_older_than_children(county: County) -> None:
    people = county.people
    age = np.full((len(people.group), len(Slot)), -1)
    age[people.house, people.slot] = people.age
    pairs = [
        (parent, child)
        for parents, children in (
            ((Slot.ELDER_MAN, Slot.ELDER_WOMAN), (Slot.MIDDLE, Slot.SIBLING)),
            ((Slot.MIDDLE, Slot.SPOUSE), (Slot.CHILD_1, Slot.CHILD_2, Slot.CHILD_3)),
            ((Slot.CHILD_1, Slot.CHILD_1_WIFE), (Slot.GREAT,)),
        )
        for parent in parents
        for child in children
    ]
    for parent, child in pairs:
        both = (age[:, parent] >= 0) & (age[:, child] >= 0)
        gap = age[both, parent] - age[both, child]
        assert len(gap) == 0 or gap.min() >= 15, (parent, child, gap.min())


def test_nobody_under_eighteen_is_married(county: County) -> None:
    people = county.people
    assert people.age[people.marital == MARRIED].min() >= 20


def test_no_child_is_left_alone_at_home(county: County) -> None:
    people, home = county.people, _home(county)
    grown = np.bincount(people.house[home & (people.age >= 18)], minlength=len(people.group))
    assert (grown[people.house[home & (people.age < 18)]] > 0).all()


def test_left_behind_children_and_lone_elders_exist(county: County) -> None:
    people, home = county.people, _home(county)
    gone_parents = np.zeros(len(people.group), dtype=bool)
    middle = np.isin(people.slot, (Slot.MIDDLE, Slot.SPOUSE))
    away_parents = np.bincount(people.house[middle & ~home], minlength=len(people.group))
    home_parents = np.bincount(people.house[middle & home], minlength=len(people.group))
    gone_parents = (away_parents == 2) & (home_parents == 0)
    children = home & (people.age < 16) & gone_parents[people.house]
    assert children.sum() > 2_000
    size = np.bincount(people.house[home], minlength=len(people.group))
    assert (home & (people.age >= 65) & (size[people.house] == 1)).sum() > 5_000


def test_households_at_home_are_near_the_census(county: County) -> None:
    sizes, census = _home_sizes(county), CENSUS["households"]
    assert abs(sizes.mean() - census["HHLD_S"]) < 0.3
    assert abs((sizes == 1).mean() - census["HHLD_1P"]) < 0.05
    people, home = county.people, _home(county)
    level = np.select([people.slot <= 1, people.slot <= 4, people.slot <= 8], [0, 1, 2], 3)
    seen = np.zeros((len(people.group), 4), dtype=bool)
    seen[people.house[home], level[home]] = True
    depth = seen.sum(axis=1)
    shares = np.bincount(depth)[1:] / (depth > 0).sum()
    for share, name in zip(shares, ("HHLD_1G", "HHLD_2G", "HHLD_3G", "HHLD_4GP"), strict=True):
        assert abs(share - census[name]) < 0.04, name
    old = np.bincount(people.house[home & (people.age >= 65)], minlength=len(people.group))
    assert abs((old > 0).sum() / len(sizes) - census["HHLD_65"]) < 0.04


def test_ages_and_sexes_at_home_are_near_the_census(county: County) -> None:
    people, home = county.people, _home(county)
    age, ages = people.age[home], CENSUS["ages"]
    assert abs((age < 15).mean() - ages["AGES_0-14"]) < 0.025
    assert abs((age >= 65).mean() - ages["AGES_65P"]) < 0.025
    for low in range(5, 85, 5):
        share = ((age >= low) & (age < low + 5)).mean()
        assert abs(share - ages[f"AGES_{low}-{low + 4}"]) < 0.03, low
    men = people.male[home].sum()
    assert abs(men / (home.sum() - men) * 100 - CENSUS["population"]["POPU_WM"]) < 6
    grown = home & (people.age >= 15)
    married = (people.marital[grown] == MARRIED).mean()
    assert abs(married - CENSUS["family"]["FMLY_MARR"]) < 0.03


def test_initials_of_a_head() -> None:
    assert initials("刘武林") == "lwl"
    assert initials("曾秀英") == "zxy"


def test_names_vary(county: County) -> None:
    people = county.people
    names = {people.name(row) for row in range(0, PEOPLE, 5)}
    assert len(names) > 20_000
