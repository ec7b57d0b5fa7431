"""Names of villages and groups to codes. Codes decide, never names: where several fit, none is
taken. Source: the county's divisions in `catalogue/territory/<county>/divisions.csv`."""

import csv
import re
from functools import cache, lru_cache
from typing import NamedTuple

from lianhu.kernel.catalogue import ROOT
from lianhu.people.register.cells import squeeze
from lianhu.people.register.dates import HAN_DIGITS, han_number
from lianhu.people.register.headings import BRACKETS

VILLAGE_ENDS = ("村村民委员会", "村村委会", "行政村", "村民委员会", "村委会", "村委", "村")
COMMUNITY_ENDS = (
    "社区居民委员会", "社区居委会", "社区委员会", "居民委员会", "居委会", "社区居委", "社区",
)  # fmt: skip
ENDS = "|".join((*VILLAGE_ENDS, *COMMUNITY_ENDS))
NAMED = re.compile(rf"(.+?)({ENDS})?")
LED = re.compile(rf"(.+?(?:{ENDS}))(.*)")
ABOVE = re.compile(r"^[\u4e00-\u9fff]{2,7}?(?:省|自治区)")
CITY = re.compile(r"^[\u4e00-\u9fff]{2,6}?(?:市|自治州|地区|盟)")
HAN = "".join(sign for sign in HAN_DIGITS if sign >= "一") + "十"
GROUP_WORD = (
    "(?:村民小组|居民小组|村民组|居民组|小组|组(?![织建合长员成])|社(?!区|会)|队(?!伍))"
)
GROUP = re.compile(rf"(?:第)?(\d+|[{HAN}]+)(?:{GROUP_WORD}|号)")
BARE = re.compile(rf"第?(\d+|[{HAN}]+)")
DIGITS = re.compile(r"[0-9]+")


class Village(NamedTuple):
    """A village or community of the table."""

    code: str
    stem: str
    community: bool


class Found(NamedTuple):
    """A village cell resolved: its code, or the kind of problem; `key` tells names apart."""

    code: str | None
    kind: str
    key: str


class Places:
    """The villages and towns of one county, found by any of their usual names."""

    def __init__(self, county: str, rows: list[dict[str, str]]) -> None:
        """`rows`: code (6, 9 or 12 digits), name or official_name, level."""
        self.towns: dict[str, str] = {}
        self.county = ""
        self.stems: dict[str, list[Village]] = {}
        for row in rows:
            code, named = row["code"], row["official_name"]
            if not code.startswith(county[:6]):
                continue
            if row["level"] == "county":
                self.county = named
            elif row["level"] == "town":
                self.towns[named] = code
            else:
                stem, end = _stem(named)
                village = Village(code, stem, end in COMMUNITY_ENDS)
                self.stems.setdefault(stem, []).append(village)
        self._known: dict[tuple[str, str], Found] = {}

    def village(self, name: str, town: str = "") -> Found:
        """The village a cell means; `town` is a code that narrows homonyms.

        Kinds: ``unknown_village`` (not in the table), ``ambiguous_village`` (several fit).
        """
        found = self._known.get((name, town))
        if found is None:
            found = self._known[name, town] = self._village(
                BRACKETS.sub("", squeeze(name)), town
            )
        return found

    def _village(self, name: str, town: str) -> Found:
        bare = self._below_county(name)
        written = next((t for t in self.towns if bare.startswith(t) and bare != t), "")
        stem, end = _stem(bare.removeprefix(written))
        fitting = self.stems.get(stem, [])
        if written:
            town = self.towns[written]
            fitting = [v for v in fitting if v.code.startswith(town)]
        if not fitting and not written:
            short = next((t for t in self.towns if bare.startswith(t[:-1])), "")
            if short and self._village(short + bare.removeprefix(short[:-1]), town).code:
                return self._village(short + bare.removeprefix(short[:-1]), town)
        if not fitting:
            return Found(None, "unknown_village", stem)
        kind = [v for v in fitting if end and v.community == (end in COMMUNITY_ENDS)]
        fitting = kind or fitting
        if len(fitting) > 1 and town:
            fitting = [v for v in fitting if v.code.startswith(town)] or fitting
        if len(fitting) > 1:
            return Found(None, "ambiguous_village", stem)
        return Found(fitting[0].code, "", fitting[0].code)

    def _below_county(self, name: str) -> str:
        """A name without province, city and county before it."""
        if self.county and self.county in name:
            return name.partition(self.county)[2] or name
        below = CITY.sub("", ABOVE.sub("", name))
        short = self.county[:-1]
        if short and below.startswith(short):
            rest = below.removeprefix(short)
            if any(rest.startswith(town) for town in self.towns):
                return rest
        return below or name

    def town_in(self, title: str) -> str:
        """The code of the town that a text names, "" for none or several."""
        said = squeeze(title)
        found = {code for name, code in self.towns.items() if name in said}
        return found.pop() if len(found) == 1 else ""

    def town_of(self, name: str) -> str:
        """The code of the town a cell of a town column means, with or without 镇."""
        said = squeeze(name)
        if code := self.town_in(said):
            return code
        return next((c for t, c in self.towns.items() if t[:-1] == said), "")

    def village_in(self, title: str, town: str = "") -> Found | None:
        """The village that a sheet's name or a title names; None when it names none."""
        said = squeeze(title)
        bare = self._below_county(said)
        exact = self.village(bare, town)
        if exact.code or exact.kind == "ambiguous_village":
            return exact
        for name in self.towns:
            said = said.replace(name, " ")
        hits = [
            match[0]
            for stem in self.stems
            for match in re.finditer(re.escape(stem) + f"(?:{ENDS})", said)
        ]
        longest = [h for h in hits if not any(h != other and h in other for other in hits)]
        found = {self.village(hit, town or self.town_in(title)) for hit in longest}
        return found.pop() if len(found) == 1 else None


def _stem(name: str) -> tuple[str, str]:
    match = NAMED.fullmatch(name)
    return (match[1], match[2] or "") if match else ("", "")


@cache
def places_of(county: str) -> Places:
    """The divisions of a county (its six-digit code), kept in memory."""
    path = ROOT / "territory" / county[:6] / "divisions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return Places(county[:6], list(csv.DictReader(file)))


def group_suffix(name: str) -> str | None:
    """A group's two digits from 1组, 第一村民小组, 01, 三; None when there is no number in it."""
    said = BRACKETS.sub("", squeeze(name))
    if bare := BARE.fullmatch(said):
        return _two_digits(bare[1])
    found = None
    for match in GROUP.finditer(said):
        found = _two_digits(match[1]) or found
    if found is None and len(runs := DIGITS.findall(said)) == 1:
        return _two_digits(runs[0])  # 组3, 3院: a number is in it
    return found


def group_in(title: str) -> str | None:
    """The group that a sheet's name or a title names."""
    found = {_two_digits(m[1]) for m in GROUP.finditer(squeeze(title))} - {None}
    return found.pop() if len(found) == 1 else None


def _two_digits(signs: str) -> str | None:
    return _number(signs)[1]


def _number(signs: str) -> tuple[int, str | None]:
    """Where in a run of digits or numerals its number begins (五一一组: at the last 一), and its
    two digits."""
    if signs.isdigit() and signs.isascii():
        number = int(signs[:4])
        return 0, f"{number:02}" if 0 < number < 100 else None
    for start in range(len(signs)):
        digits = han_number(signs[start:])
        if digits.isdigit() and int(digits):
            return start, f"{int(digits):02}"
    return 0, None


def split_group(name: str) -> tuple[str, str]:
    """The village and the group in a cell of a column that holds both; "" for either."""
    said = BRACKETS.sub("", squeeze(name))
    if match := LED.fullmatch(said):
        return match[1], match[2]
    ends = [match for match in GROUP.finditer(said) if match.end() == len(said)]
    if not ends:
        return "", said
    begin = ends[0].start(1) + _number(ends[0][1])[0]
    return said[:begin].removesuffix("第"), said[begin:]


@lru_cache(maxsize=1 << 12)
def beside(name: str, before: str) -> str:
    """A cell of a column for both that says only the group, in the village of the one above."""
    village, group = split_group(name)
    if village or not GROUP.fullmatch(group):
        return name
    return split_group(before)[0] + group
