"""The ledger and the versions of grids. Append-only; outlives whatever it describes."""

from django.db import models


class Entry(models.Model):
    """One thing done by one actor to one object.

    Actor, object and place are plain values, not foreign keys: an entry must survive all of
    them, and this wing imports nothing above it. `place_id` is named like the column of every
    scoped table so that the one gate, reach(), serves here too.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40, db_index=True)
    place_id = models.CharField(max_length=17)
    row_class = models.CharField(max_length=16, default="ordinary")
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["place_id", "id"], name="entry_place_id")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.verb} {self.object_id}"


class Version(models.Model):
    """How often something that phones hold a copy of has changed; never goes back in an epoch.

    `key` is a grid's code, or "user:<uuid>" for what one person alone may see.
    """

    key = models.CharField(max_length=60, primary_key=True)
    number = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.key} {self.number}"


class Seal(models.Model):
    """Some entries, sealed into the chain after their order was settled.

    `number` has no gaps. `ranges` are the ids sealed here ([first, last], both inclusive): an id
    between them was never used, so an entry that later appears there is a forgery. `floor` is the
    id up to which nothing can appear any more; `pending` says when the next id will be: once none
    of the transactions that were writing is under way. Never changed and never deleted.
    """

    number = models.BigIntegerField(primary_key=True)
    epoch = models.UUIDField()
    at = models.DateTimeField()
    entries = models.BigIntegerField()  # sealed up to and with this one
    last_id = models.BigIntegerField(db_index=True)
    ranges = models.JSONField()
    hash = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    floor = models.BigIntegerField()
    pending = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"seal {self.number} of {self.entries} entries"


class Epoch(models.Model):
    """The life of this database: a UUID that only `lianhu restore` replaces. One row.

    `mark` counts backups begun. Whoever reads it after a commit and finds it lower than a
    backup's own mark knows that the commit is in that backup, whatever any clock says. `covered`
    is the highest mark below which verified backups hold everything.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    value = models.UUIDField()
    mark = models.BigIntegerField(default=1)
    covered = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.value)
