"""`lianhu grades …`."""

import json
from datetime import datetime
from pathlib import Path

import click
from django.utils import timezone

from lianhu.cli.speaking import as_json, say, spoken


@click.group()
def grades() -> None:
    """How much help households are owed."""


@grades.command("suggest")
@click.option(
    "--place", required=True, help="Code of the county, town, village, group or grid."
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="As of this day.")
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A rule table (TOML) instead of the one in force.",
)
@as_json
@spoken
def suggest_grades(place: str, on: datetime | None, rules: Path | None, as_json: bool) -> None:
    """What the rules would suggest, and the difference; never less help than now.

    Changes nothing: a person decides, at the desk. The JSON is in docs/reference/grades.md.
    """
    from lianhu.accounts.queries.actors import system_actor  # noqa: PLC0415 - needs the settings
    from lianhu.grading.queries.suggest import suggest, suggested_shape  # noqa: PLC0415
    from lianhu.grading.rules.table import read_table  # noqa: PLC0415 - needs the settings
    from lianhu.territory.queries import get_place  # noqa: PLC0415 - needs the settings

    code = get_place(place).code
    table = read_table(rules.read_bytes()) if rules else None
    day = on.date() if on else timezone.localdate()
    actor = system_actor(code[:6], "grade.propose")
    found = suggest(actor, under=code, on=day, table=table)
    shape = suggested_shape(found, code)
    if as_json:
        say(json.dumps(shape, ensure_ascii=False))
        return
    say(f"{found.table.title}（{found.table.label or found.table.source}）")
    say(f"{found.households} 户里，建议多帮 {len(found.more)} 户；没有一户建议少帮。")
    for step in shape["difference"]["by"]:
        say(f"  {step['from']} → {step['to']}：{step['households']} 户")
