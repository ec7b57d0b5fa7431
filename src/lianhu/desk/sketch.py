"""Places as a schematic picture: points and an outline fitted into a box of SVG units."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import cos, radians, sqrt

from lianhu.kernel.catalogue import ROOT

WIDTH, HEIGHT, MARGIN = 720.0, 380.0, 44.0
Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the picture: where, how large, and what is written where beside it."""

    x: float
    y: float
    r: float
    code: str
    name: str
    words: str
    label: Point | None  # None: there is no room for its name


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture ready for the template; `label` says that it is no map."""

    outline: str
    dots: list[Dot]
    sign: int  # height of a letter
    label: str = "示意图，非真实位置"


@cache
def outline_of(county: str) -> tuple[tuple[Point, ...], ...]:
    """The rings of a county's outline (lon, lat); none where the catalogue has none."""
    file = ROOT / "territory" / county / "outline.geojson"
    if not file.is_file():
        return ()
    shapes = json.loads(file.read_text(encoding="utf-8"))["features"][0]["geometry"]
    polygons = shapes["coordinates"]
    if shapes["type"] == "Polygon":
        polygons = [polygons]
    return tuple(tuple((lon, lat) for lon, lat in polygon[0]) for polygon in polygons)


class _Frame:
    """Fits degrees into the box, north up, with the shape of the ground kept."""

    def __init__(self, points: list[Point]) -> None:
        lons, lats = [p[0] for p in points], [p[1] for p in points]
        self.west, self.north = min(lons), max(lats)
        self.squeeze = cos(radians((min(lats) + max(lats)) / 2))
        wide = max((max(lons) - self.west) * self.squeeze, 1e-4)
        high = max(self.north - min(lats), 1e-4)
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
        self.left = (WIDTH - wide * self.scale) / 2
        self.top = (HEIGHT - high * self.scale) / 2

    def fit(self, lon: float, lat: float) -> Point:
        """Where a point of the ground lies in the box."""
        x = self.left + (lon - self.west) * self.squeeze * self.scale
        return round(x, 1), round(self.top + (self.north - lat) * self.scale, 1)


@dataclass(frozen=True, slots=True)
class Spot:
    """What is to be drawn: a place, its figure and the words for it."""

    lon: float | None
    lat: float | None
    code: str
    name: str
    number: int = 0
    words: str = ""


def sketch(spots: Iterable[Spot], *, county: str = "", sign: int = 15) -> Sketch | None:
    """The picture of some places, with the county's outline if named; None without points.

    `sign` is the height of a letter in the box's units: larger where the picture is small.
    """
    drawn = [s for s in spots if s.lon is not None and s.lat is not None]
    if not drawn:
        return None
    rings = outline_of(county) if county else ()
    points = [(s.lon, s.lat) for s in drawn if s.lon is not None and s.lat is not None]
    frame = _Frame([*points, *(p for ring in rings for p in ring)])
    most = max(max(s.number for s in drawn), 1)
    placed = [
        (spot, *frame.fit(*point), round(6 + 16 * sqrt(max(spot.number, 0) / most), 1))
        for spot, point in zip(drawn, points, strict=True)
    ]
    # The largest first: it is named first, and never hides a smaller one.
    placed.sort(key=lambda p: -p[0].number)
    # No name over a small circle; a large one may hold its own.
    written: list[Box] = [(x - r, y - r, x + r, y + r) for _, x, y, r in placed if r <= sign]
    dots = [
        Dot(x, y, r, s.code, s.name, s.words, _label(written, x, y, r, s.name, sign))
        for s, x, y, r in placed
    ]
    return Sketch("".join(_ring(frame, ring) for ring in rings), dots, sign)


def _label(
    written: list[Box], x: float, y: float, r: float, name: str, sign: int
) -> Point | None:
    """Middle and base line of a name: in its circle, above, below or beside it, wherever none is
    written yet."""
    half = len(name) * sign / 2
    level, aside = y + sign / 3, r + half + 4
    spots = [(x, y - r - 4), (x, y + r + sign + 2), (x + aside, level), (x - aside, level)]
    for middle, base in [(x, level), *spots] if r > sign else spots:
        box = (middle - half, base - sign, middle + half, base + 2)
        apart = all(
            box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in written
        )
        if apart and box[0] > 0 and box[1] > 0 and box[2] < WIDTH and box[3] < HEIGHT:
            written.append(box)
            return round(middle, 1), round(base, 1)
    return None


def _ring(frame: _Frame, ring: tuple[Point, ...]) -> str:
    steps = " ".join(f"{x},{y}" for x, y in (frame.fit(*p) for p in ring))
    return f"M{steps}Z"
