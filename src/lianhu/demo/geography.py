"""Invented points: villages within their town, hamlets along a valley, houses around a hamlet.

No village points are published, so these are made up, and the map says so (示意). Every point
lies inside the county's outline. One degree is taken as 111.32 km north and that times the
cosine of 32.9 degrees east: at this size the error is a few metres.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians

import numpy as np

from lianhu.demo.arrays import Bools, Floats, Ints
from lianhu.demo.divisions import OTHER, PILOT, read_boxes, read_outline
from lianhu.territory.divisions import Division

METRE_LAT = 1 / 111_320
METRE_LON = METRE_LAT / cos(radians(32.9))
SCALE = np.array([METRE_LON, METRE_LAT])


@dataclass(frozen=True, slots=True)
class Hamlets:
    """Villages and their groups; `village` is each group's row in `villages`."""

    villages: list[Division]
    centres: Floats  # one row per village: longitude, latitude
    village: Ints  # one entry per group
    number: Ints  # 1, 2, … within its village
    points: Floats  # one row per group
    outline: Floats


def inside(points: Floats, outline: Floats) -> Bools:
    """Which points lie within the ring, by counting the edges that a ray eastward crosses."""
    x, y = points[:, 0], points[:, 1]
    odd = np.zeros(len(points), dtype=np.bool_)
    for (x1, y1), (x2, y2) in pairwise(outline):
        spans = (y1 > y) != (y2 > y)
        if spans.any():
            odd ^= spans & (x < (x2 - x1) * (y - y1) / ((y2 - y1) or 1e-12) + x1)
    return odd


def pull_inside(points: Floats, anchors: Floats, outline: Floats) -> Floats:
    """The points, those outside drawn halfway to their anchor until they are in.

    Anchors are inside; what is still out after eight halvings becomes its anchor.
    """
    moved = points.copy()
    for _ in range(8):
        out = ~inside(moved, outline)
        if not out.any():
            return moved
        moved[out] = (moved[out] + anchors[out]) / 2
    out = ~inside(moved, outline)
    moved[out] = anchors[out]
    return moved


def make_hamlets(rng: np.random.Generator, villages: list[Division]) -> Hamlets:
    """Centres of all villages and 4 to 16 groups of each, nine on average: 1,350 in 150."""
    outline = read_outline()
    centres = _village_centres(rng, villages, outline)
    count = np.clip(np.rint(rng.normal(8.6, 2.7, len(villages))), 4, 16).astype(np.int64)
    count[[v.is_community for v in villages]] = 14
    demo = np.array([v.code in (PILOT, OTHER) for v in villages])
    count[demo] = 10
    while len(villages) > 2 and (more := 9 * len(villages) - int(count.sum())):
        step = 1 if more > 0 else -1
        fit = np.flatnonzero(~demo & (count + step >= 4) & (count + step <= 16))
        if not len(fit):
            break
        count[rng.choice(fit, min(abs(more), len(fit)), replace=False)] += step
    village = np.repeat(np.arange(len(villages)), count)
    number = np.arange(len(village)) - np.repeat(np.cumsum(count) - count, count) + 1
    points = _valleys(rng, centres, count, village, number)
    points = pull_inside(points, centres[village], outline)
    return Hamlets(villages, centres, village, number, points, outline)


def scatter(rng: np.random.Generator, around: Floats, outline: Floats) -> Floats:
    """A house 20 to 400 m from each point, most of them near."""
    metres = 20 + 380 * rng.beta(1.3, 3.2, len(around))
    angle = rng.uniform(0, 2 * np.pi, len(around))
    step = np.column_stack((np.cos(angle) * metres, np.sin(angle) * metres)) * SCALE
    return pull_inside(around + step, around, outline)


def _village_centres(
    rng: np.random.Generator, villages: list[Division], outline: Floats
) -> Floats:
    """Each town's share of the county parted among its villages by a few rounds of k-means."""
    boxes = read_boxes()
    low, high = outline.min(axis=0), outline.max(axis=0)
    cloud = rng.uniform(low, high, (30_000, 2))
    cloud = cloud[inside(cloud, outline)]
    towns = sorted({v.code[:9] for v in villages})
    box = np.array([boxes[t] for t in towns])
    middle, half = (box[:, :2] + box[:, 2:]) / 2, (box[:, 2:] - box[:, :2]) / 2
    away = (np.abs(cloud[:, None, :] - middle) / half).max(axis=2)
    town_of = away.argmin(axis=1)
    centres = np.zeros((len(villages), 2))
    for index, town in enumerate(towns):
        own = [i for i, v in enumerate(villages) if v.code[:9] == town]
        centres[own] = _spread(rng, cloud[town_of == index], len(own))
    return centres


def _spread(rng: np.random.Generator, cloud: Floats, count: int) -> Floats:
    """`count` points of the cloud, each in the middle of its own part."""
    chosen = cloud[rng.choice(len(cloud), count, replace=False)]
    for _ in range(12):
        nearest = ((cloud[:, None, :] - chosen) ** 2).sum(axis=2).argmin(axis=1)
        for k in range(count):
            part = cloud[nearest == k]
            mean = part.mean(axis=0)
            # The member of the part nearest its mean: a mean alone may lie outside the county.
            chosen[k] = part[((part - mean) ** 2).sum(axis=1).argmin()]
    return chosen


def _valleys(
    rng: np.random.Generator, centres: Floats, count: Ints, village: Ints, number: Ints
) -> Floats:
    """Hamlets strung along one bent valley through each village's centre."""
    gap = np.sqrt((((centres[:, None, :] - centres) / SCALE) ** 2).sum(axis=2))
    np.fill_diagonal(gap, np.inf)
    reach = np.clip(gap.min(axis=1) * 0.55, 350, 2_200)
    angle = rng.uniform(0, np.pi, len(centres))
    bend = rng.uniform(-0.5, 0.5, len(centres))
    along = (number - 0.5) / count[village] * 2 - 1
    aside = np.sin(along * np.pi) * bend[village]
    turn, length = angle[village], reach[village]
    east = (along * np.cos(turn) - aside * np.sin(turn)) * length
    north = (along * np.sin(turn) + aside * np.cos(turn)) * length
    metres = np.column_stack((east, north)) + rng.normal(0, 60, (len(village), 2))
    points: Floats = centres[village] + metres * SCALE
    return points
