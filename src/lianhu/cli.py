"""The `lianhu` command. Exit codes: 0 done, 1 refused (in words), 2 wrong use."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import django
from django.core.management import call_command
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianhu.settings")


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Lianhu: every household linked to a person who answers."""
    if context.invoked_subcommand != "grids":  # a plain table is divided without the database
        django.setup()


def spoken(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a refusal into words on standard error, or into JSON, and exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from lianhu.kernel.errors import Refusal  # noqa: PLC0415 - needs the settings
        from lianhu.web.words import words_of  # noqa: PLC0415 - needs the settings

        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            if kwargs.get("as_json"):
                say(
                    json.dumps(
                        {"code": refusal.code, "words": words_of(refusal)}, ensure_ascii=False
                    )
                )
            else:
                click.echo(f"{words_of(refusal)}（{refusal.code}）", err=True)
            sys.exit(1)

    return run


def say(text: str) -> None:
    """Print one answer."""
    click.echo(text)


as_json = click.option("--json", "as_json", is_flag=True, help="For machines.")


@main.command()
@click.option("--port", type=int, default=lambda: int(os.environ.get("PORT", "8000")))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", type=int, default=0, help="Processes; 0: what suits the database.")
@click.option("--migrate/--no-migrate", default=True, show_default=True)
@spoken
def serve(port: int, host: str, workers: int, migrate: bool) -> None:
    """Serve everything from one process tree."""
    from lianhu.web.serving import run_server  # noqa: PLC0415 - needs the settings

    if migrate:
        call_command("migrate", verbosity=0)
    run_server(host, port, workers)


@main.command()
@click.option("--at", type=click.DateTime(), default=None, help="As if it were this moment.")
@as_json
@spoken
def daily(at: datetime | None, as_json: bool) -> None:
    """Clocks, escalations, expiries: run once a day; again on the same day changes nothing."""
    from lianhu.daily import run_daily  # noqa: PLC0415 - needs the settings

    moment = timezone.make_aware(at) if at and timezone.is_naive(at) else at or timezone.now()
    done = run_daily(moment)
    say(json.dumps(done) if as_json else "  ".join(f"{k}: {v}" for k, v in done.items()))


@main.command()
@as_json
@spoken
def check(as_json: bool) -> None:
    """Refuse an unsafe configuration, in words."""
    from lianhu.web.checks import find_faults  # noqa: PLC0415 - needs the settings

    faults = find_faults()
    if as_json:
        say(json.dumps({"faults": faults}, ensure_ascii=False))
    else:
        say("\n".join(faults) or "没有发现问题。")
    sys.exit(1 if faults else 0)


@main.command()
@spoken
def keys() -> None:
    """Make the key ring named by LIANHU_KEYS, if there is none."""
    from django.conf import settings  # noqa: PLC0415 - needs the settings

    from lianhu.kernel.seal import make_ring  # noqa: PLC0415 - needs the settings

    make_ring(settings.LIANHU_KEYS)
    say(str(settings.LIANHU_KEYS))


@main.command()
@click.argument("name")
@as_json
@spoken
def bench(name: str, as_json: bool) -> None:
    """Repeatable measurements; see docs/reference/performance.md."""
    from lianhu.web.benching import run_bench  # noqa: PLC0415 - needs the settings

    run_bench(name, as_json=as_json)


@main.group()
def grids() -> None:
    """Level-3 grids."""


@grids.command("divide")
@click.option("--points", type=click.Path(exists=True, dir_okay=False), required=True)
@click.option("--households", default="20:30", show_default=True)
@click.option("--people", default="70:120", show_default=True)
@as_json
@spoken
def divide(points: str, households: str, people: str, as_json: bool) -> None:
    """Divide the groups of a plain table (group,household,x_m,y_m,people) into grids."""
    from lianhu.grids.points import divide_points  # noqa: PLC0415 - numba loads slowly

    found = divide_points(points, households=_bounds(households), people=_bounds(people))
    say(json.dumps(found, ensure_ascii=False))


def _bounds(text: str) -> tuple[int, int]:
    low, _, high = text.partition(":")
    try:
        return int(low), int(high)
    except ValueError as error:
        raise click.BadParameter(f"{text}: two whole numbers with a colon") from error


@main.group()
def register() -> None:
    """The household register."""


@register.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--place", required=True, help="Code of the county, village or group it is for.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option(
    "--findings",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the workbook back (.xlsx) with the findings in its cells.",
)
@as_json
@spoken
def import_register(
    file: Path, place: str, dry_run: bool, findings: Path | None, as_json: bool
) -> None:
    """Import a household register from .xlsx, .xls or .csv: all of it or nothing.

    Repeating it changes nothing. Exit code 1 when the file cannot be read.
    """
    from lianhu.people.actions.command import import_file  # noqa: PLC0415 - needs the settings
    from lianhu.people.register.annotate import write_findings  # noqa: PLC0415 - as above
    from lianhu.web.words import words_of  # noqa: PLC0415 - needs the settings

    answer = import_file(file, place, dry_run=dry_run, at=timezone.now())
    if findings:
        write_findings(file, answer.register, findings)
    if answer.refusal:
        refused = {"code": answer.refusal.code, "words": words_of(answer.refusal)}
        answer.extra["refusal"] = refused
    for piece in answer.json() if as_json else [answer.words(), "\n"]:
        click.echo(piece, nl=False)
    if answer.refusal and not as_json:
        say(f"不能导入：{words_of(answer.refusal)}")
    if not answer.register.header_rows and not dry_run:
        sys.exit(1)


@register.command("undo")
@click.argument("number", type=click.UUID)
@click.option("--place", default="610921", show_default=True, help="The county.")
@as_json
@spoken
def undo_register(number: UUID, place: str, as_json: bool) -> None:
    """Undo one import as a whole, if nothing of it was changed since."""
    from lianhu.accounts.queries import system_actor  # noqa: PLC0415 - needs the settings
    from lianhu.people.actions.undo import undo_import  # noqa: PLC0415 - needs the settings

    entry = undo_import(system_actor(place, "household.load"), number, at=timezone.now())
    gone = {"households": entry.households, "persons": entry.persons}
    say(json.dumps(gone) if as_json else f"撤销了 {entry.households} 户 {entry.persons} 人。")


@main.command()
@click.option("--scale", type=click.FloatRange(0.001, 1.0), default=1.0, show_default=True)
@click.option("--seed", type=int, default=321, show_default=True)
@click.option("--days", type=click.IntRange(30, 800), default=365, show_default=True)
@as_json
@spoken
def demo(scale: float, seed: int, days: int, as_json: bool) -> None:
    """Build the demo county (made-up people) into the configured, empty database."""
    from lianhu.demo.build import build_county  # noqa: PLC0415 - numpy loads slowly

    call_command("migrate", verbosity=0)
    built = build_county(scale=scale, seed=seed, days=days, silent=as_json)
    say(json.dumps(asdict(built)) if as_json else built.words())
