"""One-time codes, what households asked about their own data, and who opened one in an emergency.

A request belongs to a household and follows it when it moves: who may see it is asked of the
household's place, never of a copy of it.
"""

from datetime import datetime

from django.db import models

from lianhu.accounts.models import User
from lianhu.grading.models import Appeal
from lianhu.kernel.models import Record
from lianhu.kernel.seal import seal, unseal
from lianhu.people.models import Household, Person, Proposal
from lianhu.rights.rules import Kind, Outcome
from lianhu.territory.models import PlacedRecord


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


class Opening(PlacedRecord):
    """A household that somebody opened in an emergency, for a time, with a reason in words.

    `place` is the household's, or the one that was named where nobody was found: who looked for
    whom is told all the same. `matches` is how many households the name led to, at most 2.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="+", null=True)
    matches = models.PositiveSmallIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    words_sealed = models.BinaryField(default=b"")
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    reviewed_at = models.DateTimeField(null=True)
    proper = models.BooleanField(null=True)
    review_words = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "opened_at"], name="opening_actor_at"),
            models.Index(fields=["reviewed_at", "place"], name="opening_reviewed_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewer=None) | ~models.Q(reviewer=models.F("actor")),
                name="opening_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.opened_at:%Y-%m-%d %H:%M}"

    @property
    def words(self) -> str:
        """Why it was opened; for who opened it, who reviews it, and the household."""
        return unseal(self.words_sealed, f"opening.words.{self.id}")

    def set_words(self, text: str) -> None:
        """Seal the reason."""
        self.words_sealed = seal(text, f"opening.words.{self.id}")

    def is_open(self, at: datetime) -> bool:
        """Whether what it opened may be read at a moment."""
        return self.closed_at is None and self.opened_at <= at < self.ends_at
