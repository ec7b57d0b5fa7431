"""From outside: forged addresses and hosts, what pages and logs give away when things go wrong."""

import io
import errno
import json
import logging

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from lianhu.web.actor import address_of
from lianhu.web.checks import find_faults
from lianhu.web.logs import JsonFormatter
from lianhu.web.middleware import problem
from tests import cast
from tests.api.client import phone_of, problem_of
from tests.letters.helpers import REPORT, incoming, text_of

SECRET = "金丝雀刘武林13812345678"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "10.1.1.1"),
        (0, "1.2.3.4", "10.1.1.1"),  # nobody may name his own address
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),  # only what our own proxy wrote
        (1, "6.6.6.6,7.7.7.7 , 1.2.3.4 ", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 5.5.5.5", "1.2.3.4"),
        (2, "1.2.3.4", "10.1.1.1"),
        (1, "", "10.1.1.1"),
    ],
)
def test_address_of_believes_only_the_countys_own_proxies(proxies, forwarded, address):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.1.1.1")
    assert address_of(request, proxies) == address


def test_a_forged_address_does_not_get_around_the_throttle(places):
    client = Client()
    codes = [
        client.post(
            "/api/phone/enrol",
            json.dumps({"token": "x", "device_name": "y"}),
            content_type="application/json",
            headers={"X-Forwarded-For": f"1.2.3.{n}"},
        ).status_code
        for n in range(31)
    ]
    assert codes == [401] * 30 + [429]


@pytest.mark.parametrize("path", ["/api/phone/me", "/desk/sign-in/", "/"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1@evil.example", "a b", "evil.example:80"]
)
def test_an_unknown_host_gets_nothing(db, path, host):
    response = Client(raise_request_exception=False).get(path, headers={"Host": host})
    if path.startswith("/api/phone"):
        return  # signed out before anybody asks for the host: covered in tests/api
    assert response.status_code in {301, 400}
    assert b"evil" not in response.content


def test_a_crash_gives_nothing_away(warden, monkeypatch):
    def crash(*args, **kwargs):
        raise ZeroDivisionError(SECRET)

    phone = phone_of(warden)
    monkeypatch.setattr("lianhu.phone.parcels.own_grids", crash)
    response = phone.client.get("/api/phone/me", headers=phone.auth)
    assert problem_of(response) == (500, "server.crashed")
    assert SECRET not in response.content.decode()
    assert "Traceback" not in response.content.decode()
    assert "own_grids" not in response.content.decode()


@pytest.mark.parametrize(
    "trouble", [OperationalError("database is locked"), OSError(errno.ENOSPC, "full")]
)
def test_what_cannot_be_written_now_is_503_and_try_again(warden, monkeypatch, trouble):
    def locked(*args, **kwargs):
        raise trouble

    phone = phone_of(warden)
    monkeypatch.setattr("lianhu.phone.api.receive", locked)
    body = {"letters": [{"id": str(cast.EXAMPLE_HOUSEHOLD), "sha256": "a" * 64, "text": "x"}]}
    response = phone.client.post(
        "/api/phone/letters",
        json.dumps(body),
        content_type="application/json",
        headers=phone.auth,
    )
    assert problem_of(response) == (503, "server.busy")
    assert response["Retry-After"] == "5"


@pytest.fixture
def lines():
    """Everything that is logged in the form in which the server logs it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_log_line_of_a_journey_holds_anything_personal(
    warden, household, monkeypatch, lines
):
    phone = phone_of(warden)
    phone.letters(
        incoming(text_of(**(REPORT | {"words": SECRET}))),
        incoming(SECRET),
        incoming(text_of(place=cast.WEST_GRID, **(REPORT | {"words": SECRET}))),
    )
    phone.post("parcels", {"have": {}})
    phone.get("nothing")
    phone.post("enrol", {"token": SECRET, "device_name": SECRET})
    phone.client.get(f"/follow/{SECRET}/", {"words": SECRET})
    phone.client.post("/desk/sign-in/", {"username": SECRET, "password": SECRET})

    def crash(*args, **kwargs):
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("lianhu.phone.parcels.own_grids", crash)
    phone.client.get("/api/phone/me", headers=phone.auth)
    text = lines.getvalue()
    assert '"event": "request"' in text
    assert "ZeroDivisionError" in text
    for secret in (
        SECRET,
        "金丝雀",
        "13812345678",
        "刘武林",
        "陈户长",
        phone.auth["Authorization"],
    ):
        assert secret not in text
    for line in text.splitlines():
        json.loads(line)


def test_problem_documents_are_rfc_9457():
    body = json.loads(problem("a.b", "不对", 422, field="x").content)
    assert body == {
        "type": "urn:lianhu:a.b", "title": "不对", "status": 422, "code": "a.b", "field": "x",
    }  # fmt: skip


def test_check_names_what_is_unsafe(db, settings, tmp_path):
    settings.SECRET_KEY = "short"
    settings.LIANHU_KEYS = tmp_path / "none.json"
    settings.ALLOWED_HOSTS = ["*"]
    words = "".join(find_faults())
    assert ("LIANHU_SECRET_KEY" in words, "lianhu keys" in words, "LIANHU_HOSTS" in words) == (
        True, True, True,
    )  # fmt: skip


def test_healthz_says_whether_the_database_answers(db, client):
    assert client.get("/healthz").json() == {"ok": True}


def test_pages_behind_the_door_lead_to_sign_in(db, client):
    response = client.get("/desk/")
    assert response.status_code == 302
    assert response["Location"].startswith("/desk/sign-in/?next=")


def test_a_nul_in_an_address_is_refused(warden):
    phone = phone_of(warden)
    for path in ("/desk/?words=%00", "/v/%00/", "/api/phone/parcels/%00", "/follow/%00/"):
        assert phone.client.get(path, headers=phone.auth).status_code in {302, 400, 404}


def test_a_crash_leaves_no_follow_code_in_the_log(places, monkeypatch):
    def crash(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("lianhu.board.following.read_public", crash)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    try:
        Client(raise_request_exception=False).get("/follow/ABCDE12345/")
    finally:
        logging.getLogger().removeHandler(handler)
    assert "ZeroDivisionError" in stream.getvalue()
    assert "ABCDE12345" not in stream.getvalue()
