"""Text messages: the console only in a demo, the county's gateway by HTTP, faults in words."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from lianhu.kernel.sms import find_sms_faults, send_later, wait_until_sent


class Gateway:
    """A county's gateway on loopback: what it was sent, and how it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []
        self.status, self.location = 200, ""
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.got.append((self.headers["Authorization"], body))
                self.send_response(gateway.status)
                if gateway.location:
                    self.send_header("Location", gateway.location)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    made = Gateway()
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    settings.LIANHU_SMS, settings.LIANHU_SMS_URL = "http", made.url
    settings.LIANHU_SMS_TOKEN = "token"
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def _send(text: str = "123456") -> None:
    send_later("10012345678", text)
    wait_until_sent()


def test_send_hands_the_message_to_the_gateway(gateway: Gateway):
    _send("您的验证码")
    assert gateway.got == [("Bearer token", {"to": "10012345678", "text": "您的验证码"})]


def test_send_to_nobody_sends_nothing(gateway: Gateway):
    send_later("", "123456")
    wait_until_sent()
    assert gateway.got == []


@pytest.mark.parametrize(("status", "location"), [(500, ""), (302, "/elsewhere")])
def test_a_failure_is_logged_without_number_or_text(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, status: int, location: str
):
    gateway.status, gateway.location = status, location
    with caplog.at_level(logging.INFO):
        _send()
    assert len(gateway.got) == 1  # no redirect is followed
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    whole = " ".join(str(record.__dict__) for record in caplog.records)
    assert "123456" not in whole
    assert "10012345678" not in whole


def test_console_writes_only_in_a_demo(settings: Any, capsys: pytest.CaptureFixture[str]):
    settings.LIANHU_SMS, settings.LIANHU_DEMO = "console", False
    _send()
    assert capsys.readouterr().out == ""
    settings.LIANHU_DEMO = True
    _send()
    assert capsys.readouterr().out == "[短信] 10012345678 123456\n"


@pytest.mark.parametrize(
    ("chosen", "demo", "url", "token", "faults"),
    [
        ("", False, "", "", 0),
        ("console", True, "", "", 0),
        ("console", False, "", "", 1),
        ("pigeon", False, "", "", 1),
        ("http", False, "", "", 2),
        ("http", False, "http://sms.example/send", "x", 1),
        ("http", False, "https://sms.example/send", "", 1),
        ("http", False, "https://sms.example/send", "x", 0),
    ],
)
def test_find_sms_faults(
    settings: Any, chosen: str, demo: bool, url: str, token: str, faults: int
):
    settings.LIANHU_SMS, settings.LIANHU_DEMO = chosen, demo
    settings.LIANHU_SMS_URL, settings.LIANHU_SMS_TOKEN = url, token
    assert len(find_sms_faults()) == faults
