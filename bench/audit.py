"""Sealing and verifying a long ledger, on both databases.

Workload: BENCH_ENTRIES entries (1,000,000) with the facts of a dispatched matter, put into a
small county by COPY or executemany; then `lianhu audit seal` and `lianhu audit verify`, each as
its command, its start included. Baseline: the same rows read by one SELECT into Python and
nothing done with them, in one process.
"""

import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

from bench.report import tell
from bench.serving import County

ENTRIES = int(os.environ.get("BENCH_ENTRIES", "1000000"))
GOAL = 10_000_000


def fill(number: int) -> None:
    """Add so many entries; runs in a process of its own with the county's environment."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - only here
    from uuid import UUID  # noqa: PLC0415 - only here

    from django.db import transaction  # noqa: PLC0415 - needs the settings

    from lianhu.audit.actions import load_entries  # noqa: PLC0415 - needs the settings

    start = datetime(2026, 1, 1, tzinfo=UTC)
    facts = {"office": "610921104:hub", "ref": "7K3M9QX2AB", "due_on": "2026-12-01"}
    rows = (
        (
            start + timedelta(seconds=n, microseconds=n % 1000), UUID(int=n % 5000 + 1),
            "赵镇", "matter.dispatch", "matter", str(UUID(int=n)), "610921104200", "ordinary", facts,
        )
        for n in range(number)
    )  # fmt: skip
    with transaction.atomic():
        load_entries(rows)


def read() -> float:
    """Seconds to read every entry into Python."""
    from django.db import connection  # noqa: PLC0415 - needs the settings

    start = time.perf_counter()
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT * FROM audit_entry WHERE id > %s ORDER BY id LIMIT 20000", [last]
            )
            if not (rows := cursor.fetchall()):
                return time.perf_counter() - start
            last = rows[-1][0]


def _processor() -> float:
    """Processor seconds of all commands so far; on a busy machine they say more than a clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _here(county: County, what: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.audit", what],
        env=county.environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def run(kind: str) -> dict[str, Any]:
    """All figures on one kind of database."""
    with County(kind, scale=0.002, days=30) as county:
        _here(county, "fill")
        start = time.perf_counter()
        sealed = json.loads(county.run("audit", "seal", "--json"))["sealed"]
        sealing = time.perf_counter() - start
        start, used = time.perf_counter(), _processor()
        found = json.loads(county.run("audit", "verify", "--json"))
        verifying, used = time.perf_counter() - start, _processor() - used
        if not found["good"] or sealed < ENTRIES:
            raise RuntimeError(found)
        reading = float(_here(county, "read"))
        return {
            "seal_seconds": round(sealing, 1),
            "verify_seconds": round(verifying, 1),
            "verify_processor_seconds": round(used, 1),
            "verify_for_10_million": round(verifying * GOAL / ENTRIES, 1),
            "baseline_read_seconds": round(reading, 1),
            "ratio_to_read": round(verifying / reading, 2),
        }


def main(*, as_json: bool) -> None:
    """`lianhu bench audit`."""
    figures = {kind: run(kind) for kind in ("sqlite", "postgres")}
    tell("audit", {"entries": ENTRIES} | figures, as_json=as_json)


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "fill":
        fill(ENTRIES)
    else:
        print(read())  # noqa: T201 - its one answer
