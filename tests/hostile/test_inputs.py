"""Whatever comes in at whatever door: never a server error, never words of it obeyed by a page.

LIANHU_TEST_INPUTS=<examples> changes the budget, LIANHU_TEST_INPUTS_SEED the dice; `make hostile`
is the long run.
"""

import os
import re

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.crawl.crawl import Crawl
from tests.hostile.barbs import SCRIPT, Page
from tests.hostile.inputs import calls

SEED = int(os.environ.get("LIANHU_TEST_INPUTS_SEED", "321"))
PARTS = 4
EXAMPLES = {"sqlite": 2_000, "postgresql": 600}

pytestmark = pytest.mark.django_db


def _quiet(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def _send_all(crawl: Crawl, number: int, examples: int) -> dict[str, str]:
    """So many inputs to every route; one of each kind that went wrong: a crash ends no run."""
    faults: dict[str, str] = {}

    def judged(call):
        answer = crawl.send(call)
        if answer.status >= 500:
            fault = f"{call.route.path} {_crash(answer.logged)}"
            faults.setdefault(
                fault, f"{call} {call.caller.headers} {call.body!r} {answer.logged!r}"
            )
        if b"zap()" in answer.body and "html" in answer.headers.get("Content-Type", ""):
            for obeyed in Page(answer.body.decode(errors="replace")).obeyed:
                faults.setdefault(f"{call.route.path} {obeyed}", str(call))

    for route in crawl.routes:
        send = given(call=calls(crawl, route))(lambda call: judged(call))
        seed(f"{number} {route.path}")(_quiet(examples)(send))()
    return faults


def _crash(logged: bytes) -> str:
    found = re.findall(rb'"error": ?"([^"]*)|(\w+(?:Error|Exception)\b[^\\"]{0,80})', logged)
    return b" ".join(one or other for one, other in found).decode(errors="replace")[-200:]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_input_is_a_server_error(part, media_folder, record_property):
    examples = int(os.environ.get("LIANHU_TEST_INPUTS") or EXAMPLES[connection.vendor])
    with Crawl(SEED, part) as crawl:
        every = crawl.routes
        crawl.routes = every[part::PARTS]
        faults = _send_all(crawl, SEED * 100 + part, -(-examples // len(every)))
    record_property("inputs", f"{crawl.report.line}; {len(crawl.routes)} routes")
    assert faults == {}


def test_the_check_can_fail(media_folder, monkeypatch):
    def crash(text):
        raise ZeroDivisionError

    monkeypatch.setattr("lianhu.board.reporting.get_place", crash)
    with Crawl(SEED) as crawl:
        crawl.routes = [route for route in crawl.routes if route.path == "report/"]
        assert crawl.routes
        assert "ZeroDivisionError" in repr(_send_all(crawl, SEED, 400))


def test_a_reflected_script_is_seen():
    assert Page(f"<p>{SCRIPT}").obeyed
