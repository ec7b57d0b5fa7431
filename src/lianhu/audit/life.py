"""Change this database's life: a backup begins, verified backups hold more, a restore."""

from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from lianhu.audit.models import Epoch
from lianhu.audit.queries import epoch


def begin_backup() -> int:
    """The mark of a backup that begins now: its own commit, before the backup's snapshot."""
    epoch()
    with transaction.atomic():
        # open to all: counters of the database itself.
        Epoch.objects.update(mark=F("mark") + 1)
        # open to all: as above.
        return Epoch.objects.get().mark


def cover(mark: int) -> None:
    """Let phones know that verified backups hold whatever was answered below a mark."""
    # open to all: counters of the database itself.
    Epoch.objects.filter(covered__lt=mark).update(covered=mark)


def begin_epoch() -> UUID:
    """A new life, of which no backup knows anything yet."""
    epoch()
    value = uuid4()
    # open to all: counters of the database itself.
    Epoch.objects.update(value=value, mark=1, covered=0)
    return value
