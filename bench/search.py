"""Search of two Chinese characters over 300,000 texts, in and out of a village's scope.

Workload: the index alone, filled with 300,000 made-up texts of 15-60 signs spread over 150
villages (seeded); 200 searches of pairs, from very common to rare, for a village secretary's
scope and for the county's. Baseline in the same run: the same pairs with LIKE '%…%' over the
plain texts. Then the same at 30,000 and 100,000 texts, for the growth.
"""

import os
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import django

from bench.report import percentile, tell
from tools.pg_cluster import Cluster

SEED = 321
SIZES = (30_000, 100_000, 300_000)
SEARCHES = 200


def _texts(count: int) -> list[tuple[UUID, str, str, str]]:
    """Rows for the index: made of real words of the field joined at random."""
    from lianhu.kernel.catalogue import read_folder  # noqa: PLC0415 - needs the settings

    rng = random.Random(SEED)  # noqa: S311 - a workload
    signs = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
    words = [k["name"] for top in read_folder("matters") for k in top["kinds"]]
    rows = []
    for number in range(count):
        text = "".join(
            rng.choice(words) + "".join(rng.choices(signs, k=rng.randint(2, 9)))
            for _ in range(rng.randint(2, 5))
        )
        village = f"6109211{number % 10:02d}2{number // 10 % 15:02d}"
        rows.append((UUID(int=number + 1), village + "01001", "ordinary", text))
    return rows


def measure(kind: str) -> dict[str, Any]:
    """p50 and p95 in milliseconds at each size."""
    from django.db import connection  # noqa: PLC0415 - needs the settings

    from lianhu.matters.queries.search import find_ids, index_texts  # noqa: PLC0415

    rows = _texts(max(SIZES))
    found: dict[str, Any] = {}
    rng = random.Random(SEED)  # noqa: S311 - a workload
    pairs = [
        row[3][i : i + 2] for row in rng.sample(rows, SEARCHES) for i in [rng.randint(0, 8)]
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (place varchar(17), words text)")
        done = 0
        for size in SIZES:
            for start in range(done, size, 5000):
                chunk = rows[start : min(start + 5000, size)]
                index_texts(chunk)
                cursor.executemany(
                    "INSERT INTO plain VALUES (%s, %s)", [(r[1], r[3]) for r in chunk]
                )
            done = size
            # As autovacuum does in time: GIN keeps what is new in a list until then.
            cursor.execute("VACUUM ANALYZE" if kind == "postgres" else "ANALYZE")
            for scope in ("610921100200", "610921"):
                times = []
                for pair in pairs:
                    begun = time.perf_counter()
                    find_ids(pair, [scope])
                    times.append((time.perf_counter() - begun) * 1000)
                found[f"{size} {scope}"] = {
                    "p50_ms": round(percentile(times, 0.5), 2),
                    "p95_ms": round(percentile(times, 0.95), 2),
                }
        for scope in ("610921100200", "610921"):
            least, most = (found[f"{size} {scope}"] for size in (min(SIZES), max(SIZES)))
            found[f"growth 10x {scope}"] = {
                name: round(most[name] / least[name], 2) for name in least
            }
        times = []
        for pair in pairs[:30]:
            begun = time.perf_counter()
            cursor.execute("SELECT count(*) FROM plain WHERE words LIKE %s", [f"%{pair}%"])
            cursor.fetchone()
            times.append((time.perf_counter() - begun) * 1000)
        found["like_p95_ms"] = round(percentile(times, 0.95), 1)
    return found


def main(*, as_json: bool) -> None:
    """`lianhu bench search`: each database in a process of its own."""
    import json  # noqa: PLC0415 - only here
    import subprocess  # noqa: PLC0415 - only here
    import sys  # noqa: PLC0415 - only here

    found: dict[str, Any] = {"seed": SEED, "searches": SEARCHES}
    for kind in ("sqlite", "postgres"):
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = stack.enter_context(Cluster()).url if kind == "postgres" else ""
            done = subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", "bench.search", kind],
                env=os.environ | {
                    "LIANHU_VAR": folder, "DATABASE_URL": url, "LIANHU_DEMO": "1",
                    "LIANHU_UNGUARDED": "1", "DJANGO_SETTINGS_MODULE": "lianhu.settings",
                },
                cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True,
            )  # fmt: skip
            found[kind] = json.loads(done.stdout)
    tell("search", found, as_json=as_json)


if __name__ == "__main__":
    import json
    import sys

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    click.echo(json.dumps(measure(sys.argv[1])))
