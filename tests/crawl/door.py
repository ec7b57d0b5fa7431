"""The door of the product: one call in, everything that came back of it out.

An answer is the body (unpacked, whatever it was packed in), headers and cookies, what was logged
meanwhile and how many queries it took.
"""

import gc
import gzip
import io
import logging
import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import Any

from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.http import HttpResponseBase
from django.test import RequestFactory

from lianhu.web.logs import JsonFormatter
from tests.crawl.calls import Call

# What differs from one answer to the next whoever asks.
NOISE = re.compile(
    rb'name="(?:csrfmiddlewaretoken|number|ticket|choice)" value="[^"]*"|nonce="[^"]*"'
    rb'|"server_time": ?"[^"]*"|"mark": ?\d+'
    rb'|"ref": ?"[^"]*"|<dcterms:[^>]*>[^<]*|"device_id": ?"[^"]*"|"credential": ?"[^"]*"'
    + '|密码 <b class="code">[^<]*'.encode()  # a new one each time
    # Challenges, secrets and codes on paper are made anew for every page.
    + b'|data-options="[^"]*"|<li class="code">[^<]*|<p class="code">[^<]*|<path[^>]*qrline[^>]*>'
)
# Whether packing makes a short body shorter hangs on its random identifiers; the bodies are compared
# unpacked.
FILE_NUMBER = re.compile(r"-([0-9A-Z]{10})\.xlsx")
NOISY_HEADERS = {"Content-Security-Policy", "Set-Cookie", "Content-Length", "ETag", "Location",
                 "Expires", "Last-Modified", "Content-Encoding"}  # fmt: skip
ECHOED = 30  # signs of a long word of a search that a page says again


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: bytes
    logged: bytes
    queries: int


class _Log(logging.Handler):
    """Keeps lines in the form in which production writes them."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Door:
    """Sends calls to the product in this process. Open it (`with`) before the first."""

    def __init__(self) -> None:
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.factory = RequestFactory()
        self.log = _Log()
        self.root = logging.getLogger()

    def __enter__(self) -> "Door":
        # As Django's own test client does: the end of a request closes no connection here.
        request_finished.disconnect(close_old_connections)
        self.level = self.root.level
        self.root.setLevel(logging.INFO)
        self.handlers, self.root.handlers = self.root.handlers, [self.log]
        # What stands by now stays: to look through it for garbage at every other call is a tenth
        # of the time.
        gc.collect()
        gc.freeze()
        return self

    def __exit__(self, *_: object) -> None:
        self.root.setLevel(self.level)
        self.root.handlers = self.handlers
        gc.unfreeze()
        request_finished.connect(close_old_connections)

    def send(self, call: Call, *, keep: bool = False) -> Answer:
        """Make a call, and take back all that it did unless it is to be kept."""
        asked = self.factory.generic(
            call.method, call.path, call.body, content_type=call.kind, QUERY_STRING=call.query,
            **call.caller.headers, **call.headers,
        )  # fmt: skip
        asked._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        self.log.lines.clear()
        count = 0

        def counted(execute: Any, *rest: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*rest)

        with transaction.atomic():
            with connection.execute_wrapper(counted):
                response = self.handler.get_response(asked)
                body = _body(response)
            transaction.set_rollback(not keep)
        response.close()
        headers = dict(response.items())
        logged = "\n".join(self.log.lines).encode()
        cookies = response.cookies.output().encode()  # type: ignore[attr-defined]
        return Answer(
            response.status_code, headers, unpacked(body, headers), cookies, logged, count
        )


def _body(response: HttpResponseBase) -> bytes:
    if response.streaming:
        return b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return bytes(response.content)  # type: ignore[attr-defined]


def unpacked(body: bytes, headers: dict[str, str]) -> bytes:
    """A body without its packing: gzip, a workbook's parts, the streams of a PDF."""
    if headers.get("Content-Encoding") == "gzip" and body:
        body = gzip.decompress(body)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return b"\n".join(book.read(name) for name in book.namelist())
    if body[:5] == b"%PDF-":
        return body + b"".join(_streams(body))
    return body


def _streams(body: bytes) -> list[bytes]:
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)endstream", body, re.S):
        try:
            found.append(zlib.decompressobj().decompress(part))
        except zlib.error:
            continue
    return found


def plain(body: bytes, call: Call) -> bytes:
    """A body without what every answer has of its own; a twin's with the names of its original."""
    text = NOISE.sub(b"", body)
    for name, other in call.instead:
        text = text.replace(other.encode(), name.encode())
        if len(name) > ECHOED:
            text = text.replace(other[:ECHOED].encode(), name[:ECHOED].encode())
    return text


def unnumbered(answer: Answer) -> Answer:
    """An answer without the number that each file which goes out has of its own."""
    named = answer.headers.get("Content-Disposition", "")
    found = FILE_NUMBER.search(named)
    if not found:
        return answer
    headers = answer.headers | {"Content-Disposition": named.replace(found[1], "")}
    return replace(answer, headers=headers, body=answer.body.replace(found[1].encode(), b""))


def difference(one: bytes, other: bytes) -> str:
    """The first lines of two bodies that are not the same."""
    a, b = (
        one.decode(errors="replace").splitlines(),
        other.decode(errors="replace").splitlines(),
    )
    for left, right in zip(a, b, strict=False):
        if left != right:
            return f"{left.strip()[:200]!r}, absent {right.strip()[:200]!r}"
    return f"{len(a)} lines, absent {len(b)}"
