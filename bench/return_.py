"""After a day without signal all phones of a county come back, and then twice as many.

Workload: PHONES enrolled phones (written straight into their table) with LETTERS prepared letters
of 40 signs each, gzipped in batches of twenty, come within SPREAD seconds to `lianhu serve` over
loopback, on a connection for each push, and wait and come again as the app does. Meanwhile a
secretary and a county officer ask for their first page and their inbox every second. Then twice as
many phones come at the same moment. At the end every letter is looked for by id and hash.
One process drives the phones; like all of ours it works on the server's own processors.
"""

import asyncio
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.crowd import Phone, drain
from bench.pages import PATHS, Desk
from bench.report import spread, tell
from bench.serving import County

KIND = os.environ.get("BENCH_KIND", "postgres")
SCALE = float(os.environ.get("BENCH_SCALE", "0.1"))
PHONES = int(os.environ.get("BENCH_PHONES", "5000"))
LETTERS = int(os.environ.get("BENCH_LETTERS", "40"))
TIMES = int(os.environ.get("BENCH_TIMES", "2"))  # the second load; 0 for none
SPREAD = float(os.environ.get("BENCH_SPREAD", "30"))
MOST_SECONDS = float(os.environ.get("BENCH_SECONDS", "3600"))  # of each load
SEED = 321
ROLES, PAGES, EVERY = ("secretary", "county"), ("home", "mine"), 1.0


class Desks:
    """People at the desk who look at their pages every second until told to stop."""

    def __init__(self, county: County) -> None:
        self.over = threading.Event()
        self.taken: dict[str, list[float]] = {}
        self.failed = 0
        self.people = [
            threading.Thread(target=self._look, args=(role, Desk(county, role)))
            for role in ROLES
        ]
        for person in self.people:
            person.start()

    def _look(self, role: str, desk: Desk) -> None:
        while not self.over.wait(EVERY):
            for page in PAGES:
                start = time.perf_counter()
                try:
                    well = desk.get(PATHS[page])[0] == 200
                except OSError:
                    well = False
                took = (time.perf_counter() - start) * 1000
                self.taken.setdefault(f"{role} {page}", []).append(took)
                self.failed += not well

    def stop(self) -> dict[str, Any]:
        """Milliseconds by role and page, and of all together."""
        self.over.set()
        for person in self.people:
            person.join()
        every = [ms for taken in self.taken.values() for ms in taken]
        return {
            "asked": len(every), "failed": self.failed, "all_ms": spread(every),
            **{name: spread(taken) for name, taken in self.taken.items()},
        }  # fmt: skip


def _drive(line: Connection, told: list[dict[str, Any]], port: int, within: float) -> None:
    """The phones' own process: makes their letters, says so, and lets them go when told."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    phones = [Phone(one, LETTERS, f"{SEED} {n}") for n, one in enumerate(told)]
    line.send({ident: sha for phone in phones for ident, sha in phone.sent.items()})
    line.recv()
    seen = asyncio.run(drain(phones, port, within, MOST_SECONDS, SEED))
    line.send(seen.as_dict())


def load(
    county: County, told: list[dict[str, Any]], within: float
) -> tuple[dict[str, Any], dict[str, str]]:
    """Let the phones come within so many seconds: what was seen, and the letters they had."""
    ours, theirs = multiprocessing.Pipe()
    driver = multiprocessing.get_context("spawn").Process(
        target=_drive, args=(theirs, told, county.port, within)
    )
    driver.start()
    theirs.close()
    sent = ours.recv()
    desks = Desks(county)
    worked, before = county.processor_seconds(), os.getloadavg()[0]
    ours.send("go")
    seen = ours.recv()
    worked = county.processor_seconds() - worked
    found = {
        "phones": len(told), "letters": len(sent), "stored": seen["letters"],
        "phones_not_drained": seen["phones_left"], "seconds": round(seen["seconds"], 1),
        "letters_per_s": round(seen["letters"] / seen["seconds"], 1),
        "push_ms": spread(seen["pushed"]), "refusal_ms": spread(seen["refused"]),
        "answers_by_status": seen["by_status"], "retry_after_s": spread(seen["asked"]),
        "desk": desks.stop(),
        "server_cpu_ms_per_letter": round(worked / max(1, seen["letters"]) * 1e3, 2),
        "server_cpu_share_of_two": round(worked / seen["seconds"] / 2, 2),
        "load": [round(before, 1), round(os.getloadavg()[0], 1)],
    }  # fmt: skip
    driver.join()
    return found, sent


def _fleet(county: County, *words: str) -> Any:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.fleet", *words],
        env=county.environment | {"DJANGO_SETTINGS_MODULE": "lianhu.settings"},
        cwd=Path(__file__).parents[1], check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def run(kind: str) -> dict[str, Any]:
    """Both loads on one kind of database, and whether every letter is there."""
    with County(kind, scale=SCALE) as county:
        phones = _fleet(county, "enrol", str(PHONES * (1 + TIMES)))
        county.serve()
        found: dict[str, Any] = {}
        found["return"], sent = load(county, phones[:PHONES], SPREAD)
        if TIMES:
            found["load_of_more"], more = load(county, phones[PHONES:], 0)
            sent |= more
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(sent, file)
            file.flush()
            found["kept"] = _fleet(county, "stored", file.name)
        return found


def main(*, as_json: bool) -> None:
    """`lianhu bench return`."""
    workload = {"scale": SCALE, "letters_each": LETTERS, "spread_s": SPREAD, "seed": SEED}
    tell("return", workload | {KIND: run(KIND)}, as_json=as_json)
