"""Workbooks on their way into the register, and those that came in."""

from django.db import models

from lianhu.territory.models import PlacedRecord


class RegisterImport(PlacedRecord):
    """One import of a workbook: what it made, so that it can be undone as a whole.

    The identifiers are 16 bytes each, one after the other. `digest` is a sum over what was
    written; another sum at the undo means that something was changed since.
    """

    at = models.DateTimeField()
    actor_id = models.UUIDField()
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    households = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    problems = models.PositiveIntegerField()
    household_ids = models.BinaryField()
    person_ids = models.BinaryField()
    grown = models.JSONField(
        default=dict
    )  # households that were there: how many persons joined
    groups = models.JSONField(default=list)  # codes of groups made for it
    digest = models.CharField(max_length=32)
    corrections_sealed = models.BinaryField(default=b"")  # JSON of the cells mended at the desk
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d}"


class ImportDraft(PlacedRecord):
    """A workbook on its way in: sealed, seen only by who brought it, gone when it is applied,
    dropped or forgotten."""

    class State(models.TextChoices):
        """Where it is."""

        READING = "reading", "正在读表"
        READY = "ready", "可以应用"
        REFUSED = "refused", "不能导入"
        APPLYING = "applying", "正在写入"
        DONE = "done", "已导入"

    at = models.DateTimeField()
    actor_id = models.UUIDField()
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    began_at = models.DateTimeField()  # the reading or writing under way
    rows_read = models.PositiveIntegerField(default=0)
    refusal = models.CharField(max_length=60, blank=True)
    refusal_words = models.CharField(max_length=300, blank=True)
    content_sealed = models.BinaryField(default=b"")
    found_sealed = models.BinaryField(default=b"")
    corrections_sealed = models.BinaryField(default=b"")
    expires_at = models.DateTimeField()
    import_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor_id", "at"], name="draft_actor_at")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"
