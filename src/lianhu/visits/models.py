"""A visit: somebody of the three lines went to a household; and how often a county wants that."""

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


class Cadence(PlacedRecord):
    """How often a county has its households visited, from a day on; `place` is the county. Never
    edited: another version for the same day or a later one takes its place."""

    since = models.DateField()
    green = models.PositiveSmallIntegerField()  # days, as the others
    yellow = models.PositiveSmallIntegerField()
    red = models.PositiveSmallIntegerField()
    first = models.PositiveSmallIntegerField()
    per_day = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)
    made_by_name = models.CharField(max_length=50)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["place", "since"], name="cadence_place_since")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    red__gte=1,
                    yellow__gte=models.F("red"),
                    green__gte=models.F("yellow"),
                ),
                name="cadence_more_help_is_sooner",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.since}"
