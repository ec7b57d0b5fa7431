"""The whole made-up county, built once for the tests that look at it."""

from dataclasses import dataclass

import numpy as np
import pytest

from lianhu.demo.divisions import read_divisions
from lianhu.demo.geography import Hamlets, make_hamlets
from lianhu.demo.grids import GRIDS, Grids, make_grids
from lianhu.demo.population import Population, make_population

TODAY = np.datetime64("2026-11-23")
PEOPLE, AWAY = 313_000, 63_000


@dataclass(frozen=True)
class County:
    hamlets: Hamlets
    people: Population
    grids: Grids


@pytest.fixture(scope="session")
def county() -> County:
    rng = np.random.default_rng(321)
    places = [d for d in read_divisions() if d.level in {"village", "community"}]
    hamlets = make_hamlets(rng, places)
    people = make_population(rng, hamlets, PEOPLE, AWAY, GRIDS, TODAY)
    sizes = np.diff(people.first)
    grids = make_grids(hamlets, people.group, people.points, sizes, seed=321)
    return County(hamlets, people, grids)
