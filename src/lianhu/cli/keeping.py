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


def _about_keys(found: dict[str, Any]) -> str:
    """What is due of persons' keys in the folder, and who removes them."""
    words, days = "", found["key_days"]
    if due := found["keys_due"]:
        words += (
            f"\n个人钥匙过了 {days} 天的期限，该删了（{'、'.join(due)}）："
            "留着它们，村民后来要求删去的还能从旧备份里读出来。"
        )
    if found["by_hand"]:
        words += (
            f"\n这个文件夹不是 LIANHU_BACKUPS：lianhu daily 不清理它，person-keys 里的个人钥匙 {days} "
            "天后要自己删，可以用 lianhu verify --clear-keys；最新的一份它留着，整份备份不要了一起删。"
        )
    return words


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
    person-keys/ and are to be copied nowhere for longer than a week. The daily work removes them
    from LIANHU_BACKUPS and from no other folder, which is said. Exit code 1 when a photo's file is
    missing.
    """
    from lianhu.keeping.actions.backup import back_up  # noqa: PLC0415 - needs the settings

    with _progress(as_json) as told:
        run = back_up(folder.resolve(), at=timezone.now(), told=told)
    words = (
        f"备份好了：{run.backup}，{run.found['rows']} 行，{run.found['photos']} 张照片，"
        f"用了 {run.seconds} 秒。请用 lianhu verify 演练一遍。"
    )
    _tell(run, words + _about_keys(run.found), as_json=as_json)


@click.command()
@folder
@click.option(
    "--clear-keys",
    is_flag=True,
    help="When it is good: remove persons' keys that are due in DIR, but the newest.",
)
@as_json
@spoken
def verify(folder: Path, clear_keys: bool, as_json: bool) -> None:
    """Prove a backup (or the newest below DIR) by restoring it into scratch; 1 when it fails.

    On PostgreSQL the database's user needs the right to make a schema (CREATE on the database).
    Persons' keys that lie beside the backups for longer than a week are named; the daily work
    removes them from LIANHU_BACKUPS only.
    """
    from lianhu.keeping.actions.old_keys import clear_due_keys  # noqa: PLC0415 - as above
    from lianhu.keeping.actions.verify import verify_backup  # noqa: PLC0415 - as above

    with _progress(as_json) as told:
        run = verify_backup(folder, at=timezone.now(), told=told)
    gone = list[str]()
    if clear_keys and run.good:
        gone = clear_due_keys(Path(run.backup).parent, at=timezone.now())
        run.found["keys_due"] = [name for name in run.found["keys_due"] if name not in gone]
    how = "能恢复" if run.good else "不能依靠，请重新备份"
    words = f"{run.backup}：{how}。用了 {run.seconds} 秒。"
    if gone:
        words += f"删去了 {len(gone)} 份过期的个人钥匙。"
    _tell(run, words + _about_keys(run.found), as_json=as_json)


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
