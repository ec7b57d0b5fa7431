"""Who answers for which grid."""

from django.db import models

from lianhu.accounts.models import Grant, User
from lianhu.accounts.roles import LINE_ROLES, ROLES
from lianhu.territory.models import PlacedRecord


class Posting(PlacedRecord):
    """A line person's office over one grid for a term; its grant carries the rights.

    A grid has at most one leader at a time; one without a leader shows as a gap.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="postings")
    line = models.CharField(max_length=10, choices=[(r, ROLES[r].label) for r in LINE_ROLES])
    grant = models.OneToOneField(Grant, models.PROTECT, related_name="posting")
    is_leader = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)  # last day, inclusive

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"],
                condition=models.Q(is_leader=True, ends_on=None),
                name="posting_one_leader",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.user_id} {self.place_id}"
