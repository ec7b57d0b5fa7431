"""Restore a backup beside the living database, by a process of its own that knows no other.

The process gets the scratch place as its database by its environment, so everything it does there
is what the product does anywhere.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from lianhu.keeping.store import postgres
from lianhu.kernel.errors import Refusal

SCHEMA = "lianhu_scratch_"


@dataclass(frozen=True, slots=True)
class Scratch:
    """A place beside the living database: a file, or a schema of the same database."""

    environment: dict[str, str]
    folder: Path
    schema: str = ""

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.folder / "scratch.sqlite3"


@contextmanager
def make_scratch(kind: str) -> Iterator[Scratch]:
    """A scratch place for a backup of one kind of database; gone afterwards.

    Refuses ``keeping.other_database`` (a backup of PostgreSQL needs a PostgreSQL to be proven
    in), ``keeping.no_scratch`` where the database's user may not make a schema.
    """
    base = Path(settings.VAR)
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="scratch-", dir=base))
    environment = dict(os.environ)
    try:
        if kind == "sqlite":
            scratch = Scratch(environment, folder)
            environment["DATABASE_URL"] = f"sqlite:{scratch.file}"
            yield scratch
            return
        if connection.vendor != "postgresql":
            raise Refusal("keeping.other_database")
        schema = SCHEMA + secrets.token_hex(4)
        try:
            postgres.make_schema(schema)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refusal("keeping.no_scratch") from error
        environment["PGOPTIONS"] = f"-c search_path={schema}"
        try:
            yield Scratch(environment, folder, schema)
        finally:
            postgres.drop_schema(schema)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_there(
    scratch: Scratch, backup: Path, *, prepare: bool, closed: bool = False
) -> dict[str, Any]:
    """Load the backup there and check it; with `prepare` also make it ready to live, `closed`
    though it be without persons' keys. What was found. Refuses ``keeping.not_loaded``."""
    report = scratch.folder / "report.json"
    command = [sys.executable, "-m", "lianhu.cli.loading", str(backup), str(report)]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "closed" if closed else "prepare" if prepare else "prove"],
        env=scratch.environment, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    if done.returncode or not report.is_file():
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Refusal(
            "keeping.not_loaded", why=said[-1][:300] if said else str(done.returncode)
        )
    found: dict[str, Any] = json.loads(report.read_text())
    return found
