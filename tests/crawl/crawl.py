"""Calls the product in-process and judges every byte that comes back.

Judged are the body (unpacked, whatever it was packed in), headers and cookies, and what was
logged meanwhile. A call that names somebody else's thing is made a second time with a name of
nothing: status, words, size and the number of database queries must be the same. (Time itself is
too rough to compare call by call; the queries are what makes it differ.)

Every call runs in a transaction that is rolled back, so the county stays what it was.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from html import unescape

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from lianhu.phone import parcels
from tests.crawl.callers import Caller, covers, make_callers, make_users
from tests.crawl.calls import Call, Maker
from tests.crawl.canaries import Canary
from tests.crawl.county import HOME_GRID, SPOTS, build, fill
from tests.crawl.door import NOISY_HEADERS, Answer, Door, difference, plain, unnumbered
from tests.crawl.routes import find_routes

TAG = re.compile(r"<(input|textarea|select|button|option)\b([^>]*)>")
NAME, VALUE = re.compile(r'\bname="([^"]+)"'), re.compile(r'\bvalue="([^"]+)"')
NO_SUCH_METHOD = 405
FILLED = (200, 422)  # a page with a form, or with the form once more and what was wrong
# What the holder of a follow code may read of the matter: it is the key (interfaces.md).
FOLLOWED = {("Matter", "ref"), ("Matter", "words"), ("Matter", "answer"), ("Matter", "spot"),
            ("Step", "words"), ("Matter", "score_words")}  # fmt: skip
# That the bytes of a hash have come is told to whoever can
# say the hash, so that a phone need not send a photo twice (media/queries.py); never the bytes.
# The county's and a town's public figures are of all villages; rules and places are public too.
PUBLIC = ("v/", "t/", "healthz")
TOLD_BY_HASH = "api/phone/media/{sha256}"


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


class Crawl:
    """A county with its callers, and the machine that pries."""

    def __init__(self, seed: int, shard: int = 0) -> None:
        parcels.forget()
        cache.clear()
        self.county = build(seed, make_users)
        self.callers = make_callers(self.county)
        self.routes = find_routes()
        self.maker = Maker(self.county, f"{seed}.{shard}")
        self.door = Door()
        self.report = Report()

    def __enter__(self) -> "Crawl":
        self.door.__enter__()
        # One moment for all calls: two that are compared shall not lie in two minutes.
        self.now, timezone.now = timezone.now, lambda: self.county.now
        return self

    def __exit__(self, *_: object) -> None:
        timezone.now = self.now
        self.door.__exit__()

    def send(self, call: Call) -> Answer:
        """Make a call, take back all that it did, and count it."""
        answer = self.door.send(call)
        self.report.calls += 1
        self.report.by_method[call.method] += 1
        self.report.by_status[answer.status] += 1
        return answer

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
        """Remember the fields that the page of a form shows this caller; where there is no page,
        those that a form sent empty asks for."""
        key = call.route.path, call.caller.name
        if key in self.maker.forms:
            return
        self.maker.forms[key] = []
        asked = self.maker.make(call.route, call.caller, "GET", "own")
        shown = self.send(asked)
        if shown.status == NO_SUCH_METHOD:
            shown = self.send(replace(asked, method="POST", headers={}))
        if shown.status in FILLED:
            self.maker.forms[key] = fields(shown.body.decode(errors="replace"))

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
        one, other = unnumbered(one), unnumbered(other)
        heads = [
            {k: v for k, v in a.headers.items() if k not in NOISY_HEADERS} for a in (one, other)
        ]
        if heads[0] != heads[1]:
            return self.note(f"{why}headers differ", call, f"{heads}")
        left, right = plain(one.body, call), plain(other.body, twin)
        if left != right:
            return self.note(f"{why}words differ", call, difference(left, right))
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
        plan = Maker(self.county, "the plan")
        plan.forms = self.maker.forms
        for call in plan.plan(self.routes, self.callers, part):
            self.judge(call)
            if (first and self.report.findings) or self.report.calls >= budget:
                return self.report
        for call in self.maker.more(self.routes, self.callers):
            if self.report.calls >= budget or (first and self.report.findings):
                return self.report
            self.judge(call)
        return self.report


def _followed(call: Call, canary: Canary) -> bool:
    """Whether the call holds the code of the matter and the column is what a code opens."""
    known = (canary.table, canary.column) in FOLLOWED and canary.owner.ref
    return bool(known) and canary.owner.ref.encode() in call.said


def fields(page: str) -> list[tuple[str, list[str]]]:
    """The fields of all forms of a page, each with the values that stand there to choose from."""
    found: dict[str, list[str]] = {}
    chosen: list[str] = []
    for tag in TAG.finditer(page):
        kind, inside = tag.groups()
        name, value = NAME.search(inside), VALUE.search(inside)
        if kind == "option":
            chosen.append(unescape(value[1]) if value else "")
            continue
        if not name or name[1] == "csrfmiddlewaretoken":
            chosen = []  # of a field that nobody fills
            continue
        values = found.setdefault(name[1], [])
        if kind == "select":
            chosen = values
        elif kind == "textarea":
            values.append(page[tag.end() : page.find("</textarea>", tag.end())][:200])
        else:
            values.append(unescape(value[1]) if value else "1")
    return list(found.items())
