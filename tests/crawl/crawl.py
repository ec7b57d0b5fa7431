"""Calls the product in-process and judges every byte that comes back.

Judged are the body (unpacked, whatever it was packed in), headers and cookies, and what was
logged meanwhile. A call that names somebody else's thing is made a second time with a name of
nothing: status, words, size and the number of database queries must be the same. (Time itself is
too rough to compare call by call; the queries are what makes it differ.)

Every call runs in a transaction that is rolled back, so the county stays what it was.
"""

import gzip
import io
import logging
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.http import HttpResponseBase
from django.test import RequestFactory

from lianhu.phone import parcels
from lianhu.web.logs import JsonFormatter
from tests.crawl.callers import Caller, covers, make_callers, make_users
from tests.crawl.calls import Call, Maker
from tests.crawl.canaries import Canary
from tests.crawl.county import HOME_GRID, SPOTS, build, fill
from tests.crawl.routes import find_routes

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
NOISY_HEADERS = {"Content-Security-Policy", "Set-Cookie", "Content-Length", "ETag", "Location",
                 "Expires", "Last-Modified", "Content-Encoding"}  # fmt: skip
INPUT = re.compile(
    r"<(input|textarea|select|button)\b[^>]*?\bname=\"([^\"]+)\"[^>]*>(.*?)(?=</select>|<input|<textarea|<button|$)",
    re.S,
)
# What the holder of a follow code may read of the matter: it is the key (interfaces.md).
FOLLOWED = {("Matter", "ref"), ("Matter", "words"), ("Matter", "answer"), ("Matter", "spot"),
            ("Step", "words"), ("Matter", "score_words")}  # fmt: skip
# That the bytes of a hash have come is told to whoever can
# say the hash, so that a phone need not send a photo twice (media/queries.py); never the bytes.
# The county's and a town's public figures are of all villages; rules and places are public too.
ECHOED = 30  # signs of a long word of a search that a page says again
PUBLIC = ("v/", "t/", "healthz")
TOLD_BY_HASH = "api/phone/media/{sha256}"


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: bytes
    logged: bytes
    queries: int


@dataclass
class Finding:
    """Something that must not be."""

    what: str
    call: Call
    detail: str

    def __str__(self) -> str:
        return f"{self.what}: {self.detail}\n    {self.call}"


@dataclass
class Report:
    """What was done and found."""

    calls: int = 0
    pairs: int = 0
    by_method: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    own: int = 0  # canaries seen by those whose they are: the crawl can see
    findings: list[Finding] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The figures in one line."""
        methods = " ".join(f"{name} {count}" for name, count in sorted(self.by_method.items()))
        kinds = " ".join(
            f"{status}: {count}" for status, count in sorted(self.by_status.items())
        )
        return (
            f"{self.calls} calls, {self.pairs} pairs, {self.own} canaries seen by their own,"
            f" {len(self.findings)} findings; {methods}; {kinds}"
        )


class _Log(logging.Handler):
    """Keeps lines in the form in which production writes them."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Crawl:
    """A county with its callers, and the machine that pries."""

    def __init__(self, seed: int, shard: int = 0) -> None:
        parcels.forget()
        cache.clear()
        self.county = build(seed, make_users)
        self.callers = make_callers(self.county)
        self.routes = find_routes()
        self.maker = Maker(self.county, f"{seed}.{shard}")
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.factory = RequestFactory()
        self.report = Report()
        self.log = _Log()
        self.root = logging.getLogger()

    def __enter__(self) -> "Crawl":
        # As Django's own test client does: the end of a request closes no connection here.
        request_finished.disconnect(close_old_connections)
        self.level = self.root.level
        self.root.setLevel(logging.INFO)
        self.handlers, self.root.handlers = self.root.handlers, [self.log]
        return self

    def __exit__(self, *_: object) -> None:
        self.root.setLevel(self.level)
        self.root.handlers = self.handlers
        request_finished.connect(close_old_connections)

    def send(self, call: Call) -> Answer:
        """Make a call and take back all that it did."""
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
            transaction.set_rollback(True)
        response.close()
        self.report.calls += 1
        self.report.by_method[call.method] += 1
        self.report.by_status[response.status_code] += 1
        headers = dict(response.items())
        logged = "\n".join(self.log.lines).encode()
        cookies = response.cookies.output().encode()  # type: ignore[attr-defined]
        return Answer(
            response.status_code, headers, unpacked(body, headers), cookies, logged, count
        )

    def judge(self, call: Call) -> None:
        """Make a call, and its twin if it names what is not the caller's."""
        if call.method == "POST" and not call.route.is_api:
            self.form_of(call)
        answer = self.send(call)
        self.check(call, answer)
        if call.foreign and call.route.path != TOLD_BY_HASH:
            twin = self.maker.twin(call)
            other = self.send(twin)
            self.check(twin, other)
            self.compare(call, twin, answer, other)

    def form_of(self, call: Call) -> None:
        """Remember the fields that the page of a form shows this caller."""
        key = call.route.path, call.caller.name
        if key in self.maker.forms:
            return
        self.maker.forms[key] = []
        shown = self.send(self.maker.make(call.route, call.caller, "GET", "own"))
        if shown.status == 200:
            self.maker.forms[key] = _fields(shown.body.decode(errors="replace"))

    def check(self, call: Call, answer: Answer) -> None:
        """Note every canary that is not the caller's, any at all in a log, and a crash."""
        if answer.status >= 500:
            self.note("server error", call, f"{answer.status} {answer.logged[-300:].decode()}")
        for canary in self.county.cage.find(answer.logged).values():
            self.note("logged", call, str(canary))
        head = repr(answer.headers).encode() + answer.cookies
        for text, canary in self.county.cage.find(answer.body + b"\n" + head).items():
            if text in call.said:
                continue
            if call.caller.may_read(canary):
                self.report.own += 1
            elif not _followed(call, canary):
                self.note("foreign", call, f"{text.decode()} is {canary}; {answer.status}")

    def compare(
        self, call: Call, twin: Call, one: Answer, other: Answer, why: str = ""
    ) -> None:
        """What is out of reach answers as what is not."""
        self.report.pairs += 1
        if one.status != other.status:
            return self.note(
                f"{why}status differs", call, f"{one.status}, absent {other.status}"
            )
        heads = [
            {k: v for k, v in a.headers.items() if k not in NOISY_HEADERS} for a in (one, other)
        ]
        if heads[0] != heads[1]:
            return self.note(f"{why}headers differ", call, f"{heads}")
        left, right = plain(one.body, call), plain(other.body, twin)
        if left != right:
            return self.note(f"{why}words differ", call, _difference(left, right))
        kept = call.route.module == "lianhu.board.places"  # its figures are kept ten minutes
        if one.queries != other.queries and not kept:
            return self.note(
                f"{why}queries differ", call, f"{one.queries}, absent {other.queries}"
            )
        return None

    def grow(self) -> None:
        """Each caller's pages before and after everybody else's places hold twice as much: not a
        figure, not a size, not a query may differ."""
        for caller in self.callers:
            strange = [s for s in SPOTS if not any(covers(at, s) for _, at in caller.grants)]
            if caller.household:
                strange.remove(HOME_GRID)
            if strange:
                self._grow_around(caller, strange)

    def _grow_around(self, caller: Caller, strange: list[str]) -> None:
        calls = [
            replace(self.maker.make(route, caller, "GET", "own"), headers={}, query="")
            for route in self.routes
            if not route.path.startswith(PUBLIC)
        ]
        before = [self._anew(call) for call in calls]
        things = {table: list(rows) for table, rows in self.county.things.items()}
        with transaction.atomic():
            for grid in strange:
                fill(self.county, grid)
            for call, old in zip(calls, before, strict=True):
                self.compare(call, call, self._anew(call), old, "grown ")
            transaction.set_rollback(True)
        self.county.things = things

    def _anew(self, call: Call) -> Answer:
        """The answer made from the tables, not from memory."""
        parcels.forget()
        return self.send(call)

    def note(self, what: str, call: Call, detail: str) -> None:
        """Keep a finding."""
        self.report.findings.append(Finding(what, call, detail))

    def run(
        self, budget: int, *, part: tuple[int, int] = (0, 1), first: bool = False
    ) -> Report:
        """The plan's part, then calls by dice until `budget` is spent; `first` stops at the first
        finding."""
        number, of = part
        plan = Maker(self.county, "the plan")
        plan.forms = self.maker.forms
        for index, call in enumerate(plan.plan(self.routes, self.callers)):
            if index % of == number:
                self.judge(call)
            if (first and self.report.findings) or self.report.calls >= budget:
                return self.report
        for call in self.maker.more(self.routes, self.callers):
            if self.report.calls >= budget or (first and self.report.findings):
                return self.report
            self.judge(call)
        return self.report


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


def _difference(one: bytes, other: bytes) -> str:
    a, b = (
        one.decode(errors="replace").splitlines(),
        other.decode(errors="replace").splitlines(),
    )
    for left, right in zip(a, b, strict=False):
        if left != right:
            return f"{left.strip()[:200]!r}, absent {right.strip()[:200]!r}"
    return f"{len(a)} lines, absent {len(b)}"


def _followed(call: Call, canary: Canary) -> bool:
    """Whether the call holds the code of the matter and the column is what a code opens."""
    known = (canary.table, canary.column) in FOLLOWED and canary.owner.ref
    return bool(known) and canary.owner.ref.encode() in call.said


def _fields(page: str) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for kind, name, rest in INPUT.findall(page):
        if name == "csrfmiddlewaretoken":
            continue
        values = found.setdefault(name, [])
        if kind == "select":
            values += re.findall(r'<option[^>]*value="([^"]*)"', rest)
        elif kind == "textarea":
            values.append(rest.split("</textarea>")[0][:200])
        else:
            values.append("1")
    for tag in re.findall(r"<(?:input|button)\b[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and name[1] in found:
            found[name[1]] = [v for v in found[name[1]] if v != "1"] + [value[1]]
    return list(found.items())
