"""The whole made-up county, built once for the tests that look at it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from lianhu.demo.build import Built, build_county
from lianhu.demo.county import County, make_county
from lianhu.demo.plan import make_plan

TODAY = date(2026, 11, 23)


def made(scale: float) -> County:
    plan = make_plan(scale=scale, seed=321, days=365, today=TODAY)
    return make_county(plan, lambda part: None)


@pytest.fixture(scope="session")
def county() -> County:
    """All 313,000 people."""
    return made(1.0)


@pytest.fixture(scope="session")
def small() -> County:
    """One in fifty of them."""
    return made(0.02)


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
