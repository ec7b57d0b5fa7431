"""Backup, verify and restore of the whole demo county, on both databases.

Workload: the county at scale 1 (BENCH_SCALE) with its year, without photos. Each
figure is the wall time of the command itself, its start included. The restore goes over the
living county; baseline: copying the database's bytes once (SQLite: the file; PostgreSQL: the
dump's files).
"""

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from bench.report import tell
from bench.serving import County

SCALE = float(os.environ.get("BENCH_SCALE", "1.0"))


def _timed(county: County, *words: str) -> tuple[float, dict[str, Any]]:
    start = time.perf_counter()
    found = json.loads(county.run(*words, "--json"))
    return round(time.perf_counter() - start, 1), found


def run(kind: str) -> dict[str, Any]:
    """All figures on one kind of database."""
    with County(kind, scale=SCALE) as county:
        backups = county.folder / "backups"
        took: dict[str, Any] = {"build": round(county.build_seconds, 1)}
        took["backup"], made = _timed(county, "backup", str(backups))
        took["rows"], took["megabytes"] = made["found"]["rows"], made["found"]["bytes"] >> 20
        took["backup_again"], _ = _timed(county, "backup", str(backups))
        took["verify"], proven = _timed(county, "verify", str(backups))
        took["ledger"] = proven["found"]["ledger"]
        took["restore"], restored = _timed(county, "restore", str(backups), "--replace")
        took["restore_parts"] = restored["found"]["seconds"]
        took["baseline_copy"] = _copy(Path(made["backup"]))
        return took


def _copy(backup: Path) -> float:
    start = time.perf_counter()
    shutil.copytree(backup, backup.with_name("copy"))
    os.sync()
    return round(time.perf_counter() - start, 1)


def main(*, as_json: bool) -> None:
    """`lianhu bench restore`."""
    figures = {kind: run(kind) for kind in ("sqlite", "postgres")}
    tell("restore", {"scale": SCALE, "seed": 321} | figures, as_json=as_json)
