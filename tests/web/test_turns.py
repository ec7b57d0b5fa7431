"""A request takes a turn only once it is there, and keeps none while its answer is fetched."""

import contextlib
import json
import threading
import time
from io import BytesIO

import pytest

from lianhu.web.crowd import Crowd
from lianhu.web.turns import MOST_BYTES, Turns

PATIENCE = 30


class _Slow:
    """A body that comes when its sender finds a signal."""

    def __init__(self, body: bytes) -> None:
        self.body, self.signal, self.asked = body, threading.Event(), threading.Event()

    def read(self, length: int) -> bytes:
        self.asked.set()
        assert self.signal.wait(PATIENCE)
        return self.body


class _Streamed(list):
    streaming = True
    closed = False

    def close(self) -> None:
        self.closed = True


def _echo(environ, start_response):
    start_response("200 OK", [("X-Thread", threading.current_thread().name)])
    return [environ["wsgi.input"].read()]


def _ask(turns, body=b"", stream=None, told=None):
    """Status, name of the thread that served, and the body of one request."""
    began = []
    length = str(len(body) if told is None else told)
    environ = {"CONTENT_LENGTH": length, "wsgi.input": stream or BytesIO(body)}
    answer = turns(environ, lambda *told: began.append(told))
    status, headers = began[0]
    return status, dict(headers).get("X-Thread", ""), b"".join(answer)


def test_a_body_on_its_way_holds_no_turn():
    turns = Turns(_echo, 1)
    slow, found = _Slow(b"late"), []
    upload = threading.Thread(target=lambda: found.append(_ask(turns, b"late", slow)))
    upload.start()
    assert slow.asked.wait(PATIENCE)
    assert _ask(turns, b"quick")[2] == b"quick"
    slow.signal.set()
    upload.join(PATIENCE)
    assert found[0][2] == b"late"


def test_requests_are_served_by_so_many_threads():
    turns = Turns(_echo, 1)
    assert {_ask(turns, b"x")[1] for _ in range(3)} == {"serve_0"}


def test_a_body_that_breaks_off_is_not_served():
    asked = []
    turns = Turns(lambda *request: asked.append(request), 1)
    assert _ask(turns, b"half", told=8) == ("400 Bad Request", "", b"")

    class Broken:
        def read(self, length):
            raise ConnectionResetError

    assert _ask(turns, stream=Broken(), told=8)[0] == "400 Bad Request"
    assert asked == []


def test_a_body_too_large_to_keep_is_read_without_a_turn():
    here = threading.current_thread().name
    assert _ask(Turns(_echo, 1), b"x" * (MOST_BYTES + 1))[1] == here
    assert _ask(Turns(_echo, 1), b"x" * MOST_BYTES)[1] == "serve_0"


def test_a_streamed_answer_is_closed_after_its_last_piece():
    made = _Streamed([b"a", b"b"])

    def stream(environ, start_response):
        start_response("200 OK", [])
        return made

    answer = Turns(stream, 1)({"wsgi.input": BytesIO()}, lambda *told: None)
    assert next(iter(answer)) == b"a"
    assert not made.closed
    assert b"".join(answer) == b"b"
    assert made.closed


def test_a_crash_of_the_application_reaches_the_server():
    def crash(environ, start_response):
        raise ZeroDivisionError

    try:
        _ask(Turns(crash, 1))
    except ZeroDivisionError:
        return
    raise AssertionError


LETTERS = {"PATH_INFO": "/api/phone/letters", "REQUEST_METHOD": "POST"}
DESK = {"PATH_INFO": "/desk/", "REQUEST_METHOD": "GET"}
BOUNDS = {
    "longest_wait_s": 60, "always": 2, "most": 3, "soonest_s": 5, "latest_s": 60,
    "remembered_s": 30,
}  # fmt: skip


class _Office:
    """Serves one phone and one page at a time, a phone only when told to; notes whom it served."""

    def __init__(self):
        self.begun, self.going, self.served = threading.Event(), threading.Event(), []
        self.turns = Turns(self._serve, 1, Crowd(1, BOUNDS))
        self.threads, self.answers = [], {}

    def _serve(self, environ, start_response):
        self.begun.set()
        assert environ.get("at_once") or self.going.wait(PATIENCE)
        self.served.append(environ["name"])
        if environ.get("crash"):
            raise ZeroDivisionError
        start_response("200 OK", [])
        return [b"kept"]

    def ask(self, name, head, **more):
        """Ask and wait for the answer."""
        began = []
        environ = {"wsgi.input": BytesIO(), "name": name} | head | more
        answer = self.turns(environ, lambda *told: began.append(told))
        self.answers[name] = (began[0][0], dict(began[0][1]), b"".join(answer))
        return self.answers[name]

    def queue(self, name, head, **more):
        """Ask from a thread; back once it waits for its turn."""
        waiting = len(self.threads)
        thread = threading.Thread(target=self._ask_quietly, args=(name, head), kwargs=more)
        thread.start()
        self.threads.append(thread)
        assert self.begun.wait(PATIENCE)
        until = time.monotonic() + PATIENCE
        while self.turns.crowd.here <= waiting:
            assert time.monotonic() < until
            time.sleep(0.001)

    def _ask_quietly(self, name, head, **more):
        with contextlib.suppress(ZeroDivisionError):
            self.ask(name, head, **more)

    def finish(self):
        self.going.set()
        for thread in self.threads:
            thread.join(PATIENCE)


@pytest.fixture
def office():
    made = _Office()
    yield made
    made.finish()


def test_a_phone_too_many_is_asked_back_and_nothing_of_it_is_begun(office):
    for name in ("a", "b", "c"):
        office.queue(name, LETTERS)
    status, headers, body = office.ask("too many", LETTERS)
    assert status == "503 Service Unavailable"
    assert headers["Content-Type"] == "application/problem+json"
    assert 5 <= int(headers["Retry-After"]) <= 60
    assert int(headers["Content-Length"]) == len(body)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert json.loads(body) == {
        "type": "urn:lianhu:server.crowded", "status": 503, "code": "server.crowded",
        "title": "送信的手机太多，要排队；写下的都还在手机里，过一会儿手机自己再送。",
    }  # fmt: skip
    office.finish()
    assert sorted(office.served) == ["a", "b", "c"]
    assert office.ask("again", LETTERS)[0] == "200 OK"


def test_a_head_request_too_many_gets_no_body(office):
    for name in ("a", "b", "c"):
        office.queue(name, LETTERS)
    head = LETTERS | {"REQUEST_METHOD": "HEAD"}
    assert office.ask("too many", head)[::2] == ("503 Service Unavailable", b"")


def test_the_desk_and_an_enrolment_are_served_while_phones_wait(office):
    for name in ("a", "b", "c"):
        office.queue(name, LETTERS)
    enrol = LETTERS | {"PATH_INFO": "/api/phone/enrol"}
    for name, head in (("desk", DESK), ("enrol", enrol)):
        assert office.ask(name, head | {"at_once": True})[0] == "200 OK"
    assert office.served == ["desk", "enrol"]
    office.finish()
    assert sorted(office.served[2:]) == ["a", "b", "c"]


def test_a_crash_leaves_no_phone_counted(office):
    for name in ("a", "b", "c"):
        office.queue(name, LETTERS, crash=True)
    office.finish()
    assert sorted(office.served) == ["a", "b", "c"]
    assert office.answers == {}
    assert office.turns.crowd.here == 0
