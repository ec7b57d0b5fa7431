"""`lianhu verify DIR`: a backup is proven by restoring it into scratch."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from lianhu.audit.life import cover
from lianhu.audit.queries import epoch
from lianhu.keeping.actions.backup import Told, no_telling
from lianhu.keeping.actions.old_keys import told_of_keys
from lianhu.keeping.actions.scratch import make_scratch, run_there
from lianhu.keeping.models import Run
from lianhu.keeping.store import media
from lianhu.keeping.store.manifest import check_files, find_backup, read_manifest, result_path
from lianhu.kernel.catalogue import read


def verify_backup(path: Path, *, at: datetime, told: Told = no_telling) -> Run:
    """Verify a backup, or the newest of a folder; the run says what was found.

    Refuses ``keeping.no_backup``, ``keeping.bad_manifest``, and as `make_scratch`. The result is
    kept in the database and beside the backup; phones hear of it once enough backups are proven.
    """
    start = time.perf_counter()
    backup = find_backup(path.resolve())
    manifest = read_manifest(backup)
    problems = [f"文件缺了或变了：{name}" for name in check_files(backup, manifest)]
    found: dict[str, Any] = {}
    if not problems:
        told("恢复到试验处", 1)
        with make_scratch(manifest["database"]) as scratch:
            found = run_there(scratch, backup, prepare=False)
        problems += found.pop("problems")
    photos = media.read_list(backup) if not problems else {}
    wrong = media.check_pool(backup.parent, photos, lambda n: told("照片", n))
    problems += [f"照片缺了或变了：{name}" for name in wrong[:20]]
    found["photos"] = len(photos)
    found |= told_of_keys(backup.parent, at=at)
    run = Run(
        kind=Run.Kind.VERIFY, started_at=at, seconds=round(time.perf_counter() - start, 1),
        good=not problems, backup=str(backup), epoch=manifest["epoch"],
        mark=manifest["mark"], found=found, problems=problems,
    )  # fmt: skip
    _keep(run, backup, at)
    return run


def _keep(run: Run, backup: Path, at: datetime) -> None:
    told = {"at": at.isoformat(), "good": run.good, "seconds": run.seconds}
    told |= {"found": run.found, "problems": run.problems}
    result_path(backup).write_text(json.dumps(told, ensure_ascii=False, indent=1))
    run.save()
    if run.good and str(run.epoch) == str(epoch()):
        cover(covered_mark())


def covered_mark() -> int:
    """Below this mark enough verified backups of this epoch hold everything; 0 for not yet."""
    wanted = int(read("keeping.toml")["phones"]["copies"])
    marks = (
        Run.objects.filter(kind=Run.Kind.VERIFY, good=True, epoch=epoch())
        .order_by("-mark")
        .values_list("mark", flat=True)
        .distinct()
    )
    enough = list(marks[:wanted])
    return enough[-1] if len(enough) == wanted else 0
