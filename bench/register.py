"""Register import: 100,000 persons in 30,000 households from one .xlsx of 18 columns.

Each step runs in a process of its own on a fresh database, so that its peak memory is its own:
reading alone (calamine, no judgement) as the baseline, the whole dry run as the command gives it
(JSON of all rows and findings), preview and commit as the desk does them (read, kept sealed,
applied), the same import again, which must change nothing, and the undo. Beside them, in the same
run, django-import-export with its preview (`bench/import_export.py`), when it is installed.
"""

import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import import_export
from bench.report import tell

PERSONS, HOUSEHOLDS, SEED = 100_000, 30_000, 321
COUNTY = "610921"
LIANHU = Path(sys.executable).with_name("lianhu")
ROOT = Path(__file__).parents[1]


def main(*, as_json: bool) -> None:
    """Make the workbook, run each step, print seconds and megabytes."""
    from bench.workbooks import write_workbook  # noqa: PLC0415 - xlsxwriter only here

    with tempfile.TemporaryDirectory(prefix="lianhu-bench-") as folder:
        path = Path(folder, "register.xlsx")
        write_workbook(path, persons=PERSONS, households=HOUSEHOLDS, seed=SEED)
        env = _environment(folder)
        found: dict[str, Any] = {
            "workload": f"{PERSONS} persons, {HOUSEHOLDS} households, seed {SEED}",
            "file_mb": round(path.stat().st_size / 1e6, 1),
        }
        _child(env, "set_up", path)
        for step in ("read_cells", "read_and_judge"):
            found[step] = _child(env, step, path)
        start = time.perf_counter()
        command = [str(LIANHU), "register", "import", str(path), "--place", COUNTY]
        subprocess.run(  # noqa: S603 - our own command
            [*command, "--dry-run", "--json"], env=env, check=True, stdout=subprocess.DEVNULL
        )
        found["dry_run_command_s"] = round(time.perf_counter() - start, 2)
        found["preview_and_commit"] = _child(env, "preview_and_commit", path)
        found["again"] = _child(env, "preview_and_commit", path)
        found["undo"] = _child(env, "undo", path)
        found |= _beside(env, path, found)
        found["judging_to_reading"] = round(
            found["read_and_judge"]["seconds"] / found["read_cells"]["seconds"], 2
        )
    tell("register", found, as_json=as_json)


def _beside(env: dict[str, str], path: Path, ours: dict[str, Any]) -> dict[str, Any]:
    """The same import by django-import-export, or what is missing for it."""
    if gone := import_export.missing():
        return {"django_import_export": f"left out: not installed: {', '.join(gone)}"}
    found = {
        "die_preview": _child(env, "die_preview", path),
        "die_commit": _child(env, "die_commit", path),
    }
    theirs = [found[step] for step in ("die_preview", "die_commit")]
    mine = ours["preview_and_commit"]
    for unit in ("seconds", "cpu_seconds"):
        total = sum(step[unit] for step in theirs)
        found[f"times_faster_by_{unit}"] = round(total / mine[unit], 1)
    return found


def _environment(folder: str) -> dict[str, str]:
    return os.environ | {
        "LIANHU_VAR": folder,
        "DJANGO_SETTINGS_MODULE": "lianhu.settings",
        "LIANHU_LOG": "WARNING",
        "DATABASE_URL": "",
        "LIANHU_SECRET_KEY": secrets.token_hex(32),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }


def _child(env: dict[str, str], step: str, path: Path) -> dict[str, Any]:
    """Run one step in its own process; what it printed last."""
    code = f"from bench.register import run; run({step!r}, {str(path)!r})"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def run(step: str, path: str) -> None:
    """One step, in this process: prints its seconds, processor seconds and peak memory."""
    import django  # noqa: PLC0415 - only in the child

    django.setup()
    start, cpu = time.perf_counter(), spent()
    facts = STEPS[step](Path(path)) or {}
    # The reader is a process of its own that ends before anything is written; both peaks at one
    # moment are the most that they can have taken together.
    mine, readers = (
        resource.getrusage(whose).ru_maxrss // 1024
        for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    answer = {
        "seconds": round(time.perf_counter() - start, 2),
        "cpu_seconds": round(spent() - cpu, 2),
        "peak_mb": mine,
        "peak_mb_of_reader": readers,
        **facts,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


def spent() -> float:
    """Processor seconds of this process and of those that it has ended."""
    return sum(os.times()[:4])


def _set_up(path: Path) -> None:
    import csv  # noqa: PLC0415 - only in the child

    from django.conf import settings  # noqa: PLC0415 - after django.setup
    from django.core.management import call_command  # noqa: PLC0415 - after django.setup

    from lianhu.kernel.catalogue import ROOT as CATALOGUE  # noqa: PLC0415 - as above
    from lianhu.kernel.keyring import make_ring  # noqa: PLC0415 - as above
    from lianhu.territory.actions import load_places, make_place  # noqa: PLC0415 - as above

    make_ring(settings.LIANHU_KEYS)
    call_command("migrate", verbosity=0)
    with (CATALOGUE / "territory" / COUNTY / "divisions.csv").open(encoding="utf-8") as file:
        load_places(make_place(r["code"], r["name"]) for r in csv.DictReader(file))


def _read_cells(path: Path) -> dict[str, Any]:
    from lianhu.people.register.sheets import open_sheets  # noqa: PLC0415 - after setup

    return {"rows": sum(1 for sheet in open_sheets(path) for _ in sheet.rows)}


def _read_and_judge(path: Path) -> dict[str, Any]:
    from lianhu.people.register.read import read_register  # noqa: PLC0415 - after setup

    found = read_register(path, COUNTY)
    return {"persons": len(found.rows), "problems": len(found.problems)}


def _preview_and_commit(path: Path) -> dict[str, Any]:
    from django.utils import timezone  # noqa: PLC0415 - after django.setup

    from lianhu.accounts.queries.actors import system_actor  # noqa: PLC0415 - after setup
    from lianhu.people.actions import drafts  # noqa: PLC0415 - after setup

    now, actor = timezone.now(), system_actor(COUNTY, "household.load")
    begun = time.perf_counter(), spent()
    draft = drafts.open_draft(actor, COUNTY, path.name, path.read_bytes(), at=now)
    draft = drafts.read_draft(actor, draft.id, at=now)
    said = drafts.found_of(draft, rows=False).said  # as the page shows it
    middle = time.perf_counter(), spent()
    drafts.begin_apply(actor, draft.id, at=now)
    drafts.apply_draft(actor, draft.id, at=now)
    return {
        "new": said["new"]["persons"],
        "already": said["already"]["persons"],
        "preview_s": round(middle[0] - begun[0], 2),
        "preview_cpu_s": round(middle[1] - begun[1], 2),
        "commit_s": round(time.perf_counter() - middle[0], 2),
        "commit_cpu_s": round(spent() - middle[1], 2),
    }


def _die_preview(path: Path) -> dict[str, Any]:
    return import_export.run_import(path, dry_run=True)


def _die_commit(path: Path) -> dict[str, Any]:
    return import_export.run_import(path, dry_run=False)


def _undo(path: Path) -> dict[str, Any]:
    from django.utils import timezone  # noqa: PLC0415 - after django.setup

    from lianhu.accounts.queries.actors import system_actor  # noqa: PLC0415 - after django.setup
    from lianhu.people.actions.undo import undo_import  # noqa: PLC0415 - after setup
    from lianhu.people.models import RegisterImport  # noqa: PLC0415 - after setup

    entry = RegisterImport.objects.get()
    undo_import(system_actor(COUNTY, "household.load"), entry.id, at=timezone.now())
    return {"persons": entry.persons}


STEPS = {
    "set_up": _set_up,
    "read_cells": _read_cells,
    "read_and_judge": _read_and_judge,
    "preview_and_commit": _preview_and_commit,
    "undo": _undo,
    "die_preview": _die_preview,
    "die_commit": _die_commit,
}
