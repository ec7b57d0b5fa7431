"""Who is served when: a request first arrives whole, then takes its turn.

A phone at the edge of the signal sends a photo's part for minutes. It may hold up a thread that
receives, of which there are many, but never one of the few that serve: Python runs one thread at
a time, so more of them only wait for each other, and each holds a connection to the database.

A person at a page waits behind no phone: pages and phones are served by threads of their own. A
phone sends by itself and can come again: when phones would wait too long (`crowd`) they are asked
to, before anything is begun.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from typing import Any

from django.db import connections

from lianhu.kernel.errors import Refusal
from lianhu.web.crowd import Crowd
from lianhu.web.guarding import headers_of_every_answer
from lianhu.web.middleware import PROBLEM, problem
from lianhu.web.words import words_of

log = logging.getLogger("lianhu.request")
Request = dict[str, Any]
Application = Callable[[Request, Any], Iterable[bytes]]
# More is refused, or is a file that its page reads in pieces: such a request takes no turn.
MOST_BYTES = 2 * 1024 * 1024


PHONES = "/api/phone/"
PERSON_WAITS = "/api/phone/enrol"  # somebody holds the phone before the secretary's screen


class Turns:
    """A WSGI application that serves so many pages, and as many phones, at once in this process."""

    def __init__(
        self, application: Application, at_once: int, crowd: Crowd | None = None
    ) -> None:
        self.application = application
        self.crowd = crowd or Crowd(at_once)
        self.pages = ThreadPoolExecutor(at_once, thread_name_prefix="serve")
        self.phones = ThreadPoolExecutor(at_once, thread_name_prefix="phone")

    def __call__(self, request: Request, start_response: Any) -> Iterable[bytes]:
        """Take the body in, wait for a turn, and give the answer; one that is made piece by
        piece is made here, so that a slow reader holds no turn either."""
        told = request.get("CONTENT_LENGTH") or "0"
        length = int(told) if told.isascii() and told.isdecimal() else 0
        if length > MOST_BYTES:
            return _piecewise(self.application(request, start_response))
        if length and not _take_in(request, length):
            # The sender is gone; half of a form must not pass for the whole of it.
            start_response("400 Bad Request", [])
            return []
        phone = _is_phone(request)
        # Asked once the body is in: an answer to somebody who still sends is seldom read.
        if phone and (seconds := self.crowd.come()):
            return _ask_back(request, start_response, seconds)
        began: list[Any] = []
        serve, servers = (self._phone, self.phones) if phone else (self.application, self.pages)
        answer = servers.submit(serve, request, lambda *told: began.append(told)).result()
        start_response(*began[0])
        return _piecewise(answer) if getattr(answer, "streaming", False) else answer

    def _phone(self, request: Request, begin: Any) -> Iterable[bytes]:
        start = time.monotonic()
        try:
            return self.application(request, begin)
        finally:
            self.crowd.go(time.monotonic() - start)


def _is_phone(request: Request) -> bool:
    path = str(request.get("PATH_INFO", ""))
    return path.startswith(PHONES) and path != PERSON_WAITS


def _ask_back(request: Request, start_response: Any, seconds: int) -> list[bytes]:
    """503 with `Retry-After`; made without Django, for there may be hundreds a second."""
    log.info(
        "crowded",
        extra={"method": request.get("REQUEST_METHOD", ""), "status": 503, "wait_s": seconds},
    )
    body = _crowded()
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", PROBLEM),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(seconds)),
            ("Cache-Control", "no-store"),
            *headers_of_every_answer(),
        ],
    )
    return [b"" if request.get("REQUEST_METHOD") == "HEAD" else body]


@cache
def _crowded() -> bytes:
    refusal = Refusal("server.crowded")
    return bytes(problem(refusal.code, words_of(refusal), 503).content)


def _take_in(request: Request, length: int) -> bool:
    """Put the body itself in the place of the body on its way; whether all of it came."""
    try:
        body = request["wsgi.input"].read(length)
    except OSError:
        return False
    request["wsgi.input"] = BytesIO(body)
    return len(body) == length


def _piecewise(answer: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of an answer; whatever connection they needed is closed after the last."""
    try:
        yield from answer
    finally:
        if close := getattr(answer, "close", None):
            close()
        connections.close_all()
