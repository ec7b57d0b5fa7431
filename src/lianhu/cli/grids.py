"""`lianhu grids …`."""

import json

import click

from lianhu.cli.speaking import as_json, say, spoken


@click.group()
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
