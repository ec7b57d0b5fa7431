"""Make a loaded backup ready to live again: a new epoch, nobody signed in, and whatever was
revoked or deleted since done once more."""

from collections import Counter
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

Key = tuple[str, str, str]  # verb, object, moment


def prepare(backup: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Done in scratch, before anybody sees the restored state; what was done, in numbers."""
    at = timezone.now()
    with transaction.atomic():
        begun = begin_epoch()
        Session.objects.all().delete()
        EnrolToken.objects.all().delete()
        again = replay(backup)
        done = dict(Counter(verb for (verb, _, _), did in again.items() if did))
        county = Place.objects.filter(level="county").order_by("code").first()
        code = county.code if county else ""
        record(
            system_actor(code), "keeping.restore", "backup", backup.name[:40], code, at=at,
            quiet=True, made_at=manifest["made_at"], old_epoch=manifest["epoch"],
            replayed=sum(done.values()), again=[list(key) for key in again],
        )  # fmt: skip
    return {"epoch": str(begun), "replayed": done}


def replay(backup: Path) -> dict[Key, bool]:
    """Do again what the lists say and the restored ledger does not know; whether it found anything
    to be done.

    The lists: the one beside the keys, and the copies in this and later backups of the folder,
    for a machine that was lost with its own.
    """
    lists = [lasting_file()]
    lists += [b / LASTING for b in list_backups(backup.parent) if b.name >= backup.name]
    earlier, done = _done_again(), dict[Key, bool]()
    for item in (item for path in lists for item in read_lasting(path)):
        key = (item["verb"], item["object_id"], item["at"])
        if key in done or key in earlier or _is_known(item):
            continue
        if (handler := HANDLERS.get(item["verb"])) is not None:
            done[key] = handler(item)
    return done


def _done_again() -> set[Key]:
    """What restores before the backup did again: what came since, as a new phone after a deletion,
    is not theirs to take."""
    rows = Entry.objects.filter(verb="keeping.restore").values_list("facts", flat=True)
    return {(verb, key, at) for facts in rows for verb, key, at in facts.get("again", [])}


def _is_known(item: dict[str, Any]) -> bool:
    """Whether the restored ledger has the entry, so that the backup has its effect."""
    return Entry.objects.filter(
        verb=item["verb"], object_id=item["object_id"], at=item["at"]
    ).exists()
