"""A visit: somebody of the three lines went to a household."""

from django.db import models

from lianhu.accounts.models import User
from lianhu.people.models import Household
from lianhu.territory.models import PlacedRecord


class Visit(PlacedRecord):
    """A fact, never edited. `place` is the household's grid on that day."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="visits")
    visitor = models.ForeignKey(User, models.PROTECT, related_name="+")
    visitor_name = models.CharField(max_length=50)
    on = models.DateField()
    received_at = models.DateTimeField()
    duties = models.JSONField(default=list)
    words = models.TextField(blank=True)
    matter_id = models.UUIDField(null=True)  # the matter its need became

    class Meta:
        indexes = [
            models.Index(fields=["household", "on"], name="visit_household_on"),
            models.Index(fields=["place", "on"], name="visit_place_on"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.on}"
