"""Changing the keys of a whole county while people search and a phone sends.

Workload: the demo county at scale 1 (BENCH_SCALE) with its year, served by `lianhu serve`; one
browser of the county officer looks for people by their full ID number (chosen by a seed) without a
pause, each page checked for the right household, and one phone sends a letter four times a second;
60 s before, all through `lianhu keys rotate`, and 60 s after. Then a rotation that is killed in the
middle goes on, to SM4. Baseline: the same searches and letters in the 60 s before.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import click
import django

from bench.letters import letter, phones_of
from bench.pages import Desk
from bench.report import spread, tell
from bench.serving import LIANHU, County

SCALE = float(os.environ.get("BENCH_SCALE", "1.0"))
SEED, PEOPLE = 321, 400
QUIET = 60.0  # seconds of searching before and after
GOAL_MS, GOAL_SECONDS = 50, 600
Times = dict[str, list[float]]


class Traffic:
    """People at work: the times of each search and letter, by what went on meanwhile."""

    def __init__(self, county: County) -> None:
        self.county, self.stage, self.over = county, "before", False
        self.people = _in_county(county, "people")
        self.searches: Times = {}
        self.letters: Times = {}
        self.wrong: list[str] = []
        phone = phones_of(county, 1)[0]
        self.threads = [
            threading.Thread(target=self._guard, args=(work,), daemon=True)
            for work in (self._search, lambda: self._send(phone))
        ]

    def start(self) -> None:
        """Begin; `stop` ends it."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Let the work under way end."""
        self.over = True
        for thread in self.threads:
            thread.join()

    def _guard(self, work: Any) -> None:
        try:
            work()
        except Exception as error:  # told with the figures
            self.wrong.append(repr(error))

    def _search(self) -> None:
        desk, rng = Desk(self.county, "county"), random.Random(SEED)  # noqa: S311 - a workload
        form = {"csrfmiddlewaretoken": desk.token("/desk/places/")}
        while not self.over:
            number, code = rng.choice(self.people)
            stage, start = self.stage, time.perf_counter()
            status, page = desk.post("/desk/places/search/", form | {"words": number})
            taken = (time.perf_counter() - start) * 1000
            if status != 200 or code not in page.decode():
                self.wrong.append(f"{stage}: {status}, {code} is not on the page")
            self.searches.setdefault(stage, []).append(taken)

    def _send(self, phone: dict[str, Any]) -> None:
        number = 0
        while not self.over:
            number += 1
            sent = letter(number, phone["grid"], phone["households"][0])
            stage, start = self.stage, time.perf_counter()
            answer = self.county.post(
                "/api/phone/letters", {"letters": [sent]}, phone["credential"]
            )
            self.letters.setdefault(stage, []).append((time.perf_counter() - start) * 1000)
            if answer["results"][0]["outcome"] != "stored":
                self.wrong.append(f"{stage}: {answer}")
            time.sleep(0.25)


def _in_county(county: County, what: str) -> Any:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.keys", what],
        env=county.environment, cwd=Path(__file__).parents[1], check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def _cut_off_and_resumed(county: County) -> dict[str, Any]:
    """A rotation to SM4, killed after some seconds, and the run that goes on."""
    words = [str(LIANHU), "keys", "rotate", "--json"]
    environment = county.environment | {"LIANHU_SUITE": "sm4"}
    first = subprocess.Popen(  # noqa: S603 - our own command
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(12 + 8 * SCALE)
    first.kill()
    first.wait()
    listed = json.loads(county.run("keys", "list", "--json"))
    found = json.loads(county.run("keys", "rotate", "--json"))
    shares = {row["version"]: row["values"] for row in listed}
    return {"values_when_killed": shares, **found}


def run(kind: str) -> dict[str, Any]:
    """All figures on one kind of database."""
    with County(kind, scale=SCALE) as county:
        start = time.perf_counter()
        _in_county(county, "check")
        checked = round(time.perf_counter() - start, 2)
        county.serve()
        traffic = Traffic(county)
        traffic.start()
        time.sleep(QUIET)
        traffic.stage = "during"
        done = json.loads(county.run("keys", "rotate", "--json"))
        traffic.stage = "after"
        time.sleep(QUIET)
        traffic.stage = "resumed"
        resumed = _cut_off_and_resumed(county)
        traffic.stop()
        county.run("keys", "retire", "1")
        return {
            "values": _in_county(county, "values"), "check_at_the_start_s": checked,
            "rotate": done, "within_goal": done["seconds"] <= GOAL_SECONDS and not done["left"],
            "resumed": resumed,
            "search_ms": {k: spread(v) | {"n": len(v)} for k, v in traffic.searches.items()},
            "search_within_goal": all(
                spread(v)["p95"] < GOAL_MS for v in traffic.searches.values()
            ),
            "letter_ms": {k: spread(v) | {"n": len(v)} for k, v in traffic.letters.items()},
            "wrong": traffic.wrong[:5] or 0,
        }  # fmt: skip


def main(*, as_json: bool) -> None:
    """`lianhu bench keys`."""
    kinds = os.environ.get("BENCH_KINDS", "sqlite postgres").split()
    figures = {kind: run(kind) for kind in kinds}
    tell("keys", {"scale": SCALE, "seed": SEED} | figures, as_json=as_json)


def _people() -> list[list[str]]:
    """ID number and household number of some people, in clear: they are made up."""
    from lianhu.people.models import Person  # noqa: PLC0415 - needs the settings

    rows = Person.objects.exclude(id_index=b"").filter(ended_on=None)
    keys = sorted(rows.values_list("id", flat=True))
    chosen = random.Random(SEED).sample(keys, PEOPLE)  # noqa: S311 - a workload
    found = Person.objects.filter(id__in=chosen).select_related("household").order_by("id")
    return [[person.id_number, person.household.code] for person in found]


def _asked(what: str) -> Any:
    from lianhu.keeping.owned import own_values  # noqa: PLC0415 - needs the settings
    from lianhu.keeping.sealed import needs, require_keys  # noqa: PLC0415 - as above

    if what == "people":
        return _people()
    if what == "values":
        return sum(need.values for need in needs()) + own_values()
    return require_keys()


if __name__ == "__main__":
    django.setup()
    click.echo(json.dumps(_asked(sys.argv[1])))
