"""Read versions and the epoch. The entries are read by the desk through territory.reach()."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from lianhu.audit.models import Epoch, Version
from lianhu.kernel.direct import as_uuid, read_rows

# The one row; no secret, every phone is told its epoch.
LIFE = 'SELECT "value", "mark", "covered" FROM "audit_epoch"'


def epoch() -> UUID:
    """The UUID of this database's life, made on first use."""
    for value, *_ in read_rows(LIFE):
        return as_uuid(value)
    # open to all: as above, on first use.
    row, _ = Epoch.objects.get_or_create(id=1, defaults={"value": uuid4()})
    return row.value


@dataclass(frozen=True, slots=True)
class Life:
    """This database's life: see `models.Epoch`."""

    epoch: UUID
    mark: int
    covered: int


def life() -> Life:
    """The epoch with the marks of backups. One query."""
    for value, mark, covered in read_rows(LIFE):
        return Life(as_uuid(value), mark, covered)
    return Life(epoch(), 1, 0)


def versions(keys: list[str]) -> dict[str, int]:
    """The version of each key; 0 for one that never changed. One query."""
    # open to all: a bare counter; callers pass only keys within the actor's reach.
    found = dict(Version.objects.filter(key__in=keys).values_list("key", "number"))
    return {key: found.get(key, 0) for key in keys}
