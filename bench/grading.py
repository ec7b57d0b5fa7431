"""Grading a whole county (100,000 households, 313,000 people) by a 40-rule table.

The register and the facts lie in a database; a run reads them, judges every household, explains
every suggestion and, for the command, writes the JSON. The baseline is the plain evaluator, one
household after the other, over the same facts in memory: it must find the same, and its time
shows what the columns save.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from bench.report import tell

HOUSEHOLDS, PERSONS, RULES, SEED = 100_000, 313_000, 40, 321
VILLAGES, COUNTY = 150, "610921"
ON = date(2026, 11, 23)
ROOT = Path(__file__).parents[1]


def main(*, as_json: bool) -> None:
    """Build the county in a fresh database, then measure; prints seconds."""
    with tempfile.TemporaryDirectory(prefix="lianhu-bench-") as folder:
        env = os.environ | {
            "LIANHU_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "lianhu.settings",
            "LIANHU_LOG": "WARNING",
            "LIANHU_UNGUARDED": "1",
            "LIANHU_SECRET_KEY": secrets.token_hex(32),
            "PYTHONPATH": str(ROOT),
        }
        if "DATABASE_URL" not in os.environ:
            env["DATABASE_URL"] = ""
        code = "from bench.grading import run; run()"
        done = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout.splitlines()[-1])
    tell("grading", found, as_json=as_json)


def run() -> None:
    """Everything, in this process: prints one JSON line."""
    import django  # noqa: PLC0415 - only in the child

    django.setup()
    _build()
    sys.stdout.write(json.dumps(_measure()) + "\n")


def _table() -> Any:
    """The default rules, filled up to 40 with narrower ones of the same facts."""
    from lianhu.grading.rules import table as tables  # noqa: PLC0415 - after django.setup

    content = tables.table_content(tables.default_tables()[-1])
    rows = content["rules"]
    more = [(n, r) for n, r in enumerate(rows * 3)][: RULES - len(rows)]
    extra = [
        {**r, "code": f"N{n:02d}", "when": {**r["when"], "elders": 1 + n % 3, "children": 1}}
        for n, r in more
    ]
    return tables.make_table({**content, "from": ON, "rules": [*rows, *extra]})


def _build() -> None:
    """Places, households, persons and facts, the same for the same seed."""
    from django.conf import settings  # noqa: PLC0415 - after django.setup
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils.timezone import now  # noqa: PLC0415

    from lianhu.grading.actions.facts import load_facts  # noqa: PLC0415
    from lianhu.kernel.bulk import insert_rows  # noqa: PLC0415
    from lianhu.kernel.keyring import make_ring  # noqa: PLC0415
    from lianhu.people.models import Household, Person  # noqa: PLC0415
    from lianhu.territory.actions import load_places, make_place  # noqa: PLC0415

    make_ring(settings.LIANHU_KEYS)
    call_command("migrate", verbosity=0)
    rng = np.random.default_rng(SEED)
    villages = [f"{COUNTY}{101 + n // 15:03d}{200 + n % 15:03d}" for n in range(VILLAGES)]
    codes = [COUNTY, *sorted({v[:9] for v in villages}), *villages]
    groups = [f"{v}{g:02d}" for v in villages for g in range(1, 8)]
    grids = [f"{g}{n:03d}" for g in groups for n in range(1, 5)]
    load_places(make_place(code, code) for code in [*codes, *groups, *grids])
    place = [grids[n] for n in np.sort(rng.integers(0, len(grids), HOUSEHOLDS)).tolist()]
    ids = [UUID(int=(1 << 120) + n) for n in range(HOUSEHOLDS)]
    size = np.ones(HOUSEHOLDS, dtype=np.int64)
    np.add.at(size, rng.integers(0, HOUSEHOLDS, PERSONS - HOUSEHOLDS), 1)
    homes = (
        (i, p, f"{n:09d}", "某", int(size[n]))
        for n, (i, p) in enumerate(zip(ids, place, strict=True))
    )
    insert_rows(Household, ("id", "place_id", "code", "head_name", "size"), homes)
    house = np.repeat(np.arange(HOUSEHOLDS), size).tolist()
    born = rng.integers(0, 95 * 365, PERSONS).tolist()
    away = (rng.random(PERSONS) < 0.2).tolist()
    persons = (
        (UUID(int=(2 << 120) + n), ids[h], place[h], "某", "97", "1",
         ON - timedelta(days=b), "away" if gone else "home")
        for n, (h, b, gone) in enumerate(zip(house, born, away, strict=True))
    )  # fmt: skip
    names = (
        "id",
        "household_id",
        "place_id",
        "name",
        "relation",
        "sex",
        "born_on",
        "residence",
    )
    insert_rows(Person, names, persons)
    heads = (np.cumsum(size) - size).tolist()
    load_facts(_facts(rng, ids, [UUID(int=(2 << 120) + n) for n in heads], now()))


def _facts(rng: np.random.Generator, ids: list[UUID], heads: list[UUID], at: Any) -> Any:
    """An income band for each household, and further facts for some, or for their heads."""
    from lianhu.grading.rules.table import fact_kinds  # noqa: PLC0415 - after django.setup

    number = 0
    for kind, told in fact_kinds().items():
        if told["from"] != "record":
            continue
        bands = list(told.get("words", ()))
        share = 1.0 if bands else 0.02
        band = rng.choice(4, len(ids), p=(0.05, 0.1, 0.5, 0.35)).tolist()
        for home in np.flatnonzero(rng.random(len(ids)) < share).tolist():
            value = bands[band[home]] if bands else ""
            number += 1
            person = heads[home] if told["of"] == "person" else None
            yield (UUID(int=(3 << 120) + number), ids[home], person, kind, value,
                   date(2026, 1, 1), None, "低保证 2026 年第 12 号", UUID(int=1), "某", at)  # fmt: skip


def _once(actor: Any, table: Any, times: dict[str, list[float]]) -> dict[str, Any]:
    """One round, with nothing of the one before in memory, as a command has it."""
    from lianhu.grading.queries.suggest import suggest, suggested_shape  # noqa: PLC0415
    from lianhu.grading.queries.whatif import what_if  # noqa: PLC0415

    start, cpu = time.perf_counter(), time.process_time()
    found = suggest(actor, under=COUNTY, on=ON, table=table)
    times["suggest_s"].append(time.perf_counter() - start)
    times["suggest_cpu_s"].append(time.process_time() - cpu)
    text = json.dumps(suggested_shape(found, COUNTY), ensure_ascii=False)
    times["suggest_json_s"].append(time.perf_counter() - start)
    start, cpu = time.perf_counter(), time.process_time()
    changed = what_if(actor, table, under=COUNTY, on=ON)
    times["what_if_s"].append(time.perf_counter() - start)
    times["what_if_cpu_s"].append(time.process_time() - cpu)
    return {
        "suggestions": len(found.rows),
        "json_mb": round(len(text.encode()) / 1e6, 1),
        "villages": len([line for line in changed.lines if len(line.code) == 12]),
    }


def _measure() -> dict[str, Any]:
    from lianhu.accounts.queries.actors import system_actor  # noqa: PLC0415 - after django.setup
    from lianhu.grading.queries.evidence import read_homes  # noqa: PLC0415
    from lianhu.grading.rules.columns import evaluate  # noqa: PLC0415

    table = _table()
    actor = system_actor(COUNTY, "grade.propose", "grade.rules")
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(3):
        found = _once(actor, table, times)
    homes = read_homes(actor, "grade.propose", under=COUNTY, on=ON)
    start = time.perf_counter()
    owed, _ = evaluate(table.rules, homes.columns, homes.present)
    columns_s = time.perf_counter() - start
    plain_s = _plain(table, homes, owed.tolist())
    return {
        "workload": f"{HOUSEHOLDS} households, {PERSONS} persons, {len(table.rules)} rules",
        **found,
        **{name: round(sorted(values)[1], 2) for name, values in times.items()},
        "judge_columns_s": round(columns_s, 3),
        "judge_plain_s": round(plain_s, 2),
        "plain_to_columns": round(plain_s / columns_s, 1),
    }


def _plain(table: Any, homes: Any, owed: list[int]) -> float:
    """Seconds of the plain evaluator, which must find the same."""
    from lianhu.grading.rules.colours import BY_ORDER  # noqa: PLC0415 - after django.setup
    from lianhu.grading.rules.table import suggested  # noqa: PLC0415

    columns = {n: (c.values, c.codes.tolist()) for n, c in homes.columns.items()}
    present = [BY_ORDER[o] for o in homes.present.tolist()]
    facts = [
        {n: values[codes[h]] for n, (values, codes) in columns.items() if codes[h] >= 0}
        for h in range(len(present))
    ]
    start = time.perf_counter()
    found = [suggested(table.rules, f, p) for f, p in zip(facts, present, strict=True)]
    spent = time.perf_counter() - start
    if found != [BY_ORDER[o] for o in owed]:
        raise AssertionError("the columns and the plain rules disagree")
    return spent
