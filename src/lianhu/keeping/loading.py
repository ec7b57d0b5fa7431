"""What happens in scratch: load a backup, check it, make it ready to live.

In a process of its own (`lianhu.cli.loading`), whose environment names the scratch place as its
database; `actions/scratch.py` starts it.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from lianhu.kernel.postgres.owner import begin_as_owner


def load(backup: Path, manifest: dict[str, Any]) -> list[str]:
    """Fill the scratch database; what the database itself finds wrong."""
    from lianhu.keeping.store import postgres, sqlite  # noqa: PLC0415 - needs the settings

    if manifest["database"] == "sqlite":
        target = Path(str(settings.DATABASES["default"]["NAME"]))
        sqlite.unpack(backup, target)
        return sqlite.faults_of(target)
    for app, name in manifest["migrations"].items():
        call_command("migrate", app, name, verbosity=0)
    postgres.load(backup, manifest["shape"], lambda n: None)
    return []


def bring_keys(backup: Path, manifest: dict[str, Any]) -> tuple[int, list[str]]:
    """Load persons' keys, and empty what none of them opens, as nobody can open it any more: how
    many values; and in words that there are no keys at all."""
    from lianhu.keeping.owned import empty_closed  # noqa: PLC0415 - needs the settings
    from lianhu.keeping.store.person_keys import NAME, find_keys, load_keys  # noqa: PLC0415

    if NAME not in manifest:
        return 0, []
    keys = find_keys(backup, manifest)
    if keys.path is not None:
        load_keys(keys.path)
    return (
        0 if keys.own else empty_closed(),
        [] if keys.path else ["个人钥匙的文件缺了或变了：身份证号、电话和变更记录打不开"],
    )


def main(backup: Path, report: Path, how: str, forget: Callable[[], dict[str, int]]) -> None:
    """Load and check, `how` being "prove", "prepare" or "closed"; write the report. `forget` deletes
    what is over by its term, rows by rule: of every wing, which this one does not know."""
    begin_as_owner()
    from lianhu.keeping.actions.prepare import prepare  # noqa: PLC0415 - needs the settings
    from lianhu.keeping.actions.prove import prove  # noqa: PLC0415 - as above
    from lianhu.keeping.guards import raise_guards  # noqa: PLC0415 - as above
    from lianhu.keeping.store.manifest import read_manifest  # noqa: PLC0415 - as above

    manifest = read_manifest(backup)
    start = time.perf_counter()
    problems = load(backup, manifest)
    closed, lacking = bring_keys(backup, manifest)
    problems += lacking if how != "closed" else []
    took = {"load": round(time.perf_counter() - start, 1)}
    found = prove(manifest)
    found["problems"] = problems + found["problems"]
    found["closed"] = closed
    if how != "prove":
        call_command("migrate", verbosity=0)
        raise_guards()
        found["prepared"] = prepare(backup, manifest) | {"expired": forget()}
    took["all"] = round(time.perf_counter() - start, 1)
    found["seconds"] = took
    connection.close()
    report.write_text(json.dumps(found, ensure_ascii=False))
