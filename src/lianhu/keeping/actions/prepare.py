"""Make a loaded backup ready to live again: a new epoch, nobody signed in, and whatever was
revoked or deleted since done once more."""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from lianhu.accounts.models import EnrolToken, Session
from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.actions import record
from lianhu.audit.lasting import lasting_file, read_lasting
from lianhu.audit.life import begin_epoch
from lianhu.audit.models import Entry
from lianhu.keeping.actions.backup import LASTING
from lianhu.keeping.actions.replay import HANDLERS
from lianhu.keeping.store.manifest import list_backups
from lianhu.territory.models import Place


def prepare(backup: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Done in scratch, before anybody sees the restored state; what was done, in numbers."""
    at = timezone.now()
    with transaction.atomic():
        begun = begin_epoch()
        Session.objects.all().delete()
        EnrolToken.objects.all().delete()
        done = replay(backup)
        county = Place.objects.filter(level="county").order_by("code").first()
        code = county.code if county else ""
        record(
            system_actor(code), "keeping.restore", "backup", backup.name[:40], code, at=at,
            quiet=True, made_at=manifest["made_at"], old_epoch=manifest["epoch"],
            replayed=sum(done.values()),
        )  # fmt: skip
    return {"epoch": str(begun), "replayed": done}


def replay(backup: Path) -> dict[str, int]:
    """Do again what the lists say and the restored ledger does not know; how often each verb.

    The lists: the one beside the keys, and the copies in this and later backups of the folder,
    for a machine that was lost with its own.
    """
    lists = [lasting_file()]
    lists += [b / LASTING for b in list_backups(backup.parent) if b.name >= backup.name]
    seen: set[tuple[str, str, str]] = set()
    done: dict[str, int] = {}
    for item in (item for path in lists for item in read_lasting(path)):
        key = (item["verb"], item["object_id"], item["at"])
        if key in seen or _is_known(item):
            continue
        seen.add(key)
        handler = HANDLERS.get(item["verb"])
        if handler is not None and handler(item):
            done[item["verb"]] = done.get(item["verb"], 0) + 1
    return done


def _is_known(item: dict[str, Any]) -> bool:
    """Whether the restored ledger has the entry, so that the backup has its effect."""
    return Entry.objects.filter(
        verb=item["verb"], object_id=item["object_id"], at=item["at"]
    ).exists()
