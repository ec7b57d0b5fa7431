"""What a division must keep: bounds, the number of grids, violations and their words. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from lianhu.kernel.errors import Refusal


class Bound(StrEnum):
    """Which side of which bound a grid breaks."""

    HOUSEHOLDS_MIN = "households_min"
    HOUSEHOLDS_MAX = "households_max"
    PEOPLE_MIN = "people_min"
    PEOPLE_MAX = "people_max"


class Band(NamedTuple):
    """A closed range of whole numbers; both ends are admissible."""

    low: int
    high: int

    @property
    def width(self) -> int:
        """Twice the half-band, the unit in which violations of different bounds are added."""
        return max(self.high - self.low, 1)

    def outside(self, size: int, times: int = 1) -> int:
        """How far `size` over `times` grids lies below (negative) or above the band."""
        return max(size - times * self.high, 0) - max(times * self.low - size, 0)


ARTICLE_HOUSEHOLDS, ARTICLE_PEOPLE = Band(20, 30), Band(70, 120)
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Households and people that one grid should hold.

    The default is the article's own 20-30 households and 70-120 people.
    """

    households: Band = ARTICLE_HOUSEHOLDS
    people: Band = ARTICLE_PEOPLE

    def distance(self, households: int, people: int, grids: int) -> Fraction:
        """How far the mean grid lies from the middle of both bands, in half-bands."""
        (low, high), (least, most) = self.households, self.people
        away = abs(2 * households - grids * (low + high)) * self.people.width
        away += abs(2 * people - grids * (least + most)) * self.households.width
        return Fraction(away, grids * self.households.width * self.people.width)

    def excess(self, households: int, people: int, grids: int = 1) -> Fraction:
        """The least total violation, in half-bands, of that many grids holding these totals."""
        out = abs(self.households.outside(households, grids)) * self.people.width
        out += abs(self.people.outside(people, grids)) * self.households.width
        return Fraction(2 * out, self.households.width * self.people.width) if out else NOTHING


def bounds_of(households: Sequence[int], people: Sequence[int]) -> Bounds:
    """Bounds from two pairs (low, high), e.g. of `catalogue/grids/bounds.toml`.

    Refuses `grids.bad_bounds` unless both run from at least 0 up to at least 1.
    """
    pairs = [tuple(households), tuple(people)]
    if any(len(p) != 2 or not 0 <= p[0] <= p[1] or p[1] < 1 for p in pairs):
        raise Refusal("grids.bad_bounds")
    return Bounds(Band(*pairs[0]), Band(*pairs[1]))


class Violation(NamedTuple):
    """One bound that one grid breaks; `by` counts households or people, always positive."""

    grid: int
    bound: Bound
    by: int


def choices(
    households: int,
    people: int,
    bounds: Bounds,
    *,
    at_least: int = 1,
    at_most: int | None = None,
) -> list[int]:
    """The numbers of grids a group may get, best first; empty for a group without households.

    Every admissible number, nearest the middle of both bands first; where none is admissible,
    the one with the least total violation. The smaller on a tie. `at_least` and
    `at_most` are what locks leave.
    """
    if not households:
        return []
    most = max(households // max(bounds.households.low, 1), people // max(bounds.people.low, 1))
    # Beyond `most` both shortfalls only grow; no grid may be empty.
    last = min(max(most, at_least) + 1, households if at_most is None else at_most)
    tried = range(at_least, max(last, at_least) + 1)
    fits = [k for k in tried if not bounds.excess(households, people, k)]
    if fits:
        return sorted(fits, key=lambda k: (bounds.distance(households, people, k), k))
    return [min(tried, key=lambda k: (bounds.excess(households, people, k), k))]


def violations(sizes: Iterable[tuple[int, int]], bounds: Bounds) -> Iterator[Violation]:
    """Every bound broken by grids 1, 2, … of these (households, people)."""
    for grid, (households, people) in enumerate(sizes, 1):
        off = bounds.households.outside(households)
        if off:
            yield Violation(
                grid, Bound.HOUSEHOLDS_MAX if off > 0 else Bound.HOUSEHOLDS_MIN, abs(off)
            )
        off = bounds.people.outside(people)
        if off:
            yield Violation(grid, Bound.PEOPLE_MAX if off > 0 else Bound.PEOPLE_MIN, abs(off))


def total_violation(found: Iterable[Violation], bounds: Bounds) -> Fraction:
    """The sum of violations in half-bands."""
    return sum((Fraction(2 * v.by, _band(v.bound, bounds).width) for v in found), NOTHING)


def _band(bound: Bound, bounds: Bounds) -> Band:
    """The band that this bound is an end of."""
    if bound in (Bound.HOUSEHOLDS_MIN, Bound.HOUSEHOLDS_MAX):
        return bounds.households
    return bounds.people


WORDS = {
    Bound.HOUSEHOLDS_MIN: ("户数不足{edge}户", "{by}户"),
    Bound.HOUSEHOLDS_MAX: ("户数超过{edge}户", "{by}户"),
    Bound.PEOPLE_MIN: ("人口不足{edge}人", "{by}人"),
    Bound.PEOPLE_MAX: ("人口超过{edge}人", "{by}人"),
}


def reason(
    households: int, people: int, grids: int, found: Sequence[Violation], bounds: Bounds
) -> str:
    """Why a group breaks a bound, in Chinese for the officer; empty when it breaks none."""
    if not found:
        return ""
    total = f"本组{households}户{people}人，分为{grids}格"
    if bounds.excess(households, people, grids):
        why = "按总数任何格数都无法同时满足户数和人口范围，已取总偏差最小的格数并均匀分摊"
    else:
        why = "总数合适，但各户人口或已锁定的网格使之无法拆分到范围以内，已取偏差最小的分法"
    return f"{total}：{_broken(found, bounds)}。{why}。"


def _broken(found: Sequence[Violation], bounds: Bounds) -> str:
    """Which bounds are broken by how many grids, and by how much."""
    broken = []
    for bound in Bound:
        by = [v.by for v in found if v.bound is bound]
        if by:
            band = _band(bound, bounds)
            edge = band.low if bound.endswith("min") else band.high
            what, much = WORDS[bound]
            broken.append(f"{len(by)}格{what.format(edge=edge)}，共差{much.format(by=sum(by))}")
    return "；".join(broken)


def reason_now(
    now: Sequence[tuple[int, int]], planned: Sequence[tuple[int, int]], bounds: Bounds
) -> str:
    """Why the grids that there are break a bound, and whether those of a proposal would; both are
    (households, people) of each grid. Empty when the grids of now break none."""
    found = list(violations(now, bounds))
    if not found:
        return ""
    after = list(violations(planned, bounds))
    homes, heads = (sum(column) for column in zip(*planned, strict=True))
    if not after:
        why = "重新划分就能守住范围"
    elif bounds.excess(homes, heads, len(planned)):
        why = "按总数任何格数都无法同时满足户数和人口范围"
    else:
        why = "总数合适，但各户人口使之无法拆分到范围以内"
    if after and total_violation(after, bounds) < total_violation(found, bounds):
        why += "；重新划分能少差一些"
    return f"现在{_broken(found, bounds)}。{why}。"
