"""When a household is next to be visited, and how visits are spread over days. Pure.

A colour says how often; nothing here reads the clock, so a plan is the same on every day until
somebody was visited or a colour changed.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

from lianhu.kernel.catalogue import in_force, read

Key = TypeVar("Key", bound=Hashable)
GREEN = "green"
COLOURS = (GREEN, "yellow", "red")
EVERY = {1: "每天", 7: "每周", 14: "每两周", 30: "每月", 90: "每季度"}


@dataclass(frozen=True, slots=True)
class Rule:
    """How often each colour is visited, in days, from a day on; whose figures these are."""

    since: date
    label: str
    source: str
    every: Mapping[str, int]
    early: Mapping[str, int]  # so many days before the last the visit may already be planned
    first: int
    per_day: int


def limits(on: date) -> dict[str, int]:
    """What a county may set on a day: `longest` and `latest` in days, `most` visits of a day, and
    `early_part`. Source: catalogue/visits.toml."""
    found: dict[str, int] = in_force(read("visits.toml")["county"], on)
    return found


def county_rule(
    since: date, source: str, every: Mapping[str, int], first: int, per_day: int
) -> Rule:
    """What a county has set; how early its visits may be planned is as `limits` say."""
    part = limits(since)["early_part"]
    early = {colour: days // part for colour, days in every.items()}
    return Rule(since, "县里定的", source, every, early, first, per_day)


def our_rule(on: date) -> Rule:
    """Our default in force on a day. Source: catalogue/visits.toml."""
    row = in_force(read("visits.toml")["default"], on)
    every = {colour: row[colour] for colour in COLOURS}
    return Rule(
        row["from"],
        row["label"],
        row["source"],
        every,
        row["early"],
        row["first"],
        row["per_day"],
    )


def cadence(own: Sequence[Rule], on: date) -> Rule:
    """The rule in force on a day among a county's own, of which a later one of the same day holds;
    our default until the county has one."""
    begun = [rule for rule in own if rule.since <= on]
    return max(reversed(begun), key=lambda r: r.since) if begun else our_rule(on)


def fits(wished: Rule) -> bool:
    """Whether a county may set these figures: whoever is owed more help is visited no later."""
    green, yellow, red = (wished.every[colour] for colour in COLOURS)
    most = limits(wished.since)
    return (
        1 <= red <= yellow <= green <= most["longest"]
        and 1 <= wished.first <= most["latest"]
        and 1 <= wished.per_day <= most["most"]
    )


def counted_from(begun: date | None) -> date:
    """From which day a household is counted that nobody visited yet: since its grid is there,
    and not before these rules."""
    first: date = min(version["from"] for version in read("visits.toml")["default"])
    return max(begun or first, first)


def every_words(days: int) -> str:
    """每周, 每 10 天."""
    return EVERY.get(days, f"每 {days} 天")


@dataclass(frozen=True, slots=True)
class Window:
    """The days among which the next visit belongs, both inclusive."""

    opens: date
    due: date


def window(
    last: date | None, colour: str, since: date | None, *, begun: date, own: Sequence[Rule] = ()
) -> Window:
    """The window of the next visit; `own` are the county's rules.

    It is due the colour's interval after the last visit, or after `begun` when there was none. A
    colour decided since then (`since`) gets its first visit within `first` days: what was no
    delay before the decision is none now, but what was one stays one.
    """
    base = last or begun
    rule = cadence(own, max(base, since or base))
    due = base + timedelta(days=rule.every[colour])
    early = rule.early[colour]
    if since and since > base:
        soon = since + timedelta(days=rule.first)
        late = base + timedelta(days=rule.every[GREEN])
        if due < soon:
            due, early = min(soon, late), rule.first
    return Window(due - timedelta(days=early), due)


def fullest_day(windows: Mapping[Key, Window]) -> int:
    """The least number of visits that the fullest day of any plan must hold.

    Between two days there is room for no more than (days x load), and the windows that lie wholly
    inside must fit (Hall's condition; for windows of consecutive days it is also enough).
    """
    needed = 0
    by_opening: defaultdict[int, list[int]] = defaultdict(list)
    for found in windows.values():
        by_opening[found.opens.toordinal()].append(found.due.toordinal())
    dues: list[int] = []
    for first in sorted(by_opening, reverse=True):
        dues = sorted([*dues, *by_opening[first]])
        for inside, last in enumerate(dues, start=1):
            needed = max(needed, -(-inside // (last - first + 1)))
    return needed


def plan(windows: Mapping[Key, Window]) -> dict[Key, date]:
    """A day inside its window for each household, so that the fullest day holds as few as any plan
    allows, and each as late as that load allows: nobody is pressed to go more often than owed.

    The order of the households given does not matter. The days of those long due lie in the
    past; whoever reads the plan says what to do first today.
    """
    most = fullest_day(windows)
    waiting = sorted(
        ((w.due.toordinal(), w.opens.toordinal(), str(key), key) for key, w in windows.items()),
        key=lambda row: row[:3],
    )
    planned: dict[Key, date] = {}
    order = count()
    open_now: list[tuple[int, int, Key]] = []
    day = 0
    # From the last day back, those first whose window opens latest: the mirror of "earliest
    # deadline first", which fills every load that can be filled.
    while waiting or open_now:
        if not open_now:
            day = waiting[-1][0]
        while waiting and waiting[-1][0] >= day:
            _, opens, _, key = waiting.pop()
            heappush(open_now, (-opens, next(order), key))
        for _ in range(min(most, len(open_now))):
            planned[heappop(open_now)[2]] = date.fromordinal(day)
        day -= 1
    return planned
