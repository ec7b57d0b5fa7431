"""Read versions and the epoch. The entries are read by the desk through territory.reach()."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from lianhu.audit.models import Epoch, Version


def epoch() -> UUID:
    """The UUID of this database's life, made on first use."""
    # open to all: the epoch is no secret, every phone is told it.
    found = Epoch.objects.values_list("value", flat=True)[:1]
    for value in found:
        return value
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
    # open to all: the epoch is no secret, every phone is told it.
    found = Epoch.objects.values_list("value", "mark", "covered")[:1]
    for value, mark, covered in found:
        return Life(value, mark, covered)
    return Life(epoch(), 1, 0)


def versions(keys: list[str]) -> dict[str, int]:
    """The version of each key; 0 for one that never changed. One query."""
    # open to all: a bare counter; callers pass only keys within the actor's reach.
    found = dict(Version.objects.filter(key__in=keys).values_list("key", "number"))
    return {key: found.get(key, 0) for key in keys}
