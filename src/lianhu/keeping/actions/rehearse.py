"""The daily rehearsal: back up, prove it, clear what is too old. Once a day."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.utils.timezone import localdate

from lianhu.keeping.actions.backup import back_up
from lianhu.keeping.actions.old_keys import key_days
from lianhu.keeping.actions.verify import verify_backup
from lianhu.keeping.models import Run
from lianhu.keeping.rules import too_old
from lianhu.keeping.store import media
from lianhu.keeping.store.manifest import list_backups, locked, result_path
from lianhu.keeping.store.person_keys import clear_keys
from lianhu.kernel.catalogue import in_force, read
from lianhu.kernel.errors import Refusal
from lianhu.web.words import words_of


def rehearse(*, at: datetime) -> Run | None:
    """The day's rehearsal in the folder that LIANHU_BACKUPS names; None when it is not set, or
    was done today already. A refusal or an error is a run that is not good, with its words:
    the rest of the daily work goes on."""
    if not settings.LIANHU_BACKUPS:
        return None
    today = localdate(at)
    if Run.objects.filter(kind=Run.Kind.VERIFY, started_at__date=today).exists():
        return None
    folder = Path(settings.LIANHU_BACKUPS)
    try:
        made = back_up(folder, at=at)
        proven = verify_backup(Path(made.backup), at=at)
        if proven.good:
            clear_old(folder, today=today)
    except Refusal as refusal:
        return _failed(at, words_of(refusal))
    except OSError as error:
        return _failed(at, f"备份文件夹 {folder} 写不进去或读不出来：{error.strerror}")
    return proven


def _failed(at: datetime, words: str) -> Run:
    return Run.objects.create(
        kind=Run.Kind.VERIFY, started_at=at, good=False, problems=[words], backup=""
    )


def clear_old(folder: Path, *, today: date) -> list[str]:
    """Remove backups that retention no longer keeps, then photos that none lists; the names.
    Files of persons' keys go by their own, shorter term."""
    rule = in_force(read("keeping.toml")["retention"], today)
    with locked(folder):
        backups = {b: _day(b) for b in list_backups(folder)}
        gone = too_old(
            backups.values(), today=today, keep_days=rule["days"], keep_months=rule["months"]
        )
        removed = [b for b, day in backups.items() if day in gone]
        for backup in removed:
            # The manifest first: what is left of a clearing that is cut off is no backup.
            (backup / "manifest.json").unlink()
            shutil.rmtree(backup)
            result_path(backup).unlink(missing_ok=True)
        if removed:
            _clear_pool(folder)
        clear_keys(folder, today=today, days=key_days(today))
    return [b.name for b in removed]


def _day(backup: Path) -> date:
    made = datetime.strptime(backup.name[:18], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
    return localdate(made)


def _clear_pool(folder: Path) -> None:
    listed = {name for backup in list_backups(folder) for name in media.read_list(backup)}
    for path in (folder / media.POOL).glob("*/*.jpg"):
        if path.stem not in listed:
            path.unlink()
