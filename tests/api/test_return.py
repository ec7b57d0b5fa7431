"""Phones that all come back at once: some are asked to come again, and nothing is lost or doubled."""

import asyncio
import threading

import pytest

from bench.crowd import Phone, drain
from tests import cast
from tests.api.served import serve

PHONES, LETTERS = 200, 3


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    server = serve(tmp_path_factory.mktemp("return"))
    yield server
    server.stop()


def _look_at_the_board(served, over, statuses):
    while not over.wait(0.2):
        statuses.append(served.call("GET", "/report/").status)


def test_a_crowd_of_phones_is_drained_and_the_pages_stay_open(served):
    told = {
        "credential": served.enrol("warden"), "grid": cast.EAST_GRID,
        "households": [str(cast.EXAMPLE_HOUSEHOLD)],
    }  # fmt: skip
    before = served.office("count")
    phones = [Phone(told, LETTERS, f"321 {n}") for n in range(PHONES)]
    over, statuses = threading.Event(), []
    looking = threading.Thread(target=_look_at_the_board, args=(served, over, statuses))
    looking.start()
    try:
        seen = asyncio.run(drain(phones, served.port, spread=0, most=240, seed=321))
    finally:
        over.set()
        looking.join()
    assert (seen.phones_left, seen.letters) == (0, PHONES * LETTERS)
    assert set(seen.by_status) == {"200", "503"}
    assert seen.by_status["200"] == PHONES
    assert len(seen.asked) == seen.by_status["503"]
    assert 5 <= min(seen.asked) <= max(seen.asked) <= 60
    assert set(statuses) == {200}
    after = served.office("count")
    made = {key: after[key] - before[key] for key in ("letters", "matters", "pending")}
    assert made == {"letters": PHONES * LETTERS, "matters": PHONES * LETTERS, "pending": 0}
