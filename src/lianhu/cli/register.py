"""`lianhu register …`."""

import json
import sys
from pathlib import Path
from uuid import UUID

import click
from django.utils import timezone

from lianhu.cli.speaking import as_json, say, spoken


@click.group()
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
    from lianhu.accounts.queries.actors import system_actor  # noqa: PLC0415 - needs the settings
    from lianhu.people.actions.undo import undo_import  # noqa: PLC0415 - needs the settings

    entry = undo_import(system_actor(place, "household.load"), number, at=timezone.now())
    gone = {"households": entry.households, "persons": entry.persons}
    say(json.dumps(gone) if as_json else f"撤销了 {entry.households} 户 {entry.persons} 人。")


@register.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--place", required=True, help="Code of the county, town, village, group or grid."
)
@click.option(
    "--purpose", default="handover", show_default=True, help="Why; see purposes.toml."
)
@click.option("--masked", is_flag=True, help="Names, numbers and births masked.")
@as_json
@spoken
def export_register(file: Path, place: str, purpose: str, masked: bool, as_json: bool) -> None:
    """Write the living register of a place to FILE (.xlsx), in the shape in which it comes in.

    The ledger says who took how many rows and why. Importing it again changes nothing.
    """
    from lianhu.accounts.queries.actors import system_actor  # noqa: PLC0415 - needs the settings
    from lianhu.people.actions.export import (  # noqa: PLC0415 - needs the settings
        export_register as export,
    )

    verbs = ("export", "register.export", "household.read", "person.read")
    actor = system_actor(place[:6], *verbs)
    count = export(actor, place, file, purpose, whole=not masked, at=timezone.now())
    say(json.dumps({"persons": count}) if as_json else f"导出了 {count} 人。")
