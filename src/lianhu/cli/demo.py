"""`lianhu demo`."""

import json
from dataclasses import asdict

import click

from lianhu.cli.speaking import as_json, say, spoken


@click.command()
@click.option("--scale", type=click.FloatRange(0.001, 1.0), default=1.0, show_default=True)
@click.option("--seed", type=int, default=321, show_default=True)
@click.option("--days", type=click.IntRange(30, 800), default=365, show_default=True)
@as_json
@spoken
def demo(scale: float, seed: int, days: int, as_json: bool) -> None:
    """Build the demo county (made-up people) into the configured, empty database."""
    from lianhu.demo.build import build_county  # noqa: PLC0415 - numpy loads slowly
    from lianhu.keeping.guards import bring_up_to_date  # noqa: PLC0415 - needs the settings

    bring_up_to_date()
    built = build_county(scale=scale, seed=seed, days=days, silent=as_json)
    say(json.dumps(asdict(built)) if as_json else built.words())
