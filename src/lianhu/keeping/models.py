"""What the data officer is shown of backups: each run and what it found."""

from django.db import models


class Run(models.Model):
    """One backup, verification or restore. `found` is what was counted; `problems` in words.

    `backup` names the backup's folder, `mark` and `epoch` what it covers (audit.models.Epoch).
    """

    class Kind(models.TextChoices):
        """What was run."""

        BACKUP = "backup", "备份"
        VERIFY = "verify", "演练"
        RESTORE = "restore", "恢复"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    started_at = models.DateTimeField(db_index=True)
    seconds = models.FloatField(default=0)
    good = models.BooleanField()
    backup = models.CharField(max_length=200)
    epoch = models.UUIDField(null=True)
    mark = models.BigIntegerField(default=0)
    found = models.JSONField(default=dict)
    problems = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.kind} {self.backup} {'good' if self.good else 'bad'}"
