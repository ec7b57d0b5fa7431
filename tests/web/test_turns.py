"""A request takes a turn only once it is there, and keeps none while its answer is fetched."""

import threading
from io import BytesIO

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
