"""Made-up numbers of people: birthdays, ID numbers, phones, household codes. All are unique.

ID numbers begin with 999321, an area that does not exist, and end with the right check digit
(GB 11643, MOD 11-2); phones begin with 100, which is no mobile number.
"""

import numpy as np

from lianhu.demo.arrays import Bools, Days, Ints
from lianhu.people.rules import CHECKS, WEIGHTS

AREA = 999321


def birthdays(rng: np.random.Generator, age: Ints, today: np.datetime64) -> Days:
    """A day for each age in full years on `today`."""
    year = today.astype("datetime64[Y]").astype(np.int64)
    into_year = (today - today.astype("datetime64[Y]")).astype(np.int64)
    # Twenty-eight days on either side are left out, so that leap years cannot change an age.
    back = rng.integers(2, 363, len(age))
    start = (year - age).astype("datetime64[Y]").astype("datetime64[D]")
    born: Days = start + (into_year - back).astype("timedelta64[D]")
    return born


def first_seventeen(born: Days, male: Bools) -> Ints:
    """Area, day of birth and a serial, odd for men: unique for each person."""
    days = born.astype("datetime64[D]").astype(np.int64)
    key = days * 2 + male
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    rank = np.arange(len(key)) - np.searchsorted(sorted_key, sorted_key)
    serial = np.empty(len(key), dtype=np.int64)
    serial[order] = rank * 2 + 2 - male[order]
    months = born.astype("datetime64[M]").astype(np.int64)
    year, month = months // 12 + 1970, months % 12 + 1
    day = days - born.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + 1
    return AREA * 10**11 + (year * 10_000 + month * 100 + day) * 1_000 + serial


def id_numbers(first17: Ints) -> list[str]:
    """The eighteen signs of each ID number."""
    digits = (first17[:, None] // 10 ** np.arange(16, -1, -1)) % 10
    check = (digits * np.array(WEIGHTS)).sum(axis=1) % 11
    return [f"{number}{CHECKS[c]}" for number, c in zip(first17.tolist(), check, strict=True)]


def phone_numbers(rng: np.random.Generator, age: Ints) -> Ints:
    """Eleven digits beginning with 100 for most grown-ups, 0 for none."""
    share = np.select([age < 14, age < 18, age < 60, age < 75], [0.0, 0.4, 0.95, 0.8], 0.5)
    has = rng.random(len(age)) < share
    # Multiplying by a number prime to 10**8 permutes the eight digits: all differ.
    start = int(rng.integers(0, 10**8))
    tail = (np.arange(len(age)) * 61_803_399 + start) % 10**8
    return np.where(has, 100 * 10**8 + tail, 0)


def family_codes(rng: np.random.Generator, count: int) -> Ints:
    """Household codes of nine digits (GB/T 31000: 户号), all different."""
    start = int(rng.integers(0, 9 * 10**8))
    return (np.arange(count) * 16_180_339 + start) % (9 * 10**8) + 10**8
