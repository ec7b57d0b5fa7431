"""Run the server and the daily work; look at the configuration; measure."""

import json
import os
import sys
from datetime import datetime

import click
from django.utils import timezone

from lianhu.cli.speaking import as_json, say, spoken


@click.command()
@click.option("--port", type=int, default=lambda: int(os.environ.get("PORT", "8000")))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", type=int, default=0, help="Processes; 0: what suits the database.")
@click.option("--migrate/--no-migrate", default=True, show_default=True)
@spoken
def serve(port: int, host: str, workers: int, migrate: bool) -> None:
    """Serve everything from one process tree."""
    from lianhu.keeping.guards import bring_up_to_date, require_guards  # noqa: PLC0415 - as above
    from lianhu.keeping.sealed import require_keys  # noqa: PLC0415 - needs the settings
    from lianhu.kernel.postgres.owner import as_owner  # noqa: PLC0415 - as above
    from lianhu.web.serving import run_server  # noqa: PLC0415 - as above

    with as_owner():
        if migrate:
            bring_up_to_date()
        require_keys()
    require_guards()
    run_server(host, port, workers)


@click.command()
@spoken
def migrate() -> None:
    """Bring the database's tables, and on PostgreSQL their row-level security, to this version:
    as their owner, for a server that runs with --no-migrate."""
    from lianhu.keeping.guards import bring_up_to_date  # noqa: PLC0415 - needs the settings

    bring_up_to_date()
    say("数据库已是这个版本。")


@click.command()
@click.option("--at", type=click.DateTime(), default=None, help="As if it were this moment.")
@as_json
@spoken
def daily(at: datetime | None, as_json: bool) -> None:
    """Clocks, escalations, expiries: run once a day; again on the same day changes nothing."""
    from lianhu.daily import run_daily  # noqa: PLC0415 - needs the settings

    moment = timezone.make_aware(at) if at and timezone.is_naive(at) else at or timezone.now()
    done = run_daily(moment)
    say(json.dumps(done) if as_json else "  ".join(f"{k}: {v}" for k, v in done.items()))


@click.command()
@as_json
@spoken
def check(as_json: bool) -> None:
    """Refuse an unsafe configuration, in words; warn of what a county chose to go without."""
    from lianhu.keeping.guards import (  # noqa: PLC0415 - needs the settings
        find_guard_faults,
        find_guard_warnings,
    )
    from lianhu.keeping.sealed import find_key_faults  # noqa: PLC0415 - as above
    from lianhu.kernel.postgres.owner import as_owner  # noqa: PLC0415 - as above
    from lianhu.web.checks import find_faults  # noqa: PLC0415 - as above

    faults, warnings = find_faults(), []
    if not faults:  # else the database or the ring cannot be read at all
        faults, warnings = find_guard_faults(), find_guard_warnings()
        with as_owner():
            faults += find_key_faults()
    if as_json:
        say(json.dumps({"faults": faults, "warnings": warnings}, ensure_ascii=False))
    else:
        said = faults or ["没有发现问题。"]
        say("\n".join([*said, *(f"提醒：{warning}" for warning in warnings)]))
    sys.exit(1 if faults else 0)


@click.command()
@click.argument("name")
@as_json
@spoken
def bench(name: str, as_json: bool) -> None:
    """Repeatable measurements; see docs/reference/performance.md."""
    from lianhu.web.benching import run_bench  # noqa: PLC0415 - needs the settings

    run_bench(name, as_json=as_json)
