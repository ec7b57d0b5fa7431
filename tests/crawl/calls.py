"""Calls, made of a route, a caller and an aim: one's own things, somebody else's, or none that is."""

import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tests.crawl.callers import Caller
from tests.crawl.canaries import Canary
from tests.crawl.county import COUNTY, HOME, SPOTS, VILLAGES, County, Thing
from tests.crawl.routes import KINDS, Route, fields_of, words

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
AIMS = ("own", "foreign", "absent")
CONTRACTS = Path(__file__).parents[2] / "contracts" / "letters"
LETTERS = [
    one["letter"]
    for file in sorted(CONTRACTS.glob("*.examples.json"))
    for one in json.loads(file.read_text())
    if "letter" in one
]
HEADERS = (
    {}, {}, {}, {"HTTP_HX_REQUEST": "true"}, {"HTTP_ACCEPT_ENCODING": "gzip"},
    {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_RANGE": "bytes=0-2000"},
    {"HTTP_IF_MODIFIED_SINCE": "Mon, 23 Nov 2020 00:00:00 GMT"},
    {"HTTP_X_FORWARDED_HOST": "elsewhere.example"}, {"HTTP_X_HTTP_METHOD_OVERRIDE": "GET"},
)  # fmt: skip
# Fields that name a thing, by a part of their name.
NAMES = (
    ("household", "Household"), ("home", "Household"), ("matter", "Matter"),
    ("original", "Matter"), ("into", "Matter"), ("person", "Person"), ("user", "User"),
    ("supervisor", "User"), ("photo", "Photo"), ("ref", "Ref"), ("fact", "Fact"),
    ("keep", "Person"), ("drop", "Person"),
)  # fmt: skip
PLAIN = {"page": ("1", "2"), "sure": ("1",), "purpose": ("复核", "help"), "score": ("3",),
         "export": ("xlsx", "csv"), "format": ("xlsx",), "list": ("1",),
         "before": ("999999",)}  # fmt: skip
PLACES = {"place", "under", "grid", "village", "code", "group", "town", "to"}
DAYS = re.compile(r"^(on|day|date|from|since|until|starts_on|ends_on|born_on)$")


@dataclass(frozen=True)
class Call:
    """One request. `foreign` are its parts that name what is not the caller's."""

    caller: Caller
    method: str
    route: Route
    path: str
    aim: str
    query: str = ""
    body: bytes = b""
    kind: str = "application/x-www-form-urlencoded"
    headers: dict[str, str] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    # Of a twin: what it says in the place of what.
    instead: tuple[tuple[str, str], ...] = ()

    @property
    def said(self) -> bytes:
        """All that the caller says, and so may hear again."""
        return f"{self.path}?{self.query} ".encode() + self.body

    def __str__(self) -> str:
        who = f"{self.caller.name}: {self.method} /{self.route.path} ({self.aim})"
        return f"{who} {self.path}?{self.query} {self.body[:300]!r}"


class Maker:
    """Makes calls by dice."""

    def __init__(self, county: County, seed: str) -> None:
        self.county = county
        self.dice = random.Random(seed)
        self.sorted: dict[tuple[str, str], tuple[list[Thing], list[Thing]]] = {}
        # Fields of a page as a caller was shown them: see Crawl.form_of.
        self.forms: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}

    def things(self, caller: Caller, table: str) -> tuple[list[Thing], list[Thing]]:
        """The things of a table that are the caller's, and the others."""
        key = caller.name, table
        if key not in self.sorted:
            own: list[Thing] = []
            other: list[Thing] = []
            for thing in self.county.things.get(table, ()):
                mine = caller.may_read(Canary(thing.owner, thing.table, "id"))
                (own if mine else other).append(thing)
            self.sorted[key] = own, other
        return self.sorted[key]

    def make(self, route: Route, caller: Caller, method: str, aim: str) -> Call:
        """A call of a route, aimed."""
        foreign: list[str] = []
        values = {name: self.value(name, route, caller, aim, foreign) for name in route.names}
        path = "/" + route.path.format(**values).replace("\\", "")
        call = Call(caller, method, route, path, aim, headers=dict(self.dice.choice(HEADERS)))
        query = self.query(route, caller, aim, foreign)
        body, kind = b"", call.kind
        if method in ("POST", "PUT", "PATCH"):
            body, kind = self.body(route, caller, aim, foreign)
        return replace(call, query=query, body=body, kind=kind, foreign=tuple(set(foreign)))

    def value(
        self, name: str, route: Route, caller: Caller, aim: str, foreign: list[str]
    ) -> str:
        """What stands in the address for a parameter."""
        kind = KINDS[name]
        if kind == "=place":
            return self.place(caller, aim, route.path)
        if kind == "=grid":
            return self.dice.choice(
                [s for s in SPOTS if aim == "foreign" or s.startswith(HOME)]
            )
        if kind == "=word":
            return self.dice.choice([*words(route.module), *words("lianhu.desk.steps")])
        if kind == "=rest":
            return "matters"
        if aim == "absent":
            return self.absent(kind)
        return self.thing(caller, kind, aim, foreign)

    def thing(self, caller: Caller, table: str, aim: str, foreign: list[str]) -> str:
        """A thing of a table: the caller's own, or another's (then noted), or none."""
        own, other = self.things(caller, table)
        if aim == "own" and own:
            return self.dice.choice(own).value
        if not other:
            return self.absent(table)
        value = self.dice.choice(other).value
        if table != "Ref":  # whoever holds a follow code may follow: it is a key, not a name
            foreign.append(value)
        return value

    def absent(self, table: str) -> str:
        """An identifier of nothing, in the form of a table's."""
        if table == "Photo":
            return f"{self.dice.getrandbits(256):064x}"
        if table == "Ref":
            return "".join(self.dice.choice("ABCDEFGHJKMN23456789") for _ in range(10))
        return str(UUID(int=self.dice.getrandbits(128), version=4))

    def place(self, caller: Caller, aim: str, path: str = "") -> str:
        """The code of a place, of the level that the address wants."""
        own = [at for _, at in caller.grants] or [HOME]
        codes = own if aim == "own" else [*VILLAGES, *SPOTS, COUNTY]
        length = 12 if path.startswith("v/") else 9 if path.startswith("t/") else 0
        code = self.dice.choice(codes)
        return code.ljust(length, "0")[:length] if length else code

    def query(self, route: Route, caller: Caller, aim: str, foreign: list[str]) -> str:
        """Filters and searches by what the module reads, some with others' words."""
        names = fields_of(route.module)
        if not names or self.dice.random() < 0.35:
            return ""
        chosen = self.dice.sample(names, min(len(names), self.dice.randint(1, 3)))
        return _encoded([(name, self.guess(name, caller, aim, foreign)) for name in chosen])

    def guess(self, name: str, caller: Caller, aim: str, foreign: list[str]) -> str:
        """A value for a field, by its name."""
        if name in PLAIN:
            return self.dice.choice(PLAIN[name])
        if DAYS.match(name):
            return self.county.today.isoformat()
        if name in PLACES:
            return self.place(caller, self.dice.choice(AIMS[:2]))
        for part, table in NAMES:
            if part in name and self.dice.random() < 0.8:
                return self.thing(caller, table, aim, foreign)
        return self.handle(caller, foreign)

    def handle(self, caller: Caller, foreign: list[str]) -> str:
        """Half of a word of somebody else's: enough to find the row by, not to know it."""
        cage = self.county.cage
        words = cage.sought if self.dice.random() < 0.5 else cage.handles
        for _ in range(20):
            text, owner = self.dice.choice(words)
            if not caller.may_read(Canary(owner, "Matter", "words")) and not caller.may_read(
                Canary(owner, "Person", "name")
            ):
                foreign.append(text)
                return text
        return "环境"

    def body(
        self, route: Route, caller: Caller, aim: str, foreign: list[str]
    ) -> tuple[bytes, str]:
        """A form with the fields of its page, or a guess; JSON for a phone."""
        if route.is_api:
            if "media" in route.path:
                return b"\xff\xd8no photo", "application/octet-stream"
            return json.dumps(
                self.json(route, caller, aim, foreign)
            ).encode(), "application/json"
        known = self.forms.get((route.path, caller.name), [])
        pairs = [(name, self.dice.choice(values)) for name, values in known if values]
        names = [name for name, _ in known] or list(fields_of(route.module))
        for name in self.dice.sample(names, min(len(names), self.dice.randint(0, 4))):
            value = self.guess(name, caller, aim, foreign)
            pairs = [pair for pair in pairs if pair[0] != name] + [(name, value)]
        return _encoded(pairs).encode(), "application/x-www-form-urlencoded"

    def json(self, route: Route, caller: Caller, aim: str, foreign: list[str]) -> Any:
        """What a phone sends."""
        if route.path.endswith("parcels"):
            grids = self.dice.sample(SPOTS, 3)
            return {"have": dict.fromkeys(grids, 0), "mine": 0, "catalogue": ""}
        if route.path.endswith("enrol"):
            return {"token": self.absent("Photo"), "device_name": "手机"}
        if not route.path.endswith("letters"):
            return {n: self.guess(n, caller, aim, foreign) for n in fields_of(route.module)}
        return {
            "letters": [
                self.letter(caller, aim, foreign) for _ in range(self.dice.randint(1, 3))
            ]
        }

    def letter(self, caller: Caller, aim: str, foreign: list[str]) -> dict[str, Any]:
        """A letter after the contracts, about others' households and matters."""
        text = json.loads(json.dumps(self.dice.choice(LETTERS)))
        if not isinstance(text, dict) or not isinstance(text.get("body"), dict):
            text = {"kind": "x/1", "body": {}}
        text["place"] = self.place(caller, self.dice.choice(AIMS[:2]))
        text["captured_at"] = self.county.now.isoformat()
        for name, table in (("household_id", "Household"), ("matter_id", "Matter"), ("ref", "Ref"),
                            ("person_id", "Person")):  # fmt: skip
            if name in text["body"]:
                text["body"][name] = self.thing(caller, table, aim, foreign)
        said = json.dumps(text)
        key = str(UUID(int=self.dice.getrandbits(128) & ~(0xF << 76) | 0x7 << 76))
        return {"id": key, "sha256": _sha256(said), "text": said, "media": []}

    def twin(self, call: Call) -> Call:
        """The same call about nothing that is: every foreign name replaced by an absent one."""
        path, query, body = call.path, call.query, call.body.decode("latin-1")
        said = [(text, self.like(text)) for text in sorted(call.foreign)]
        for text, other in said:
            path, query, body = (part.replace(text, other) for part in (path, query, body))
        if call.route.path.endswith("letters"):
            content = json.loads(body)
            for letter in content["letters"]:
                before, letter["sha256"] = letter["sha256"], _sha256(letter["text"])
                said.append((before, letter["sha256"]))
            body = json.dumps(content)
        return replace(
            call, path=path, query=query, body=body.encode("latin-1"), aim="twin",
            instead=tuple(said),
        )  # fmt: skip

    def like(self, text: str) -> str:
        """Something of the same form that is nowhere."""
        if len(text) == 64:
            return self.absent("Photo")
        if len(text) == 36:
            return self.absent("")
        return "".join(self.dice.choice("ABCDEFGHJKM23456789") for _ in text)

    def plan(
        self, routes: list[Route], callers: list[Caller], part: tuple[int, int] = (0, 1)
    ) -> Iterator[Call]:
        """Every route as every caller with every method, about every kind of thing; of several
        parts the one of that number."""
        number, of = part
        todo = [
            (route, caller, method, aim)
            for route in routes
            for caller in callers
            for method in METHODS
            for aim in (AIMS if method in ("GET", "POST") else AIMS[1:2])
        ]
        self.dice.shuffle(todo)
        for one in todo[number::of]:
            yield self.make(*one)

    def more(self, routes: list[Route], callers: list[Caller]) -> Iterator[Call]:
        """Calls by dice, without end; those that name things more often."""
        weights = [1 + 2 * len(route.names) + bool(fields_of(route.module)) for route in routes]
        while True:
            route = self.dice.choices(routes, weights)[0]
            method = self.dice.choices(METHODS, (50, 38, 4, 2, 2, 2, 2))[0]
            aim = self.dice.choices(AIMS, (35, 50, 15))[0]
            yield self.make(route, self.dice.choice(callers), method, aim)


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
