"""Points of villages, hamlets and houses."""

import numpy as np

from lianhu.demo.county import County
from lianhu.demo.divisions import COUNTY, OTHER, PILOT, read_outline
from lianhu.demo.geography import SCALE, inside, pull_inside
from lianhu.territory.divisions import read_divisions


def test_read_divisions_is_the_article() -> None:
    levels = [d.level for d in read_divisions(COUNTY)]
    assert [levels.count(x) for x in ("county", "town", "village", "community")] == [
        1,
        10,
        141,
        9,
    ]
    names = {d.code: d.name for d in read_divisions(COUNTY)}
    assert names[PILOT] == "双乳村"
    assert names[OTHER] == "三塘村"


def test_inside_a_square() -> None:
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]])
    points = np.array([[1.0, 1.0], [3.0, 1.0], [1.0, -0.1], [0.1, 1.9]])
    assert inside(points, square).tolist() == [True, False, False, True]
    back = pull_inside(points, np.full((4, 2), 1.0), square)
    assert inside(back, square).all()
    assert back[0].tolist() == [1.0, 1.0]


def test_make_hamlets_strings_groups_inside_the_county(county: County) -> None:
    hamlets = county.hamlets
    count = np.bincount(hamlets.village)
    assert (count >= 4).all()
    assert (count <= 16).all()
    assert abs(len(hamlets.village) - 1_350) <= 25
    for points in (hamlets.centres, hamlets.points, county.people.points):
        assert inside(points, read_outline()).all()
    away = np.hypot(*((hamlets.points - hamlets.centres[hamlets.village]) / SCALE).T)
    assert away.max() < 3_000


def test_scatter_keeps_houses_near_their_hamlet(county: County) -> None:
    hamlet = county.hamlets.points[county.people.group]
    away = np.hypot(*((county.people.points - hamlet) / SCALE).T)
    assert away.max() <= 401
    assert np.median(away) < 200
    assert (away >= 19.9).mean() > 0.98  # the rest was drawn in at the edge
