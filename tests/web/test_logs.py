"""What a log line says, that it stays one line, and what is refused is in it."""

import io
import json
import logging
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from lianhu.web.logs import JsonFormatter
from tests import cast
from tests.api.client import phone_of


@pytest.fixture
def lines():
    """The lines that were logged, read."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_line_is_one_line_in_utc(lines):
    nasty = 'x\n{"level": "info", "event": "sign_in.done"}\r\u2028\x1b[2J'
    logging.getLogger("lianhu.request").warning(nasty, extra={"route": nasty})
    (line,) = lines()
    assert (line["event"], line["route"], line["level"]) == (nasty, nasty, "warning")
    assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)
    assert set(line) == {"at", "level", "logger", "event", "route"}


def test_a_refusal_says_its_code_and_whose_it_was(lines, secretary_west, household, warden):
    client = cast.enter(Client(), secretary_west.id)
    assert client.get(f"/desk/households/{household.id}/").status_code == 404
    assert client.get("/desk/ledger/").status_code == 200
    phone_of(warden).get(f"parcels/{cast.WEST_GRID}")
    refused, well, phone = (line for line in lines() if line["event"] == "request")
    assert (refused["refused"], refused["who"]) == ("household.not_found", str(secretary_west.id))
    assert str(household.id) not in json.dumps(refused)
    assert "who" not in well
    assert (phone["refused"], phone["who"]) == ("place.not_found", str(warden.id))


def test_a_forged_form_and_a_throttled_try_are_logged(lines, places):
    Client(enforce_csrf_checks=True).post("/desk/sign-in/", {"username": "x", "password": "y"})
    for _ in range(6):
        Client().post("/desk/sign-in/", {"username": "x", "password": "y"})
    told = [(line["logger"], line.get("status")) for line in lines()]
    assert ("django.security.csrf", 403) in {(a, b or 403) for a, b in told}
    statuses = [status for name, status in told if name == "lianhu.request"]
    assert statuses == [403, 401, 401, 401, 401, 401, 429]


def test_a_database_that_does_not_answer_is_logged(lines, warden, monkeypatch):
    def gone(*args, **kwargs):
        raise OperationalError("connection refused: password authentication failed")

    phone = phone_of(warden)
    monkeypatch.setattr("lianhu.phone.parcels.own_grids", gone)
    assert phone.client.get("/api/phone/me", headers=phone.auth).status_code == 503
    (line,) = [line for line in lines() if line["event"] == "database"]
    assert (line["level"], line["error"]) == ("error", "OperationalError")
    assert "password" not in json.dumps(lines())
