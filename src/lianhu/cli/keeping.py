"""`lianhu backup`, `verify`, `restore`."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from tqdm import tqdm

from lianhu.cli.speaking import as_json, say, spoken

folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@contextmanager
def _progress(silent: bool) -> Iterator[Callable[[str, int], None]]:
    """A bar on a terminal: which part, and how far."""
    with tqdm(unit="", disable=True if silent else None) as bar:

        def told(part: str, step: int) -> None:
            bar.set_description(part, refresh=False)
            bar.update(step)

        yield told


def _tell(run: Any, words: str, *, as_json: bool) -> None:
    """What a run found; exit code 1 when it is not good."""
    if as_json:
        answer = {
            "good": run.good, "backup": run.backup, "seconds": run.seconds,
            "found": run.found, "problems": run.problems,
        }  # fmt: skip
        say(json.dumps(answer, ensure_ascii=False))
    else:
        say("\n".join([words, *run.problems]))
    sys.exit(0 if run.good else 1)


@click.command()
@folder
@as_json
@spoken
def backup(folder: Path, as_json: bool) -> None:
    """Back up database and photos into a new folder below DIR, while everything goes on.

    The ring is never inside: keep it apart. Persons' keys, wrapped by it, lie beside it in
    person-keys/ and are to be copied nowhere for longer than a week. Exit code 1 when a photo's
    file is missing.
    """
    from lianhu.keeping.actions.backup import back_up  # noqa: PLC0415 - needs the settings

    with _progress(as_json) as told:
        run = back_up(folder.resolve(), at=timezone.now(), told=told)
    words = (
        f"备份好了：{run.backup}，{run.found['rows']} 行，{run.found['photos']} 张照片，"
        f"用了 {run.seconds} 秒。请用 lianhu verify 演练一遍。"
    )
    _tell(run, words, as_json=as_json)


@click.command()
@folder
@as_json
@spoken
def verify(folder: Path, as_json: bool) -> None:
    """Prove a backup (or the newest below DIR) by restoring it into scratch; 1 when it fails.

    On PostgreSQL the database's user needs the right to make a schema (CREATE on the database).
    """
    from lianhu.keeping.actions.verify import verify_backup  # noqa: PLC0415 - as above

    with _progress(as_json) as told:
        run = verify_backup(folder, at=timezone.now(), told=told)
    how = "能恢复" if run.good else "不能依靠，请重新备份"
    _tell(run, f"{run.backup}：{how}。用了 {run.seconds} 秒。", as_json=as_json)


@click.command()
@folder
@click.option("--replace", is_flag=True, help="Over a database that holds data.")
@click.option(
    "--closed",
    is_flag=True,
    help="Without any file of persons' keys: what they seal is emptied.",
)
@as_json
@spoken
def restore(folder: Path, replace: bool, closed: bool, as_json: bool) -> None:
    """Restore a backup (or the newest below DIR) into an empty database, or with --replace.

    A new epoch begins: phones offer again whatever they still hold, everybody signs in again,
    and what was revoked, deleted or forgotten by its term since the backup stays so.
    """
    from lianhu.keeping.actions.restore import restore_backup  # noqa: PLC0415 - as above

    with _progress(as_json) as told:
        run = restore_backup(
            folder, replace=replace, closed=closed, at=timezone.now(), told=told
        )
    words = f"恢复好了：{run.backup}，用了 {run.seconds} 秒。手机下次联网会把还留着的重新送来。"
    if over := sum(run.found["prepared"]["expired"].values()):
        words += f"期限已到的 {over} 行又删去了。"
    if gone := run.found["closed"]:
        words += f"有 {gone} 个值的本人钥匙没有了，再也打不开，已清空。"
    _tell(run, words, as_json=as_json)
