"""One attack: a county, phones at work, trouble by seed; then quiet, and the invariants."""

import random
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.faults.county import County
from tests.faults.invariants import Seen, check
from tests.faults.mutants import MUTANTS
from tests.faults.phones import Phone, bundle, photo
from tests.faults.proxy import FAULTS, Proxy
from tests.faults.report import Report

# The app of tomorrow: its outbox has one index more.
UPGRADE = (
    "outbox/db.ts",
    "this.version(3).stores({});",
    'this.version(3).stores({});\n    this.version(4).stores({ waiting: "id, seq, kind" });',
)
ALL = (
    "kill_server", "kill_worker", "freeze", "fill_disk", "kill_database", "kill_phone", "clock",
    "reassign", "revoke", "upgrade",
)  # fmt: skip
HUNTS = (
    "kill_server",
    "freeze",
    "kill_phone",
    "clock",
    "reassign",
)  # all that bugs are hunted with
QUIET = 60  # seconds that the queues have to drain
DAYS = 400


class Attack:
    """Runs one; use `run`."""

    def __init__(
        self,
        kind: str,
        seed: int,
        *,
        seconds: float,
        phones: int = 6,
        nemesis: tuple[str, ...] = ALL,
        mutant: str = "",
        worse: float = 1,
        photos: float = 0.15,
    ) -> None:
        # One source of chance for each thread: what it does follows from the seed alone.
        self.writing, self.working, self.choice = (
            random.Random(f"{part} {seed}") for part in ("writing", "working", "breaking")
        )
        self.seconds, self.nemesis = seconds, nemesis
        self.photos = photos
        self.faults = {fault: share * worse for fault, share in FAULTS.items()}
        self.report = Report(kind, seed, mutant)
        self.folder = Path(tempfile.mkdtemp(prefix="lianhu-faults-"))
        self.county = County(kind, self.folder / "county", mutant)
        changes = MUTANTS[mutant].phone if mutant else ()
        upgraded = MUTANTS[mutant].upgraded if mutant else ()
        self.apps = [
            bundle(self.folder / "app1.mjs", *changes),
            bundle(self.folder / "app2.mjs", *changes, UPGRADE, *upgraded),
        ]
        self.count = phones
        self.phones: dict[str, Phone] = {}
        self.kinds: dict[int, tuple[str, str]] = {}  # number: kind of letter, place
        self.grids: dict[str, str] = {}  # phone: its grid now
        self.skewed: set[str] = set()
        self.samples: list[tuple[str, str, dict[str, int]]] = []
        self.ending = threading.Event()
        self.watched = threading.Event()  # cleared while the server is meant to be down
        self.office = threading.Lock()
        self.number = 0
        self.watcher: threading.Thread | None = None

    def run(self) -> Report:
        """The whole attack."""
        began = time.monotonic()
        try:
            self._begin()
            self._trouble()
            seen = self._quiet()
            self.report.broken = check(seen)
        finally:
            self.ending.set()
            if self.watcher is not None:
                self.watcher.join(60)
            for phone in self.phones.values():
                phone.close()
            self.county.close()
            self.proxy.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
        self.report.seconds = time.monotonic() - began
        return self.report

    def _begin(self) -> None:
        self.seeds = self.county.seed(self.count)
        self.proxy = Proxy(self.county.port, self.report.seed, self.faults, quiet=True)
        self.proxy.start()
        self.county.start()
        self.county.wait()
        self.watched.set()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()
        self.users: dict[str, str] = {}
        for number, (user, grid) in enumerate(self.seeds["people"]):
            phone = Phone(f"phone{number}", self.folder, self.apps[0], self.proxy.port)
            self.phones[phone.name], self.users[phone.name] = phone, user
            self.grids[phone.name] = grid
            phone.start()
            phone.wait("up")
            phone.enrol(self.county.office("token", user))
        self.proxy.quiet = False

    def _watch(self) -> None:
        """What systemd does: a server that ended is started again."""
        while not self.ending.is_set():
            time.sleep(0.3)
            server = self.county.server
            if self.watched.is_set() and server is not None and server.poll() is not None:
                self.county.start()
                self.report.counts["restarts"] += 1

    def _trouble(self) -> None:
        """Phones write, the office works, and things break, until the time is over."""
        until = time.monotonic() + self.seconds
        helpers = [
            threading.Thread(target=self._write_on, args=(until,), daemon=True),
            threading.Thread(target=self._work, args=(until,), daemon=True),
        ]
        for helper in helpers:
            helper.start()
        # In this thread: a PostgreSQL ends with the thread that started it.
        self._break(until)
        for helper in helpers:
            helper.join(180)

    def _write_on(self, until: float) -> None:
        while time.monotonic() < until:
            self._write()
            time.sleep(self.writing.uniform(0.02, 0.12))

    def _write(self) -> None:
        """One letter on one phone: mostly a report, now and then one that will be refused."""
        name = self.writing.choice(sorted(self.phones))
        phone, grid, roll = self.phones[name], self.grids[name], self.writing.random()
        self.number += 1
        number = self.number
        if roll < 0.12:
            home = self.writing.choice(self.seeds["homes"]["61092110720001001"])
            body = {"household_id": home, "on": "2026-11-20", "duties": ["policy"]}
            self.kinds[number] = ("foreign", grid)
            phone.ask("save", n=number, kind="visit.record/1", place=grid, body=body)
            return
        self._report(
            name, number, **({"photo": photo(number)} if roll > 1 - self.photos else {})
        )

    def _report(self, name: str, number: int, **more: str) -> None:
        grid = self.grids[name]
        self.kinds[number] = ("report", grid)
        self.phones[name].ask(
            "save", n=number, place=grid, words=f"第 {number} 件：水沟堵了", **more
        )

    def _work(self, until: float) -> None:
        while time.monotonic() < until:
            with self.office:
                self.county.office(
                    "work",
                    self.seeds["secretary"],
                    self.seeds["town"],
                    self.working.randrange(10**6),
                )
            self.report.counts["office steps"] += 1
            time.sleep(0.4)

    def _break(self, until: float) -> None:
        """One trouble after the other."""
        time.sleep(1)
        while time.monotonic() < until:
            what = self.choice.choice(self.nemesis)
            if what == "kill_database" and self.county.kind == "sqlite":
                what = "kill_server"
            getattr(self, f"_{what}")()
            self.report.counts[what] += 1
            self._sample()
            time.sleep(self.choice.uniform(0.3, 1.2))

    def _one(self) -> Phone:
        return self.phones[self.choice.choice(sorted(self.phones))]

    def _sample(self) -> None:
        """The versions on one phone, for I5."""
        phone = self._one()
        try:
            phone.ask("tell", n=1)
            told = phone.wait("told", 3)
        except TimeoutError:
            return
        self.samples.append(
            (
                phone.name,
                told["pulled"] or "",
                {p["grid"]: p["version"] for p in told["parcels"]},
            )
        )

    def _kill_server(self) -> None:
        self.county.kill_all()

    def _kill_worker(self) -> None:
        self.county.kill_worker(self.choice)

    def _freeze(self) -> None:
        self.county.freeze(self.choice.uniform(0.5, 2))

    def _fill_disk(self) -> None:
        self.county.fill_disk(self.choice.uniform(0.5, 3))

    def _kill_database(self) -> None:
        self.county.kill_database()

    def _kill_phone(self) -> None:
        phone = self._one()
        phone.kill()
        phone.start()

    def _clock(self) -> None:
        phone = self._one()
        self.skewed.add(phone.name)
        phone.ask("clock", days=self.choice.randint(-DAYS, DAYS))

    def _reassign(self) -> None:
        phone = self._one()
        with self.office:
            self.grids[phone.name] = self.county.office(
                "reassign", self.seeds["secretary"], self.users[phone.name],
                self.seeds["grids"], self.choice.randrange(10**6),
            )  # fmt: skip

    def _revoke(self) -> None:
        """A phone is taken back and, being the same hand's, enrolled anew."""
        phone = self._one()
        with self.office:
            token = self.county.office(
                "revoke", self.seeds["secretary"], self.users[phone.name]
            )
        time.sleep(self.choice.uniform(0, 1))
        phone.ask("enrol", token=token, n=-1)

    def _upgrade(self) -> None:
        phone = self._one()
        phone.kill()
        phone.script = self.apps[1]
        phone.start()

    def _restore(self) -> None:
        """The office comes back from a backup of some seconds ago."""
        backup = self.folder / f"backup{self.report.counts['restore']}"
        with self.office:
            self.county.run("backup", str(backup))
            time.sleep(self.choice.uniform(2, 4))
            self.watched.clear()
            self.county.kill_all()
            self.county.let_go()
            self.county.run("restore", "--replace", str(backup))
            self.county.start()
            self.watched.set()

    def _quiet(self) -> Seen:
        """No more trouble: everything is up; wait until the queues are empty, then look."""
        self.proxy.quiet = True
        self.county.wait()
        for phone in self.phones.values():
            if phone.process is None or phone.process.poll() is not None:
                phone.start()
            phone.ask("clock", days=0)
        began = time.monotonic()
        if self._drain():
            # A last letter from each: nothing after it can hide a change that was not told.
            self._last_words()
            if self._drain():
                self.report.drained = round(time.monotonic() - began, 1)
        # A last pull after everything is in, so that each phone has heard of all the others'.
        for phone in self.phones.values():
            phone.ask("kick")
        time.sleep(1.5)
        with self.office:
            truth = self.county.office("truth", sorted(set(self.users.values())))
        told = {name: self.phones[name].tell() for name in self.phones}
        return self._seen(told, truth)

    def _last_words(self) -> None:
        """One more report from each phone, saved before this ends."""
        asked = set()
        for name in sorted(self.phones):
            self.number += 1
            self._report(name, self.number)
            asked.add(self.number)
        until = time.monotonic() + QUIET / 2
        while asked and time.monotonic() < until:
            time.sleep(0.05)
            for phone in self.phones.values():
                asked -= {promised.n for promised in phone.written.copy().values()}

    def _drain(self) -> bool:
        """Whether every queue was empty before the time for it was over."""
        began = time.monotonic()
        while time.monotonic() - began < QUIET:
            told = {name: self._calm(name) for name in self.phones}
            if all(self._is_drained(t) for t in told.values()):
                return True
            time.sleep(0.5)
        return False

    def _calm(self, name: str) -> dict[str, Any]:
        """What a phone tells, after a nudge; one that was revoked is enrolled again."""
        phone = self.phones[name]
        phone.ask("kick")
        told = phone.tell()
        if told["refused"]:
            with self.office:
                phone.ask("enrol", token=self.county.office("token", self.users[name]), n=-1)
        return told

    def _is_drained(self, told: dict[str, Any]) -> bool:
        unsent = [row for row in told["photos"] if not row[2] and row[1] in _ids(told)]
        return not told["waiting"] and not unsent and not told["refused"]

    def _seen(self, told: dict[str, dict[str, Any]], truth: dict[str, Any]) -> Seen:
        written: dict[str, Any] = {}
        for phone in self.phones.values():
            for number, promised in list(phone.written.items()):
                promised.kind, promised.place = self.kinds[promised.n]
                written[number] = promised
        counts = self.report.counts
        counts["letters"] = len(written)
        counts["photos"] = sum(len(w.media) for w in written.values())
        counts["phone kills"] = sum(p.kills for p in self.phones.values())
        counts["not saved"] = sum(len(p.refused) for p in self.phones.values())
        counts["requests"] = self.proxy.counts["requests"]
        counts["network faults"] = sum(n for f, n in self.proxy.counts.items() if f in FAULTS)
        return Seen(
            written, told, self.users, truth, self.skewed, self.report.drained, self.samples
        )


def _ids(told: dict[str, Any]) -> set[str]:
    """The letters of which a phone holds a copy: only their photos may be sent."""
    return {row[0] for row in told["journal"]} | {row[0] for row in told["waiting"]}


def attack(kind: str, seed: int, **more: Any) -> Report:
    """One attack on one kind of database."""
    return Attack(kind, seed, **more).run()


def hunt(kind: str, name: str, *, seconds: float = 9, tries: int = 8) -> Report:
    """Attack with a bug of our own until it is caught, with at most so many seeds; "" attacks in
    the same way without one, as the control."""
    mutant = MUTANTS.get(name)
    for seed in range(1, tries + 1):
        report = attack(
            kind, seed, seconds=seconds, phones=4, mutant=name, worse=2, photos=0.5,
            nemesis=mutant.hunt if mutant else HUNTS,
        )  # fmt: skip
        if report.broken or not mutant:
            break
    return report
