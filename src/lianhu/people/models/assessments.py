"""What handling personal data in a new way does to people."""

from django.db import models

from lianhu.territory.models import PlacedRecord


class Assessment(PlacedRecord):
    """What handling personal data in a new way does to people, written before it is done; `place`
    is the county. Never edited and never deleted (个人信息保护法, 55 and 56)."""

    kind = models.CharField(max_length=12)  # of catalogue/assessments.toml
    subject = models.UUIDField(null=True)  # of what, where it is a row of a higher wing
    title = models.CharField(max_length=100)
    purpose = models.TextField()
    necessity = models.TextField()
    risks = models.TextField()
    measures = models.TextField()
    proceed = models.BooleanField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=50)

    class Meta:
        indexes = [
            models.Index(fields=["place", "kind", "subject"], name="assessment_of"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d}"
