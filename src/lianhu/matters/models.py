"""The matter: what a household needs, says or suffers, followed to its end."""

from django.db import models
from django.db.models.functions import Substr

from lianhu.accounts.models import User
from lianhu.kernel.models import Record
from lianhu.kernel.seal import seal, unseal
from lianhu.matters.rules import STAGE_WORDS, Stage
from lianhu.people.models import Household
from lianhu.territory.models import GuardedRecord, Place, RowClass

CONFIDENTIAL = (RowClass.SENSITIVE, RowClass.ABOUT_OFFICIAL)


class Matter(GuardedRecord):
    """Changes only through `matters.actions`; what happened is in its steps.

    `place` is where it is (grid, group or village), except for a report about an official:
    there it is the county, and `subject_place` keeps the village as a plain value that no scope
    filter reads.
    """

    # Two indexes below begin with the place: one of its own would only be written.
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    ref = models.CharField(max_length=12, unique=True)
    category = models.CharField(max_length=40)
    top = models.CharField(max_length=20)
    words = models.TextField()
    spot = models.CharField(max_length=200, blank=True)
    about = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    subject_place = models.CharField(max_length=17, blank=True)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="matters")
    reporter = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reporter_name = models.CharField(max_length=50)
    reporter_phone_sealed = models.BinaryField(default=b"")
    source = models.CharField(max_length=8)  # phone, desk, board
    handler = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False
    )  # see "whose turn" below
    accused = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    stage = models.CharField(
        max_length=12,
        choices=[(s.value, STAGE_WORDS[s]) for s in Stage],
        default=Stage.REPORTED,
    )
    is_open = models.BooleanField(default=True)
    captured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    due_on = models.DateField()
    waiting_since = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=50, blank=True)
    answerer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    score_words = models.TextField(blank=True)
    escalations = models.PositiveSmallIntegerField(default=0)
    reopenings = models.PositiveSmallIntegerField(default=0)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="copies")
    step_count = models.PositiveSmallIntegerField(default=0)
    origin_kind = models.CharField(max_length=20, blank=True)
    origin_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="matter_ended_is_not_open",
                condition=models.Q(stage__in=[Stage.CLOSED, Stage.MERGED], is_open=False)
                | (~models.Q(stage__in=[Stage.CLOSED, Stage.MERGED]) & models.Q(is_open=True)),
            )
        ]
        indexes = [
            models.Index(fields=["place", "received_at"], name="matter_place_received"),
            models.Index(fields=["is_open", "place", "due_on"], name="matter_open_place_due"),
            models.Index(fields=["is_open", "due_on"], name="matter_open_due"),
            # The top category at the end of an index (it orders nothing there) spares the rows of
            # other kinds from being read when a list asks for one.
            models.Index(
                fields=["office", "is_open", "due_on", "top"], name="matter_office_open_due"
            ),
            models.Index(fields=["place", "top"], name="matter_place_top"),
            # Whose turn it is asks for open ones: a handler's ended ones grow with the years.
            models.Index(fields=["handler", "is_open"], name="matter_handler_open"),
            models.Index(fields=["received_at"], name="matter_received"),
            models.Index(
                fields=[
                    "place",
                    "due_on",
                    "stage",
                    "row_class",
                    "office",
                    "handler",
                    "reporter",
                    "accused",
                    "answerer",
                ],
                condition=models.Q(is_open=True),
                name="matter_at_hand",
            ),
            # A village's newest first: see `queries.lists`.
            models.Index(
                Substr("place_id", 1, 12), "received_at", "id", name="matter_village_received"
            ),
            # The few confidential ones are counted one by one: see `queries.counts`.
            models.Index(
                fields=["place", "received_at"],
                condition=models.Q(row_class__in=CONFIDENTIAL),
                name="matter_confidential_place",
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(row_class__in=CONFIDENTIAL),
                name="matter_confidential_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.category}"

    @property
    def reporter_phone(self) -> str:
        """The phone a resident left, in clear; whoever calls this answers for the purpose."""
        return unseal(self.reporter_phone_sealed, f"matter.phone.{self.id}")

    def set_reporter_phone(self, number: str) -> None:
        """Seal the phone a resident left."""
        self.reporter_phone_sealed = seal(number, f"matter.phone.{self.id}")


class Step(Record):
    """One thing that was done about a matter. Append-only; read through its matter."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    verb = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=50)
    office = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "number"], name="step_matter_number")
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.number} {self.verb}"


class Attachment(models.Model):
    """A photo named by a step; its bytes may still be on their way from the phone."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="attachments")
    step = models.ForeignKey(Step, models.PROTECT, related_name="attachments")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "sha256"], name="attachment_once")
        ]

    def __str__(self) -> str:
        return self.sha256


class EndedCount(models.Model):
    """How many ordinary matters below a county, town or village were received on a day and are
    closed now, and how many of them were answered in time. Kept by `actions.counting`."""

    place = models.CharField(max_length=12)  # a code, and not a link: `reach` has no say here
    received_on = models.DateField()
    ended = models.IntegerField()
    in_time = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "received_on"], name="ended_place_day")
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.received_on} {self.in_time}/{self.ended}"
