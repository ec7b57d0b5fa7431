"""Who is served when: a request first arrives whole, then takes its turn.

A phone at the edge of the signal sends a photo's part for minutes. It may hold up a thread that
receives, of which there are many, but never one of the few that serve: Python runs one thread at
a time, so more of them only wait for each other, and each holds a connection to the database.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from django.db import connections

Request = dict[str, Any]
Application = Callable[[Request, Any], Iterable[bytes]]
# More is refused, or is a file that its page reads in pieces: such a request takes no turn.
MOST_BYTES = 2 * 1024 * 1024


class Turns:
    """A WSGI application that serves so many requests at once in this process."""

    def __init__(self, application: Application, at_once: int) -> None:
        self.application = application
        self.servers = ThreadPoolExecutor(at_once, thread_name_prefix="serve")

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
        began: list[Any] = []
        answer = self.servers.submit(
            self.application, request, lambda *told: began.append(told)
        ).result()
        start_response(*began[0])
        return _piecewise(answer) if getattr(answer, "streaming", False) else answer


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
