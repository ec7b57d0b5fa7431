"""The `lianhu` command. Exit codes: 0 done, 1 refused (in words), 2 wrong use."""

import os

import click
import django

from lianhu.cli.audit import audit
from lianhu.cli.county import county
from lianhu.cli.demo import demo
from lianhu.cli.grades import grades
from lianhu.cli.grids import grids
from lianhu.cli.keeping import backup, restore, verify
from lianhu.cli.keys import keys
from lianhu.cli.register import register
from lianhu.cli.running import bench, check, daily, migrate, serve
from lianhu.kernel.postgres.owner import become_owner

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianhu.settings")

COMMANDS: tuple[click.Command, ...] = (
    serve, migrate, daily, check, keys, bench, grids, grades, register, demo, county, audit,
    backup, verify, restore,
)  # fmt: skip


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Lianhu: every household linked to a person who answers."""
    if context.invoked_subcommand != "grids":  # a plain table is divided without the database
        django.setup()
        if context.invoked_subcommand not in ("serve", "check"):
            become_owner()


for _command in COMMANDS:
    main.add_command(_command)
