"""One-time codes, and what households asked about their own data.

A request belongs to a household and follows it when it moves: who may see it is asked of the
household's place, never of a copy of it.
"""

from django.db import models

from lianhu.grading.models import Appeal
from lianhu.kernel.models import Record
from lianhu.people.models import Household, Person, Proposal
from lianhu.rights.rules import Kind, Outcome


class SignInCode(Record):
    """A code that was asked for, for whatever number: kept only as a keyed hash of code and number
    together, so that neither stands here."""

    code_hash = models.BinaryField(max_length=16)
    expires_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"until {self.expires_at:%Y-%m-%d %H:%M}"


class Request(Record):
    """What a household, or one of its members, asked about its own data, and the answer.

    A correction lies in the register's own queue as a proposal and an appeal with who decides
    appeals; the row here is their receipt, and is answered when they are.
    """

    class Channel(models.TextChoices):
        """Where it was made."""

        BOARD = "board", "网上"
        COUNTER = "counter", "当面"

    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    asker = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in Kind])
    words = models.CharField(max_length=1000, blank=True)
    ref = models.CharField(max_length=10, unique=True)
    channel = models.CharField(max_length=7, choices=Channel)
    received_by = models.UUIDField(null=True)
    received_by_name = models.CharField(max_length=50, blank=True)
    identity = models.CharField(max_length=10, blank=True)  # of catalogue/rights.toml
    made_at = models.DateTimeField()
    due_on = models.DateField()
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="+", null=True)
    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="+", null=True)
    outcome = models.CharField(
        max_length=7, blank=True, choices=[(o.value, o.value) for o in Outcome]
    )
    answer = models.CharField(max_length=1000, blank=True)
    erased = models.JSONField(default=list)  # names of fields, never their values
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    answered_by_name = models.CharField(max_length=50, blank=True)
    told_at = models.DateTimeField(null=True)  # that there is an answer, by text message

    class Meta:
        indexes = [
            models.Index(fields=["household", "made_at"], name="request_household_at"),
            models.Index(fields=["answered_at", "due_on"], name="request_open_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(channel="counter") | ~models.Q(identity=""),
                name="request_counter_identity",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
