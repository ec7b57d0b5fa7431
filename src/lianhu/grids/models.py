"""How each group stands: its grids of now beside what the rule and a fresh division would give."""

from django.db import models

from lianhu.territory.models import Place, PlacedRecord


class Standing(PlacedRecord):
    """One row a group (`place`), computed from the register and never typed; `look_again` keeps it.

    Numbers of people and metres only: nothing of any household.
    """

    village = models.ForeignKey(Place, models.PROTECT, related_name="+")  # that answers now
    looked_on = models.DateField()
    households = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    grids = models.PositiveIntegerField()
    by_rule = models.PositiveIntegerField()  # the number of grids that the rule says
    outside = models.PositiveIntegerField()  # grids of now that break a bound
    reason = models.CharField(max_length=600, blank=True)
    waiting = (
        models.PositiveIntegerField()
    )  # households that a proposal would give another grid
    walk_m = models.FloatField()
    drift = models.FloatField()  # the share by which that walk exceeds a fresh division's
    offers_fresh = models.BooleanField()
    stamp = models.CharField(
        max_length=60
    )  # of the register of the village that it was made from

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place"], name="standing_once_a_group")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.grids}/{self.by_rule}"
