"""The division of the made-up county."""

import numpy as np

from lianhu.demo.county import County
from lianhu.demo.grids import GRIDS, settle


def test_make_grids_gives_the_article_number(county: County) -> None:
    grids = county.grids
    assert len(grids) == GRIDS
    assert int(grids.households.sum()) == len(county.people.group)
    assert (grids.group[grids.of_house] == county.people.group).all()
    assert np.bincount(grids.of_house).tolist() == grids.households.tolist()
    assert ((grids.households >= 15) & (grids.households <= 25)).mean() > 0.98


def test_settle_moves_few_households_and_only_within_a_village() -> None:
    group = np.repeat(np.arange(4), 30)
    village = np.array([0, 0, 1, 1])
    size = np.full(120, 3)
    moved = settle(group, village, size, 8)
    assert (np.diff(moved) >= 0).all()
    assert (village[moved] == village[group]).all()
    assert (np.abs(np.bincount(moved) - 30) <= 6).all()
