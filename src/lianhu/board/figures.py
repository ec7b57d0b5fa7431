"""The figures that the public pages show: small ones hidden, still for a month."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.utils.timezone import localdate, make_aware

from lianhu.kernel.catalogue import read
from lianhu.kernel.suppression import hidden_places
from lianhu.matters.queries.counts import count_published
from lianhu.territory.queries import heirs, list_places

KEPT_SECONDS = 600
Counts = dict[str, tuple[int, int]]  # village: received, of these answered in time


@dataclass(frozen=True, slots=True)
class Figure:
    """One place's figures; None where one is not published."""

    received: int | None = None
    in_time: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of every place by code, over the days from `first` to `last`, inclusive."""

    first: date
    last: date
    least: int
    by_place: dict[str, Figure]

    def of(self, code: str) -> Figure:
        """The figures of a place; an unknown one has nothing published."""
        return self.by_place.get(code, Figure())


def published(today: date | None = None) -> Figures:
    """The figures of the last days up to the end of the month before. Kept ten minutes."""
    rule = read("publishing.toml")
    last = (today or localdate()).replace(day=1) - timedelta(days=1)
    first = last - timedelta(days=rule["days"] - 1)
    key = f"board.figures.{last}"
    known = cache.get(key)
    if isinstance(known, Figures):
        return known
    counts = count_published(since=_midnight(first), until=_midnight(last + timedelta(days=1)))
    county, parents, counts = _placed(counts)
    table = hide(counts, parents, county, least=rule["least"])
    figures = Figures(first, last, rule["least"], table)
    cache.set(key, figures, KEPT_SECONDS)
    return figures


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


def _placed(counts: Counts) -> tuple[str, dict[str, str], Counts]:
    """The county, each living village's town, and the counts of former codes with their heirs."""
    now = heirs()
    county = next((place.code for place in list_places("county")), "")
    parents = {
        place.code: now.get(str(place.parent_id), str(place.parent_id))
        for place in list_places("village")
    }
    sums: Counts = dict.fromkeys(parents, (0, 0))
    for code, (received, in_time) in counts.items():
        village = now.get(code, code)
        if village in sums:
            sums[village] = (sums[village][0] + received, sums[village][1] + in_time)
    return county, parents, sums


def hide(
    counts: Counts, parents: dict[str, str], county: str, *, least: int
) -> dict[str, Figure]:
    """What may be shown of villages, towns and the county. What was late, or is still open, is a
    figure too, for anybody can subtract it: a place shows how many were in time only where both
    may be told."""
    below: dict[str, list[str]] = {county: []}
    sums: dict[str, list[int]] = {}
    for village, (received, in_time) in counts.items():
        town = parents[village]
        if town not in below:
            below[town] = []
            below[county].append(town)
        below[town].append(village)
        for place in (village, town, county):
            own = sums.setdefault(place, [0, 0])
            own[0] += in_time
            own[1] += received - in_time
    received_of = {place: (sum(own),) for place, own in sums.items()}
    without = hidden_places(received_of, below, least=least)
    unsplit = hidden_places(sums, below, least=least, also=without)

    def figure(place: str) -> Figure:
        return Figure(
            None if place in without else received_of[place][0],
            None if place in unsplit else sums[place][0],
        )

    return {place: figure(place) for place in sums}
