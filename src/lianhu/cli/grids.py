"""`lianhu grids …`."""

import json

import click
import django
from django.utils import timezone

from lianhu.cli.speaking import as_json, say, spoken


@click.group()
def grids() -> None:
    """Level-3 grids."""


@grids.command("divide")
@click.option("--points", type=click.Path(exists=True, dir_okay=False))
@click.option("--place", help="Code of a county, town, village or group of the register.")
@click.option("--dry-run", is_flag=True, help="With --place: only say what would change.")
@click.option("--households", default="20:30", show_default=True, help="With --points.")
@click.option("--people", default="70:120", show_default=True, help="With --points.")
@click.option(
    "--prove",
    is_flag=True,
    help="Prove by group that no division walks less, within 5 minutes; with --place of a fresh "
    "division, which is not applied.",
)
@as_json
@spoken
def divide(
    points: str,
    place: str,
    dry_run: bool,
    households: str,
    people: str,
    prove: bool,
    as_json: bool,
) -> None:
    """Divide groups into grids: those of a plain table (group,household,x_m,y_m,people), or of
    the register, by the county's own bounds."""
    if bool(points) == bool(place):
        raise click.UsageError("either --points or --place")
    if points:
        from lianhu.grids.points import divide_points  # noqa: PLC0415 - numba loads slowly

        found = divide_points(
            points, households=_bounds(households), people=_bounds(people), prove=prove
        )
        say(json.dumps(found, ensure_ascii=False))
        return
    django.setup()
    from lianhu.grids.command import divide_place  # noqa: PLC0415 - needs the settings

    answer = divide_place(place, dry_run=dry_run, prove=prove, at=timezone.now())
    say(json.dumps(answer.json(), ensure_ascii=False) if as_json else answer.words())


def _bounds(text: str) -> tuple[int, int]:
    low, _, high = text.partition(":")
    try:
        return int(low), int(high)
    except ValueError as error:
        raise click.BadParameter(f"{text}: two whole numbers with a colon") from error
