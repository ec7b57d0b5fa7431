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
    label_y: float | None  # None: there is no room for its name


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
    written: list[Box] = []
    dots = []
    placed = sorted(zip(drawn, points, strict=True), key=lambda pair: -pair[0].number)
    # The largest first: it is named first, and never hides a smaller one.
    for spot, point in placed:
        x, y = frame.fit(*point)
        r = round(6 + 16 * sqrt(max(spot.number, 0) / most), 1)
        label = _label(written, x, y, r, spot.name, sign)
        dots.append(Dot(x, y, r, spot.code, spot.name, spot.words, label))
    return Sketch("".join(_ring(frame, ring) for ring in rings), dots, sign)


def _label(
    written: list[Box], x: float, y: float, r: float, name: str, sign: int
) -> float | None:
    """The base line of a name: in its circle, above or below, wherever none is written yet."""
    half = len(name) * sign / 2
    above, below, within = y - r - 4, y + r + sign, y + sign / 3
    for base in (within, above, below) if r > sign else (above, below):
        box = (x - half, base - sign, x + half, base + 2)
        apart = all(
            box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in written
        )
        if apart and box[1] > 0 and box[3] < HEIGHT:
            written.append(box)
            return round(base, 1)
    return None


def _ring(frame: _Frame, ring: tuple[Point, ...]) -> str:
    steps = " ".join(f"{x},{y}" for x, y in (frame.fit(*p) for p in ring))
    return f"M{steps}Z"
