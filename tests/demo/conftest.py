"""The whole made-up county, built once for the tests that look at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from lianhu.demo.build import Built, build_county
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


@pytest.fixture(scope="module")
def built_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Built]:
    """A small county in the database for one file of tests, undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_county(scale=0.01, seed=321, days=365, silent=True)
        transaction.set_rollback(True)


@pytest.fixture
def built(built_once: Built, db: None) -> Built:
    return built_once


@pytest.fixture
def demo(settings: Any) -> Client:
    """A browser on a system with LIANHU_DEMO=1."""
    settings.LIANHU_DEMO = True
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    return Client(enforce_csrf_checks=True)
