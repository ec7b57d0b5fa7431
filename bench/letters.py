"""Letters per second: eight phones, singly and in twenties, against bare commits by pgbench.

Workload: matter.report/1 letters with 40 Chinese signs and a household, each phone in its own
grid, over loopback to `lianhu serve` with all checks, scope, ledger, search index and parcel
versions on. Baseline, in the same run on the same cluster: pgbench with eight clients that
commits the very statements one letter causes, one letter per transaction, without our code.
"""

import hashlib
import http.client
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from bench.report import spread, tell
from bench.serving import County
from tools.pg_cluster import programs

CLIENTS = 8
SECONDS = 10.0
MOST_POSTS = 1500  # by one phone in that time
Letter = dict[str, object]
SEED = 321
WORDS = "桥头的垃圾堆了三天夏天味道大娃娃上学都绕路请派人清运并且装一个盖子谢谢你们"


def letter(number: int, grid: str, household: str, rng: random.Random | None = None) -> Letter:
    """A letter as a phone sends it; its words are shuffled by `rng`."""
    chance = rng or random.Random(number)  # noqa: S311 - a workload
    text = json.dumps(
        {
            "kind": "matter.report/1",
            "device_seq": number,
            "captured_at": "2026-11-23T09:41:00+08:00",
            "place": grid,
            "body": {
                "category": "environment.garbage",
                "words": "".join(chance.sample(WORDS, len(WORDS))),
                "household_id": household,
                "visibility": "ordinary",
            },
        },
        ensure_ascii=False,
    )
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return {"id": str(uuid.uuid4()), "sha256": sha256, "text": text, "media": []}


def _payloads(phone: dict[str, Any], batch: int) -> list[str]:
    """Requests made before the clock starts: the client is not what is measured."""
    rng = random.Random(f"{SEED}{phone['grid']}{batch}")  # noqa: S311 - a workload
    count = MOST_POSTS if batch == 1 else MOST_POSTS // 5
    made = []
    for post in range(count):
        homes = rng.choices(phone["households"], k=batch)
        letters = [letter(post * batch + n, phone["grid"], h, rng) for n, h in enumerate(homes)]
        made.append(json.dumps({"letters": letters}))
    return made


def _client(
    county: County, phone: dict[str, Any], payloads: list[str], until: float, into: list[float]
) -> None:
    line = http.client.HTTPConnection("127.0.0.1", county.port, timeout=60)
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {phone['credential']}",
    }
    for payload in payloads:
        start = time.perf_counter()
        if start >= until:
            return
        line.request("POST", "/api/phone/letters", payload, headers)
        answer = line.getresponse().read()
        into.append(time.perf_counter() - start)
        if answer.count(b'"stored"') != payload.count('"sha256"'):
            raise RuntimeError(f"not stored: {answer[:500]!r}")
    raise RuntimeError("the payloads ran out before the time")


def measure(
    county: County, phones: list[dict[str, Any]], batch: int, seconds: float = SECONDS
) -> dict[str, Any]:
    """Letters per second with `batch` in each POST, and how long a POST took in milliseconds."""
    times: list[float] = []
    made = [_payloads(phone, batch) for phone in phones]
    worked = county.processor_seconds()
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=_client, args=(county, p, m, begun + seconds, times))
        for p, m in zip(phones, made, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    letters = len(times) * batch
    return {
        "letters_per_s": round(letters / took, 1),
        # Of the server's own processes: the figure that a busy machine leaves alone.
        "server_cpu_ms_per_letter": round(
            (county.processor_seconds() - worked) / letters * 1e3, 2
        ),
        "post_ms": spread([t * 1000 for t in times]),
    }


def phones_of(county: County, count: int) -> list[dict[str, Any]]:
    """Enrolled phones, each of another warden in another grid."""
    made = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.phones", str(count)],
        env=county.environment | {"DJANGO_SETTINGS_MODULE": "lianhu.settings"},
        cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True,
    )  # fmt: skip
    phones: list[dict[str, Any]] = json.loads(made.stdout)
    for phone in phones:
        asked = {"token": phone["token"], "device_name": "bench"}
        phone["credential"] = county.post("/api/phone/enrol", asked)["credential"]
    return phones


def bare_commits(county: County) -> float:
    """Transactions per second of pgbench committing what one letter writes and reads."""
    script = subprocess.run(
        [sys.executable, "-m", "bench.letter_sql"],
        env=county.environment | {"DJANGO_SETTINGS_MODULE": "lianhu.settings"},
        cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    folder = programs()
    if county.cluster is None or folder is None:
        raise RuntimeError("pgbench needs the PostgreSQL cluster")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [str(folder / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2",
             "-T", str(int(SECONDS)), "-f", file.name, county.cluster.url],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    match = re.search(r"tps = ([0-9.]+)", done.stdout)
    if match is None:
        raise RuntimeError(done.stdout)
    return float(match[1])


def run(kind: str) -> dict[str, Any]:
    """All figures on one kind of database."""
    with County(kind) as county:
        county.serve()
        phones = phones_of(county, CLIENTS)
        measure(county, phones, 1)  # warm
        found = {"one": measure(county, phones, 1), "twenty": measure(county, phones, 20)}
        if kind == "postgres":
            bare = bare_commits(county)
            found["pgbench_per_s"] = {"commits_per_s": round(bare, 1)}
            for name in ("one", "twenty"):
                found[name]["ratio_to_pgbench"] = round(found[name]["letters_per_s"] / bare, 3)
        return found


def main(*, as_json: bool) -> None:
    """`lianhu bench letters`."""
    found = {"clients": CLIENTS, "seconds": SECONDS, "seed": SEED}
    tell(
        "letters", found | {kind: run(kind) for kind in ("postgres", "sqlite")}, as_json=as_json
    )
