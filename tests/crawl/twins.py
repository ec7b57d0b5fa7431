"""One county twice: with reports about an official in it, and without them.

Both live the same days by the same dice: identifiers, codes and clocks agree, so whatever the
accused and his village read must agree to the byte, and take as many queries.
"""

import random
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from lianhu.accounts.models import Session
from lianhu.phone import parcels
from tests import cast
from tests.crawl.callers import CAST, Caller, make_callers, make_resident, make_users
from tests.crawl.calls import Call, Maker
from tests.crawl.county import COUNTY, DISCIPLINE, HOME, HOME_GRID, NEAR_TOWN, VILLAGES, build
from tests.crawl.door import NOISY_HEADERS, Answer, Door, difference, plain, unnumbered
from tests.crawl.routes import Route, find_routes

BEGIN = datetime(2026, 11, 24, 9, tzinfo=cast.SHANGHAI)
# Who brings the reports and works on them, and who takes over what somebody leaves.
MORE = (
    ("officer", "county", COUNTY, DISCIPLINE, ""),
    ("checker", "county", COUNTY, f"{COUNTY}:petition", ""),
    ("clerk", "committee", HOME, f"{HOME}:committee", ""),
    ("sender", "warden", f"{HOME}01010", "", ""),
    ("heir", "member", f"{HOME}10001", "", ""),
)
IN_THE_KNOW = {"officer", "checker", "clerk", "sender"}
SERVE_AT_COUNTY = {"county"}  # of the office that gets the reports: sees those about others
ANYWHERE = Route("", (), lambda: None)
ALL = "queue=under&state=all"
UNCONCERNED = {"healthz", "api/openapi.json", "api/docs"}
ENTRY_ID = re.compile(rb"beyond=\d+")  # a place in the ledger of the whole county


class Clock:
    """The one clock and the one dice of a county."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now, self.dice = BEGIN, random.Random()
        patch.setattr(timezone, "now", lambda: self.now)
        patch.setattr(time, "time", lambda: self.now.timestamp())
        # A session shows its second factor as if for ever.
        patch.setattr(cast, "time", lambda: self.now.timestamp() + 1e9)
        patch.setattr(secrets, "randbits", lambda bits: self.dice.getrandbits(bits))
        patch.setattr(secrets, "choice", lambda signs: self.dice.choice(signs))
        patch.setattr(secrets, "randbelow", lambda most: self.dice.randrange(most))
        patch.setattr(secrets, "token_bytes", lambda size=32: self.dice.randbytes(size))
        patch.setattr(secrets, "token_hex", lambda size=32: self.dice.randbytes(size).hex())
        patch.setattr(secrets, "token_urlsafe", lambda size=32: self.dice.randbytes(size).hex())

    def set(self, now: datetime, *seed: object) -> None:
        """A moment, and dice that fall as they do for this seed."""
        self.now = now
        self.dice.seed(repr(seed))


@dataclass
class Told:
    """A report about the accused, as those know it who have to do with it."""

    id: str
    ref: str
    words: str
    by: str
    named: bool


@dataclass(frozen=True)
class Seen:
    """What somebody got for a call, without what every answer has of its own."""

    status: int
    heads: tuple[tuple[str, str], ...]
    body: bytes
    queries: int


def seen(call: Call, answer: Answer) -> Seen:
    """An answer as it is compared."""
    answer = unnumbered(answer)
    heads = sorted((k, v) for k, v in answer.headers.items() if k not in NOISY_HEADERS)
    body = ENTRY_ID.sub(b"", plain(answer.body, call))
    return Seen(answer.status, tuple(heads), body, answer.queries)


def apart(call: Call, one: Seen, other: Seen) -> str:
    """How what was seen differs, "" where it does not."""
    if one.status != other.status:
        return f"status {one.status}, without {other.status}: {call}"
    if one.heads != other.heads:
        return f"headers {one.heads}, without {other.heads}: {call}"
    if one.body != other.body:
        return f"{difference(one.body, other.body)}: {call}"
    if one.queries != other.queries:
        return f"queries {one.queries}, without {other.queries}: {call}"
    return ""


@dataclass
class World:
    """A county that lives on. `whole` is the one in which the reports are made."""

    twins: "Twins"
    whole: bool
    told: list[Told] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)  # ordinary matters, oldest first
    numbers: dict[str, int] = field(default_factory=dict)  # letters by sender
    hidden: set[str] = field(default_factory=set)  # letters that are reports

    def ask(
        self, who: str, method: str, path: str, form: dict[str, Any] | None = None, *,
        query: str = "", body: bytes = b"", kind: str = "", **headers: str,
    ) -> tuple[Call, Answer]:  # fmt: skip
        """Somebody does something, and it stays done."""
        call = make_call(
            self.twins.people[who], method, path, form, query=query, body=body, kind=kind,
            **headers,
        )  # fmt: skip
        answer = self.twins.door.send(call, keep=True)
        if answer.status >= 500:
            raise AssertionError(f"{answer.status} {call} {answer.logged[-800:].decode()}")
        return call, answer

    def number(self, who: str) -> int:
        """The next number of somebody's letters."""
        self.numbers[who] = self.numbers.get(who, 0) + 1
        return self.numbers[who]


def make_call(
    caller: Caller, method: str, path: str, form: dict[str, Any] | None = None, *,
    query: str = "", body: bytes = b"", kind: str = "", **headers: str,
) -> Call:  # fmt: skip
    """A call of no route in particular."""
    kind = kind or "application/x-www-form-urlencoded"
    if form is not None:
        body = urlencode(form).encode()
    return Call(caller, method, ANYWHERE, path, "own", query, body, kind, headers)


class Twins:
    """A small county that can be lived twice, seen by the accused and by all around him."""

    def __init__(self, seed: int, accused: str, patch: pytest.MonkeyPatch) -> None:
        self.seed, self.accused = seed, accused
        # Who sits in the office that gets the reports, or may come to sit there, reads one until it
        # names him (matters/actions/accused.py): with these every report does from the start.
        self.at_once = accused in SERVE_AT_COUNTY or seed % 2 == 1
        place = next(place for name, _, place, *_ in CAST if name == accused)
        self.of_village = place.startswith(HOME)
        self.clock = Clock(patch)
        self.clock.set(BEGIN, seed, "county")
        crowd = (*CAST, *MORE)
        self.county = build(seed, lambda county: make_users(county, crowd), now=BEGIN)
        self.people = {c.name: c for c in make_callers(self.county, crowd)}
        Session.objects.update(expire_date=BEGIN + timedelta(days=3650))
        self.routes = find_routes()
        self.door = Door()
        self.watchers = [
            name
            for name in self.people
            if name not in IN_THE_KNOW and (name == accused or name not in SERVE_AT_COUNTY)
        ]

    @property
    def official(self) -> str:
        """The id of the accused."""
        return self.people[self.accused].user

    @contextmanager
    def world(self, *, whole: bool) -> Iterator[World]:
        """A county that begins as it was built, and is given up afterwards."""
        with transaction.atomic():
            self._refresh(BEGIN)
            yield World(self, whole)
            transaction.set_rollback(True)

    def _refresh(self, now: datetime) -> None:
        """A resident's session is short: it begins again with each look."""
        self.county.now = now
        self.people["resident"] = make_resident(self.county)

    def step(self, now: datetime, *seed: object) -> None:
        """Set clock and dice for what comes next."""
        self.clock.set(now, self.seed, *seed)
        self._refresh(now)

    def look(self, calls: list[Call], now: datetime) -> list[Seen]:
        """What each call gives at a moment; nothing of it stays done."""
        found = []
        for number, call in enumerate(calls):
            parcels.forget()
            cache.clear()
            self.clock.set(now, self.seed, "look", number)
            caller = self.people[call.caller.name]  # a resident's session is new
            found.append(seen(call, self.door.send(replace(call, caller=caller))))
        return found

    def glance(self, dice: random.Random, words: str, watchers: int) -> list[Call]:
        """The pages on which something would stand first, as the accused and some others."""
        chosen = self.chosen(dice, watchers)
        calls = [call for name in chosen for call in self._pages(self.people[name], words)]
        return [*calls, *self._pages(self.people["stranger"], words)]

    def stare(self, dice: random.Random, watchers: int) -> list[Call]:
        """Every route that there is, as the accused and some others, about their own things."""
        maker = Maker(self.county, repr((self.seed, "stare")))
        maker.dice = dice
        return [
            replace(maker.make(route, self.people[name], "GET", "own"), headers={})
            for name in self.chosen(dice, watchers)
            for route in self.routes
            if route.path not in UNCONCERNED
        ]

    def chosen(self, dice: random.Random, watchers: int) -> list[str]:
        """The accused and some of those around him."""
        others = [name for name in self.watchers if name != self.accused]
        return [self.accused, *dice.sample(others, min(watchers, len(others)))]

    def pry(self, dice: random.Random, told: Told) -> list[Call]:
        """Somebody knows the number of a report, or words of it, and tries what that opens."""
        calls = []
        for name in dict.fromkeys((self.accused, dice.choice(["secretary", "town", "data"]))):
            who = self.people[name]
            page = f"/desk/matters/{told.id}/"
            calls += [
                make_call(who, "GET", page),
                make_call(who, "POST", f"{page}handle/", {"words": "看看"}),
                make_call(who, "POST", f"{page}accused/", {"accused": self.official}),
                *(
                    make_call(who, "GET", "/desk/matters/", query=f"{ALL}&words={said}")
                    for said in (told.ref, quote(told.words[:20]))
                ),
            ]
        return calls

    def _pages(self, who: Caller, words: str) -> list[Call]:
        """Where a report would stand, or be counted, if it stood anywhere."""
        calls = [
            make_call(who, "GET", path)
            for path in (
                "/",
                f"/v/{HOME}/",
                f"/t/{NEAR_TOWN}/",
                "/mine/",
                "/report/",
                "/phone/",
            )
        ]
        if who.household:
            pages = ("/mine/held/", "/mine/looked/")
            return [*calls[3:4], *(make_call(who, "GET", path) for path in pages)]
        if not who.user:
            return calls
        said = quote(words)
        calls = [calls[3]]
        if any(at for role, at in who.grants if role not in ("warden", "member", "deputy")):
            calls += [make_call(who, "GET", path, query=query) for path, query in (
                ("/desk/", ""), ("/desk/matters/", "queue=under&state=all&order=-received"),
                ("/desk/matters/", "queue=office&state=open"),
                ("/desk/matters/", "queue=under&state=ended"),
                ("/desk/matters/", f"queue=under&state=all&words={said}"),
                ("/desk/ledger/", "verb=matter"), ("/desk/ledger/", "order=oldest"),
                ("/desk/places/", ""), (f"/desk/places/{HOME}/", ""),
                (f"/desk/places/{VILLAGES[1]}/", ""),
                ("/desk/staff/", ""), (f"/desk/staff/{self.official}/", ""),
                ("/desk/letters/", ""), ("/desk/devices/", ""), ("/desk/asking/", ""),
                ("/desk/visits/", ""), ("/desk/report/", ""),
            )]  # fmt: skip
            calls += [
                make_call(who, "POST", "/desk/matters/export/", {"purpose": "check"},
                          query="queue=under&state=all"),
                make_call(who, "POST", "/desk/ledger/export/", {"purpose": "check"}),
            ]  # fmt: skip
            calls += [
                make_call(who, "GET", f"/desk/households/{home.value}/")
                for home in self.county.things["Household"]
                if home.owner.place in (HOME_GRID, f"{HOME}01010")
            ]
            if matter := self.mergeable():
                calls.append(make_call(who, "GET", f"/desk/matters/{matter}/merge/"))
        pull = b'{"have": {}, "mine": -1, "catalogue": ""}'
        json = "application/json"
        calls += [
            make_call(who, "GET", "/api/phone/me"), make_call(who, "GET", "/api/phone/mine"),
            make_call(who, "POST", "/api/phone/parcels", body=pull, kind=json),
        ]  # fmt: skip
        return calls

    def mergeable(self) -> str:
        """An ordinary matter of the village, on whose page its like is suggested."""
        for thing in self.county.things["Matter"]:
            if thing.owner.place == HOME_GRID and thing.owner.row_class == "ordinary":
                return thing.value
        return ""
