"""A report about an official: neither he nor anybody around him can tell that there is one.

Twin worlds, lived by the same dice with the reports and without them; LIANHU_TEST_TWINS=<walks>
changes how many for each post of the accused, LIANHU_TEST_CRAWL_SEED the dice.
"""

import os

import pytest

from tests.crawl.leaks import LEAKS, Leak
from tests.crawl.steps import STEPS
from tests.crawl.twins import Twins
from tests.crawl.walk import Walk, plan_of

SEED = int(os.environ.get("LIANHU_TEST_CRAWL_SEED", "321"))
# In `make test` a short walk for four posts; in `make crawl` long ones for six, watched by more.
WALKS = int(os.environ.get("LIANHU_TEST_TWINS", "3"))
SHORT = WALKS == 0
POSTS = ("secretary", "warden", "town", "county", "committee", "data")[: 4 if SHORT else 6]
LENGTH, WATCHERS = (18, 1) if SHORT else (40, 4)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("accused", POSTS)
@pytest.mark.parametrize("number", range(WALKS or 1))
def test_nobody_around_the_accused_can_tell(
    accused, number, media_folder, monkeypatch, record_property
):
    twins = Twins(SEED + number, accused, monkeypatch)
    with twins.door:
        found = Walk(
            twins, plan_of(f"{SEED + number} {accused}", LENGTH), watchers=WATCHERS
        ).go(still=not SHORT)
    record_property("walk", found.line)
    assert [leak[:1500] for leak in found.leaks[:10]] == []
    assert found.hidden > 2


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_a_mutant_of_discretion_is_caught(
    leak: Leak, media_folder, monkeypatch, record_property
):
    leak.put_in(monkeypatch)
    # An even seed: reports need not name him from the start.
    twins = Twins(SEED + SEED % 2, leak.accused, monkeypatch)
    with twins.door:
        plan = [STEPS[name] for name in leak.steps]
        found = Walk(twins, plan, watchers=len(twins.watchers)).go(
            first=True, still=True, stare=False
        )
    record_property("caught", (found.leaks or ["not"])[0][:300])
    assert found.leaks
