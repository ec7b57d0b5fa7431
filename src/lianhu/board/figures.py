"""The figures that the public pages show: small ones hidden, still for a month."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.utils.timezone import localdate, make_aware

from lianhu.kernel.catalogue import read
from lianhu.kernel.suppression import hidden_cells
from lianhu.matters.queries.counts import count_published
from lianhu.territory.queries import heirs, list_places

KEPT_SECONDS = 600
COLUMNS = ("in_time", "rest")
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
    """What may be shown of villages, towns and the county; the rest (late, or still open) is a
    figure too, for anybody can subtract it."""
    cells: dict[tuple[str, str], int] = {}
    below: dict[str, list[str]] = {county: []}
    for village, (received, in_time) in counts.items():
        town = parents[village]
        if town not in below:
            below[town] = []
            below[county].append(town)
        below[town].append(village)
        for place in (village, town, county):
            for column, n in zip(COLUMNS, (in_time, received - in_time), strict=True):
                cells[place, column] = cells.get((place, column), 0) + n
            cells[place, "received"] = cells.get((place, "received"), 0) + received
    places = sorted({place for place, _ in cells})
    sums = [((p, "received"), [(p, column) for column in COLUMNS]) for p in places]
    for place, parts in below.items():
        if parts:
            sums += [((place, c), [(p, c) for p in parts]) for c in (*COLUMNS, "received")]
    hidden = hidden_cells(cells, sums, least=least)

    def shown(place: str, column: str) -> int | None:
        return None if (place, column) in hidden else cells[place, column]

    return {p: Figure(shown(p, "received"), shown(p, "in_time")) for p in places}
