"""Nobody reads a byte that is not theirs, and nobody can tell what is hidden from what is not.

LIANHU_TEST_CRAWL=<calls> changes the budget, LIANHU_TEST_CRAWL_SEED the dice.
"""

import os
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection

from tests.crawl.canaries import Cage, Canary, Owner
from tests.crawl.county import HOME_GRID, VILLAGES, build
from tests.crawl.crawl import Crawl
from tests.crawl.mutants import MUTANTS, Mutant
from tests.crawl.routes import find_routes, unknown_kinds

SEED = int(os.environ.get("LIANHU_TEST_CRAWL_SEED", "321"))
SHARDS = 8
# Calls for a bug near where it sits; then everywhere, should it be one that shows elsewhere only.
HUNTED, WHOLE = 3_000, 40_000
CALLS = {"sqlite": 104_000, "postgresql": 10_400}
# Numbers only, and no person's: what they add up is watched by test_figures_of_others…
NO_WORDS = {"EndedCount", "PlaceChange", "Place"}
PLACED = {"place", "place_id", "household", "household_id", "matter", "matter_id"}

pytestmark = pytest.mark.django_db


def _budget() -> int:
    return int(os.environ.get("LIANHU_TEST_CRAWL") or CALLS[connection.vendor])


def test_every_parameter_of_a_route_is_of_a_known_kind():
    assert unknown_kinds(find_routes()) == []


def test_every_placed_table_has_a_canary(media_folder):
    county = build(SEED)
    placed = {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("lianhu.")
        and PLACED & {field.name for field in model._meta.fields}
    }
    seen = {canary.table for canary in county.cage.known.values()}
    assert sorted(placed - seen - NO_WORDS) == []
    for village in VILLAGES:
        here = {
            c.table for c in county.cage.known.values() if c.owner.place.startswith(village)
        }
        assert {"Household", "Person", "Matter", "Visit", "Grade", "Letter", "Entry"} <= here


@pytest.mark.parametrize(
    "around",
    ["{}", "<b>{}</b>", "/x/{}/", "a-{}", "1-{}", "中{}中", "{}-1", "ab:{}", "x_{}_y",
     "\\u4e2d{}", "00000000-{}", "{}.jpg", "tel:{};"],
)  # fmt: skip
def test_a_canary_is_seen_whatever_stands_around_it(around):
    cage, owner = Cage(SEED), Owner(HOME_GRID)
    word = cage.text(Canary(owner, "Matter", "words"), 40)
    key = cage.identity(Canary(owner, "Matter", "id"))
    numbers = [cage.number(Canary(owner, "Person", "phone"), n)
               for n in ("13970000001", "99932119500000011X")]  # fmt: skip
    for text in (word, word.lower(), str(key), key.hex, *numbers):
        stuck = around[:1].isalnum() or around.startswith(
            "\\u"
        )  # is then another word, or number
        if not stuck or text == word:
            assert cage.find(around.format(text).encode()), text


def test_the_crawl_sees_what_is_there(media_folder):
    with Crawl(SEED) as crawl:
        secretary = next(c for c in crawl.callers if c.name == "secretary")
        page = crawl.routes[[r.path for r in crawl.routes].index("desk/matters/")]
        call = replace(crawl.maker.make(page, secretary, "GET", "own"), query="queue=under")
        crawl.check(call, crawl.send(call))
        assert crawl.report.own > 0
        assert crawl.report.findings == []
        words = next(
            text
            for text, canary in crawl.county.cage.known.items()
            if isinstance(canary, Canary) and canary.owner.place == HOME_GRID
        )
        assert crawl.county.cage.find(b"<p>" + words + b"</p>")


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_canary_of_anybody_elses(shard, media_folder, record_property):
    with Crawl(SEED, shard) as crawl:
        report = crawl.run(_budget() // SHARDS, part=(shard, SHARDS))
    record_property("crawl", report.line)
    assert report.own > 0 or report.calls < 1000
    assert [str(finding) for finding in report.findings[:20]] == []


def test_figures_of_others_move_nothing(media_folder, record_property):
    with Crawl(SEED) as crawl:
        crawl.grow()
    record_property("crawl", crawl.report.line)
    assert crawl.report.pairs > 1000
    assert [str(finding) for finding in crawl.report.findings[:20]] == []


@pytest.mark.parametrize("bug", MUTANTS, ids=lambda bug: bug.name)
def test_a_mutant_is_caught(bug: Mutant, media_folder, monkeypatch, record_property):
    if connection.vendor != "sqlite":
        pytest.skip("the bugs are the same on either database; once is enough")
    bug.change(monkeypatch)
    with Crawl(SEED) as crawl:
        every = crawl.routes
        crawl.routes = [route for route in every if f"{route.path}$".startswith(bug.near)]
        assert crawl.routes
        crawl.run(HUNTED, first=True)
        if not crawl.report.findings:
            crawl.grow()
        if not crawl.report.findings:
            crawl.routes = every
            crawl.run(crawl.report.calls + WHOLE, first=True)
    assert crawl.report.findings
    caught = crawl.report.findings[0]
    record_property(
        "caught", f"{crawl.report.calls} calls, {caught.what}, /{caught.call.route.path}"
    )
